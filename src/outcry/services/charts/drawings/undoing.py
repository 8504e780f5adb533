"""Undo and redo: a person's own acts on a chart, the last first, kept with the drawings and not in a page.

What somebody else did to a drawing since is never lost by it: such an act can no longer be turned, and is passed over.
"""

from typing import Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.drawings.contracts import ActTurned
from outcry.services.charts.drawings.courier import DrawingCourier
from outcry.services.charts.drawings.errors import NothingToRedoError, NothingToUndoError
from outcry.services.charts.drawings.ledger import Ledger, Next
from outcry.services.charts.drawings.models import DrawingRow, DrawingVersionRow
from outcry.services.charts.drawings.queries import turns
from outcry.services.charts.drawings.scopes import Chart, Charts

Way = Literal["undo", "redo"]


class Undoing:
    """Turns acts back and forth."""

    def __init__(self, *, database: Database, charts: Charts, courier: DrawingCourier, ledger: Ledger) -> None:
        self._database = database
        self._charts = charts
        self._courier = courier
        self._ledger = ledger

    async def turn(self, principal: Principal, symbol: str, room_id: UUID | None, way: Way) -> ActTurned:
        """Undo the person's last act on a chart, or redo the one that they undid last.

        Raises NothingToUndoError and NothingToRedoError.
        """
        chart = await self._charts.get(principal, symbol, room_id)
        await self._charts.require_change(principal, chart)
        async with self._courier.in_order(chart):
            async with self._database.transaction() as transaction:
                row = await self._turn(transaction.session, chart, principal.user_id, way)
                # What was passed over stays so, also when there was nothing else.
                can_undo, can_redo = await turns(transaction.session, chart, principal.user_id)
            if row is None:
                raise NothingToUndoError() if way == "undo" else NothingToRedoError()
            drawing = None if row.deleted else row.to_drawing()
            if drawing is None:
                await self._courier.removed(chart, row.id, row.version)
            else:
                await self._courier.drawing(chart, drawing)
        return ActTurned(drawing_id=row.id, version=row.version, drawing=drawing, can_undo=can_undo, can_redo=can_redo)

    async def _turn(self, session: AsyncSession, chart: Chart, by: UUID, way: Way) -> DrawingRow | None:
        while (act := await _next_act(session, chart, by, way)) is not None:
            row = await session.scalar(select(DrawingRow).where(DrawingRow.id == act.drawing_id).with_for_update())
            following = None if row is None else await _following(session, act, by, way)
            if row is None or following is None:
                act.turn = "settled"
                await session.flush()
                continue
            if row.deleted and not following.deleted:
                await self._ledger.make_room(session, chart)
            act.turn = "undone" if way == "undo" else "done"
            said: Literal["undone", "redone"] = "undone" if way == "undo" else "redone"
            await self._ledger.write(session, row, said, following, by=by, turn="settled")
            return row
        return None


async def _next_act(session: AsyncSession, chart: Chart, by: UUID, way: Way) -> DrawingVersionRow | None:
    """Return the newest act that is done or, for redo, the oldest that is undone: it was undone last."""
    table = DrawingVersionRow
    query = select(table).where(chart.holds(table), table.changed_by == by).limit(1)
    if way == "undo":
        query = query.where(table.turn == "done").order_by(table.id.desc())
    else:
        query = query.where(table.turn == "undone").order_by(table.id)
    found: DrawingVersionRow | None = await session.scalar(query)
    return found


async def _following(session: AsyncSession, act: DrawingVersionRow, by: UUID, way: Way) -> Next | None:
    """Return how the drawing is to be after an act is turned, None when others changed it since or it is too old."""
    table = DrawingVersionRow
    others = or_(table.changed_by != by, table.changed_by.is_(None))
    overtaken = select(table.id).where(table.drawing_id == act.drawing_id, table.version > act.version, others)
    if await session.scalar(overtaken.limit(1)) is not None:
        return None
    if way == "redo":
        return _as(act)
    if act.version == 1:
        return Next(content=act.content(), text_by=act.text_by, deleted=True)
    before = select(table).where(table.drawing_id == act.drawing_id, table.version == act.version - 1)
    found = await session.scalar(before)
    return None if found is None else _as(found)


def _as(version: DrawingVersionRow) -> Next:
    return Next(content=version.content(), text_by=version.text_by, deleted=version.deleted)
