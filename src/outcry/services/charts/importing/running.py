"""Imports that were uploaded: one after the other, each told about while it runs and written down when it ends."""

import asyncio
import json
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Table, update

from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.kit.text import shorten
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.importing.contracts import ImportedFile
from outcry.services.charts.importing.history import ImportHistory
from outcry.services.charts.importing.report import (
    MOST_BAD_ROWS,
    SHOWN_BAD_ROWS,
    FileReport,
    ImportOptions,
    Progress,
)
from outcry.services.charts.models import ImportRow, RefusedRow

_LONGEST_REASON = 300

log = logging.getLogger(__name__)
_REPORTS: TypeAdapter[list[ImportedFile]] = TypeAdapter(list[ImportedFile])


@dataclass(slots=True)
class Running:
    """How far an import is; lost with the process, as the import is then."""

    tenant_id: UUID
    folder: Path
    files: Sequence[Path]
    options: ImportOptions
    stage: str = "waiting"
    file: int = 0
    fraction: float = 0.0
    task: asyncio.Task[None] | None = field(default=None, repr=False)


class ImportRunner:
    """Takes uploaded files in, runs them in order, and tells topic ``job:<id>`` how far they are.

    What an earlier process left is taken for cut short: imports run where the store of bars is, and only one process
    has that open.
    """

    def __init__(
        self,
        *,
        database: Database,
        market: ChartsCommands,
        realtime: Realtime,
        clock: Clock,
        folder: Path,
        history: ImportHistory,
    ) -> None:
        self._database = database
        self._market = market
        self._realtime = realtime
        self._clock = clock
        self._folder = folder
        self._history = history
        self._turn = asyncio.Lock()
        self._running: dict[UUID, Running] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._pruning: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Note which imports a restart cut short, remove what was uploaded for them, and forget the oldest."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        async with self._database.transaction() as transaction:
            statement = update(ImportRow).where(ImportRow.status.in_(("waiting", "running")))
            await transaction.session.execute(statement.values(status="interrupted", finished_at=self._clock.now()))
        self._pruning = asyncio.create_task(self._prune(None), name="charts-import-prune")

    async def stop(self) -> None:
        """Give up what is running; the next start says so."""
        tasks = [one.task for one in self._running.values() if one.task is not None]
        tasks += [] if self._pruning is None else [self._pruning]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._telling, return_exceptions=True)

    def progress(self, import_id: UUID) -> Running | None:
        """Return how far an import is, None when it does not run here."""
        return self._running.get(import_id)

    def new_folder(self) -> tuple[UUID, Path]:
        """Return the id of a new import, and the folder for its files."""
        import_id = new_id()
        return import_id, self._folder / str(import_id)

    async def begin(self, import_id: UUID, principal: Principal, files: Sequence[Path], options: ImportOptions) -> None:
        """Write an import down, and run it when those before it are done."""
        named = [_waiting(path) for path in files]
        row = ImportRow(
            id=import_id,
            tenant_id=principal.tenant_id,
            person_id=principal.user_id,
            status="waiting",
            dry_run=options.dry_run,
            report=named,
            created_at=self._clock.now(),
            finished_at=None,
        )
        async with self._database.transaction() as transaction:
            transaction.session.add(row)
        mine = replace(options, tenant_id=principal.tenant_id, actor_id=principal.user_id)
        running = Running(
            tenant_id=principal.tenant_id, folder=self._folder / str(import_id), files=files, options=mine
        )
        self._running[import_id] = running
        running.task = asyncio.create_task(self._run(import_id, running), name=f"charts-import-{import_id}")

    async def _run(self, import_id: UUID, running: Running) -> None:
        # Imported here: what reads files costs a start time and memory, and many a server never imports one.
        from outcry.services.charts.importing.importer import import_files

        status, problem = "failed", "Something went wrong here; the log of the server says what."
        reports: Sequence[FileReport] = ()
        try:
            async with self._turn:
                await self._write(import_id, {"status": "running"})
                await self._prune(running.tenant_id)
                options = replace(running.options, shown_bad_rows=MOST_BAD_ROWS)
                reports = await import_files(
                    self._market, running.files, options, lambda one: self._tell(import_id, running, one)
                )
                status, problem = "done", ""
        except OutcryError as error:
            problem = error.detail
        except Exception:
            log.exception("an import ended early")
        finally:
            await asyncio.to_thread(shutil.rmtree, running.folder, ignore_errors=True)
        try:
            await self._end(import_id, running, status, reports, problem)
        except Exception:
            log.exception("the end of an import could not be written down")
        del self._running[import_id]
        await self._say(import_id, running, status)

    async def _prune(self, tenant_id: UUID | None) -> None:
        try:
            await self._history.prune()
            if tenant_id is not None:
                await self._history.prune_of(tenant_id)
        except Exception:
            log.exception("old imports could not be removed; the next import tries again")

    async def _end(
        self, import_id: UUID, running: Running, status: str, reports: Sequence[FileReport], problem: str
    ) -> None:
        told = _REPORTS.dump_python([_shown(one) for one in reports], mode="json")
        if not told:
            told = [_waiting(path) | {"problem": problem} for path in running.files]
        rows = [
            {
                "import_id": import_id,
                "file": file,
                "number": number,
                "tenant_id": running.tenant_id,
                "line": row.line,
                "reason": shorten(row.reason, _LONGEST_REASON),
            }
            for file, report in enumerate(reports)
            for number, row in enumerate(report.bad_rows)
        ]
        async with self._database.transaction() as transaction:
            values = {"status": status, "report": told, "finished_at": self._clock.now()}
            await transaction.session.execute(update(ImportRow).where(ImportRow.id == import_id).values(**values))
            if rows:
                table = RefusedRow.__table__
                assert isinstance(table, Table)  # noqa: S101  # SQLAlchemy types it as any FROM clause
                await transaction.add_rows(table, rows)

    async def _write(self, import_id: UUID, values: dict[str, str | datetime]) -> None:
        async with self._database.transaction() as transaction:
            await transaction.session.execute(update(ImportRow).where(ImportRow.id == import_id).values(**values))

    def _tell(self, import_id: UUID, running: Running, progress: Progress) -> None:
        running.stage, running.file, running.fraction = progress.stage, progress.number, progress.fraction
        task = asyncio.create_task(self._say(import_id, running, "running"))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _say(self, import_id: UUID, running: Running, status: str) -> None:
        state = {
            "id": str(import_id),
            "status": status,
            "stage": running.stage,
            "file": running.file,
            "file_count": len(running.files),
            "fraction": running.fraction,
        }
        await self._realtime.set_latest(topic_of(running.tenant_id, import_id), json.dumps(state))


def topic_of(tenant_id: UUID, import_id: UUID) -> str:
    """Return the realtime topic that says how far an import of an organisation is."""
    return f"job:{tenant_id}:{import_id}"


def _waiting(path: Path) -> dict[str, Any]:
    return {"name": path.name, "problem": ""}


def _shown(report: FileReport) -> ImportedFile:
    return ImportedFile(
        name=report.path.name,
        status=report.status,
        problem=report.problem,
        field=report.field,
        rows=report.rows,
        changed=report.changed,
        actions=report.actions,
        series=report.series,
        bad_rows=report.bad_rows[:SHOWN_BAD_ROWS],
        bad_row_count=report.bad_row_count,
        row_word=report.row_word,
        ignored_columns=report.ignored_columns,
        notes=report.notes,
    )
