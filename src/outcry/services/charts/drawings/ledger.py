"""Writes what becomes of drawings: each act makes the row of the drawing and a version of it."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.services.charts.drawings.contracts import Act
from outcry.services.charts.drawings.errors import TooManyDrawingsError
from outcry.services.charts.drawings.models import DrawingRow, DrawingVersionRow
from outcry.services.charts.drawings.rules import Content
from outcry.services.charts.drawings.scopes import Chart

MOST_DRAWINGS = 200
# Of what is gone, so much can be brought back.
MOST_DELETED = 200
MOST_VERSIONS = 100

Turn = Literal["done", "undone", "settled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """How a drawing is to be from now on, and whose words its text is."""

    content: Content
    text_by: UUID | None
    deleted: bool = False


class Ledger:
    """Acts on drawings. The caller holds the chart and the drawing's row."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def begin(self, session: AsyncSession, chart: Chart, kind: str, following: Next, by: UUID) -> DrawingRow:
        """Return a new drawing, at version 0: before its first act."""
        now = self._clock.now()
        row = DrawingRow(
            id=new_id(),
            tenant_id=chart.tenant_id,
            scope=chart.scope,
            scope_id=chart.scope_id,
            symbol=chart.symbol,
            kind=kind,
            version=0,
            deleted=False,
            created_by=by,
            created_at=now,
            changed_by=by,
            changed_at=now,
            text_by=following.text_by,
        )
        row.take(following.content)
        session.add(row)
        return row

    async def write(
        self, session: AsyncSession, row: DrawingRow, act: Act, following: Next, *, by: UUID, turn: Turn = "done"
    ) -> None:
        """Bring a drawing into its next state, as an act of somebody."""
        row.take(following.content)
        row.text_by, row.deleted = following.text_by, following.deleted
        row.version += 1
        row.changed_by, row.changed_at = by, self._clock.now()
        version = DrawingVersionRow(
            id=new_id(),
            tenant_id=row.tenant_id,
            scope=row.scope,
            scope_id=row.scope_id,
            symbol=row.symbol,
            drawing_id=row.id,
            kind=row.kind,
            points=row.points,
            style=row.style,
            text=row.text,
            text_by=row.text_by,
            version=row.version,
            deleted=row.deleted,
            changed_by=by,
            changed_at=row.changed_at,
            act=act,
            turn=turn,
        )
        await session.flush()
        session.add(version)
        if row.version > MOST_VERSIONS:
            table = DrawingVersionRow
            old = (table.drawing_id == row.id, table.version <= row.version - MOST_VERSIONS)
            await session.execute(delete(table).where(*old))

    async def settle_undone(self, session: AsyncSession, chart: Chart, by: UUID) -> None:
        """Give up what the person took back and could do again: they do something else now."""
        table = DrawingVersionRow
        undone = update(table).where(chart.holds(table), table.changed_by == by, table.turn == "undone")
        await session.execute(undone.values(turn="settled"))

    async def make_room(self, session: AsyncSession, chart: Chart) -> None:
        """Raise TooManyDrawingsError where no drawing fits any more; drop those that were deleted long ago."""
        table = DrawingRow
        present = select(func.count()).select_from(table).where(chart.holds(table), table.deleted.is_(False))
        if (await session.scalar(present) or 0) >= MOST_DRAWINGS:
            raise TooManyDrawingsError(f"A chart can have {MOST_DRAWINGS} drawings at most.")
        gone = select(table.id).where(chart.holds(table), table.deleted.is_(True))
        dropped = list(
            await session.scalars(gone.order_by(table.changed_at.desc(), table.id.desc()).offset(MOST_DELETED))
        )
        if dropped:
            versions = delete(DrawingVersionRow).where(DrawingVersionRow.drawing_id.in_(dropped))
            await session.execute(versions)
            await session.execute(delete(table).where(table.id.in_(dropped)))
