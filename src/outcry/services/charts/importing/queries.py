"""Past and running imports, and the rows that they refused."""

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select

from outcry.kit.errors import NotFoundError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.ports.database import Database
from outcry.services.charts.importing import contracts
from outcry.services.charts.importing.contracts import Import, ImportedFile, ImportStatus
from outcry.services.charts.importing.running import ImportRunner
from outcry.services.charts.models import ImportRow, RefusedRow

MOST_SHOWN = 1_000
_FILES: TypeAdapter[tuple[ImportedFile, ...]] = TypeAdapter(tuple[ImportedFile, ...])


class ImportNotFoundError(NotFoundError):
    """The organisation has no such import."""

    code, title = "import_not_found", "There is no such import"


class ImportQueries:
    """Reads imports of one organisation."""

    def __init__(self, database: Database, runner: ImportRunner) -> None:
        self._database = database
        self._runner = runner

    async def get(self, tenant_id: UUID, import_id: UUID) -> Import:
        """Return an import; raises ImportNotFoundError."""
        statement = select(ImportRow).where(ImportRow.tenant_id == tenant_id, ImportRow.id == import_id)
        async with self._database.reading() as session:
            row = await session.scalar(statement)
        if row is None:
            raise ImportNotFoundError
        return self._to_import(row)

    async def list_imports(self, tenant_id: UUID, *, cursor: str | None, limit: int) -> Page[Import]:
        """Return a page of imports, the newest first."""
        most = clamp_limit(limit)
        statement = select(ImportRow).where(ImportRow.tenant_id == tenant_id)
        if cursor:
            (before,) = decode_cursor(cursor, str)
            statement = statement.where(ImportRow.id < _to_id(str(before)))
        async with self._database.reading() as session:
            rows = (await session.scalars(statement.order_by(ImportRow.id.desc()).limit(most + 1))).all()
        more = encode_cursor(str(rows[most - 1].id)) if len(rows) > most else None
        return Page(items=tuple(self._to_import(row) for row in rows[:most]), next_cursor=more)

    async def list_rows(
        self, tenant_id: UUID, import_id: UUID, *, cursor: str | None, limit: int
    ) -> Page[contracts.RefusedRow]:
        """Return a page of the rows that an import refused, in the order of its files and their lines."""
        await self.get(tenant_id, import_id)
        most = clamp_limit(limit, most=MOST_SHOWN)
        file, number = (0, -1)
        if cursor:
            file, number = (int(part) for part in decode_cursor(cursor, int, int))
        rows = await self._rows(tenant_id, import_id, (file, number), most + 1)
        more = encode_cursor(rows[most - 1].file, rows[most - 1].number) if len(rows) > most else None
        return Page(items=tuple(rows[:most]), next_cursor=more)

    async def all_rows(self, tenant_id: UUID, import_id: UUID) -> AsyncIterator[contracts.RefusedRow]:
        """Go through all rows that an import refused."""
        after = (0, -1)
        while rows := await self._rows(tenant_id, import_id, after, MOST_SHOWN):
            for row in rows:
                yield row
            after = (rows[-1].file, rows[-1].number)

    async def _rows(
        self, tenant_id: UUID, import_id: UUID, after: tuple[int, int], limit: int
    ) -> list[contracts.RefusedRow]:
        file, number = after
        statement = (
            select(RefusedRow)
            .where(RefusedRow.tenant_id == tenant_id, RefusedRow.import_id == import_id)
            .where((RefusedRow.file > file) | ((RefusedRow.file == file) & (RefusedRow.number > number)))
            .order_by(RefusedRow.file, RefusedRow.number)
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.scalars(statement)).all()
        return [
            contracts.RefusedRow(file=row.file, number=row.number, line=row.line, reason=row.reason) for row in rows
        ]

    def _to_import(self, row: ImportRow) -> Import:
        running = self._runner.progress(row.id)
        told: list[dict[str, Any]] = row.report
        finished = row.finished_at is not None and all("status" in one for one in told)
        return Import(
            id=row.id,
            person_id=row.person_id,
            status=cast(ImportStatus, row.status),
            dry_run=row.dry_run,
            created_at=row.created_at,
            finished_at=row.finished_at,
            stage=running.stage if running else "",
            file=running.file if running else 0,
            fraction=running.fraction if running else float(row.finished_at is not None),
            file_count=len(told),
            problem="" if finished else next((one["problem"] for one in told), ""),
            files=_FILES.validate_python(told) if finished else (),
        )


def _to_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise ImportNotFoundError from error
