"""The part of drawings in exports and erasures."""

import json
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import Delete, Update

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.charts.drawings.courier import DrawingCourier
from outcry.services.charts.drawings.models import DrawingRow, DrawingVersionRow
from outcry.services.charts.drawings.scopes import Chart, chart_of


class DrawingPersonalData(PersonalData):
    """A person's own charts, what they drew in rooms, and what they wrote on others' drawings there."""

    def __init__(self, *, database: Database, courier: DrawingCourier) -> None:
        self._database = database
        self._courier = courier

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the person's drawings, and each act of theirs that is still known."""
        theirs = or_(DrawingRow.created_by == person_id, DrawingRow.scope_id == person_id)
        drawn = select(DrawingRow).where(theirs).order_by(DrawingRow.id)
        table = DrawingVersionRow
        acts = select(table).where(table.changed_by == person_id).order_by(table.id)
        async with self._database.reading() as session:
            drawings = [_to_json(row) | {"deleted": row.deleted} for row in await session.scalars(drawn)]
            history = [_to_json(row) | {"act": row.act} for row in await session.scalars(acts)]
        if not drawings and not history:
            return ()
        text = json.dumps({"drawings": drawings, "acts": history}, ensure_ascii=False, indent=2)
        return (ExportFile(path="charts/drawings.json", text=text),)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove what these people drew and what they wrote on others' drawings, and all of these organisations."""
        gone, kept = DrawingRow, DrawingVersionRow
        theirs = or_(gone.created_by.in_(person_ids), gone.scope_id.in_(person_ids))
        doomed = select(gone).where(or_(theirs, gone.tenant_id.in_(organisation_ids)))
        written = select(gone).where(or_(gone.text_by.in_(person_ids), gone.changed_by.in_(person_ids)))
        async with self._database.transaction() as transaction:
            session = transaction.session
            rows = list(await session.scalars(doomed))
            charts = {chart_of(row) for row in [*rows, *await session.scalars(written)]}
            removed = [(chart_of(row), row.id, row.version) for row in rows if not row.deleted]
            ids = [row.id for row in rows]
            changed = 0
            for start in range(0, len(ids), 500):
                some = ids[start : start + 500]
                changed += await _run(session, delete(kept).where(kept.drawing_id.in_(some)))
                changed += await _run(session, delete(gone).where(gone.id.in_(some)))
            changed += await _take_out(session, person_ids)
        await self._show(charts, removed)
        return changed

    async def _show(self, charts: set[Chart], removed: list[tuple[Chart, UUID, int]]) -> None:
        for chart in charts:
            async with self._courier.in_order(chart):
                await self._courier.forget(chart)
        for chart, drawing_id, version in removed:
            async with self._courier.in_order(chart):
                await self._courier.removed(chart, drawing_id, version + 1)


async def _take_out(session: AsyncSession, person_ids: tuple[UUID, ...]) -> int:
    """Take people and their words out of drawings that others made."""
    changed = 0
    for table in (DrawingRow, DrawingVersionRow):
        words = update(table).where(table.text_by.in_(person_ids)).values(text="", text_by=None)
        changed += await _run(session, words)
        changed += await _run(session, update(table).where(table.changed_by.in_(person_ids)).values(changed_by=None))
    return changed


async def _run(session: AsyncSession, statement: Delete | Update) -> int:
    done = await session.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[Any], done).rowcount


def _to_json(row: DrawingRow | DrawingVersionRow) -> dict[str, Any]:
    return {
        "drawing_id": str(row.drawing_id if isinstance(row, DrawingVersionRow) else row.id),
        "organisation_id": str(row.tenant_id),
        "room_id": str(row.scope_id) if row.scope == "room" else None,
        "symbol": row.symbol,
        "kind": row.kind,
        "points": row.points,
        "style": row.style,
        "text": row.text,
        "version": row.version,
        "changed_at": row.changed_at.isoformat(),
    }
