"""What reads drawings and their past."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import InvalidInputError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.drawings.contracts import Drawing, DrawingList, DrawingVersion
from outcry.services.charts.drawings.courier import DrawingCourier
from outcry.services.charts.drawings.errors import DrawingNotFoundError
from outcry.services.charts.drawings.models import DrawingRow, DrawingVersionRow
from outcry.services.charts.drawings.scopes import Chart, Charts, chart_of


class DrawingQueries:
    """Drawings on the charts that a person may see."""

    def __init__(self, *, database: Database, charts: Charts, courier: DrawingCourier) -> None:
        self._database = database
        self._charts = charts
        self._courier = courier

    async def list_drawings(self, principal: Principal, symbol: str, room_id: UUID | None) -> DrawingList:
        """Return all drawings on a chart, and where to follow it from."""
        chart = await self._charts.get(principal, symbol, room_id)
        # The position before the rows: what happens in between is in both, while the other order could miss something.
        position = await self._courier.position(chart)
        async with self._database.reading() as session:
            items = await drawings_on(session, chart)
            can_undo, can_redo = await turns(session, chart, principal.user_id)
        changes = await self._charts.may_change(principal, chart)
        return DrawingList(
            items=items,
            topic=chart.topic,
            drags=chart.drags,
            epoch=position.epoch,
            offset=position.offset,
            can_change=changes,
            can_undo=changes and can_undo,
            can_redo=changes and can_redo,
        )

    async def get(self, principal: Principal, drawing_id: UUID, *, deleted: bool = False) -> tuple[Chart, Drawing]:
        """Return a drawing and its chart; raises DrawingNotFoundError, for a deleted one too unless ``deleted``."""
        query = select(DrawingRow).where(DrawingRow.id == drawing_id, DrawingRow.tenant_id == principal.tenant_id)
        async with self._database.reading() as session:
            row = await session.scalar(query)
        if row is None or (row.deleted and not deleted) or not await self._charts.sees(principal, chart_of(row)):
            raise DrawingNotFoundError()
        return chart_of(row), row.to_drawing()

    async def history(
        self,
        principal: Principal,
        symbol: str,
        room_id: UUID | None,
        *,
        drawing_id: UUID | None,
        cursor: str | None,
        limit: int,
    ) -> Page[DrawingVersion]:
        """Return what was done on a chart, or to one of its drawings, newest first."""
        chart = await self._charts.get(principal, symbol, room_id)
        table, count = DrawingVersionRow, clamp_limit(limit)
        query = select(table).where(chart.holds(table)).order_by(table.id.desc()).limit(count + 1)
        if drawing_id is not None:
            query = query.where(table.drawing_id == drawing_id)
        if cursor:
            query = query.where(table.id < _decode(cursor))
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        more = encode_cursor(str(rows[count - 1].id)) if len(rows) > count else None
        return Page(items=tuple(row.to_version() for row in rows[:count]), next_cursor=more)


async def drawings_on(session: AsyncSession, chart: Chart) -> tuple[Drawing, ...]:
    """Return the drawings that are on a chart, oldest first."""
    query = select(DrawingRow).where(chart.holds(DrawingRow), DrawingRow.deleted.is_(False)).order_by(DrawingRow.id)
    return tuple(row.to_drawing() for row in await session.scalars(query))


async def turns(session: AsyncSession, chart: Chart, person_id: UUID) -> tuple[bool, bool]:
    """Say whether a person has something to undo on a chart, and something to redo."""
    table = DrawingVersionRow
    own = (chart.holds(table), table.changed_by == person_id)
    done, undone = (exists().where(*own, table.turn == turn) for turn in ("done", "undone"))
    row = (await session.execute(select(done, undone))).one()
    return bool(row[0]), bool(row[1])


def _decode(cursor: str) -> UUID:
    try:
        return UUID(str(decode_cursor(cursor, str)[0]))
    except ValueError as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
