"""What changes drawings: a row, a version, then everybody who looks at the chart is shown it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.drawings.contracts import Drag, Drawing, Kind, Point, Style
from outcry.services.charts.drawings.courier import DrawingCourier
from outcry.services.charts.drawings.errors import DrawingChangedError, DrawingNotFoundError
from outcry.services.charts.drawings.ledger import Ledger, Next
from outcry.services.charts.drawings.models import DrawingRow, DrawingVersionRow
from outcry.services.charts.drawings.queries import DrawingQueries
from outcry.services.charts.drawings.rules import Content, check, check_points
from outcry.services.charts.drawings.scopes import Charts


class DrawingCommands:
    """Everything that a person can do to drawings, but undo and redo."""

    def __init__(
        self, *, database: Database, charts: Charts, queries: DrawingQueries, courier: DrawingCourier, ledger: Ledger
    ) -> None:
        self._database = database
        self._charts = charts
        self._queries = queries
        self._courier = courier
        self._ledger = ledger

    async def create(
        self, principal: Principal, symbol: str, room_id: UUID | None, *, kind: Kind, content: Content
    ) -> Drawing:
        """Draw on a chart; raises InvalidInputError and TooManyDrawingsError."""
        chart = await self._charts.get(principal, symbol, room_id)
        await self._charts.require_change(principal, chart)
        checked, by = check(kind, content), principal.user_id
        async with self._courier.in_order(chart):
            async with self._database.transaction() as transaction:
                session = transaction.session
                await self._ledger.make_room(session, chart)
                await self._ledger.settle_undone(session, chart, by)
                following = Next(content=checked, text_by=by if checked.text else None)
                row = self._ledger.begin(session, chart, kind, following, by)
                await self._ledger.write(session, row, "created", following, by=by)
            drawing = row.to_drawing()
            await self._courier.drawing(chart, drawing)
        return drawing

    async def change(
        self,
        principal: Principal,
        drawing_id: UUID,
        *,
        version: int,
        points: tuple[Point, ...] | None,
        style: Style | None,
        text: str | None,
    ) -> Drawing:
        """Change what is given; raises DrawingChangedError where the drawing is no longer at this version."""
        chart, _ = await self._queries.get(principal, drawing_id)
        await self._charts.require_change(principal, chart)
        by = principal.user_id
        async with self._courier.in_order(chart):
            async with self._database.transaction() as transaction:
                session = transaction.session
                row = await hold(session, drawing_id, version=version)
                kind, was = row.to_drawing().kind, row.content()
                asked = Content(
                    points=points or was.points, style=style or was.style, text=was.text if text is None else text
                )
                content = check(kind, asked)
                if content == was:
                    return row.to_drawing()
                await self._ledger.settle_undone(session, chart, by)
                text_by = row.text_by if content.text == was.text else by
                await self._ledger.write(session, row, "changed", Next(content=content, text_by=text_by), by=by)
            drawing = row.to_drawing()
            await self._courier.drawing(chart, drawing)
        return drawing

    async def delete(self, principal: Principal, drawing_id: UUID, *, version: int | None) -> None:
        """Take a drawing off its chart; it can be brought back for a while."""
        chart, _ = await self._queries.get(principal, drawing_id)
        await self._charts.require_change(principal, chart)
        async with self._courier.in_order(chart):
            async with self._database.transaction() as transaction:
                session = transaction.session
                row = await hold(session, drawing_id, version=version)
                await self._ledger.settle_undone(session, chart, principal.user_id)
                following = Next(content=row.content(), text_by=row.text_by, deleted=True)
                await self._ledger.write(session, row, "deleted", following, by=principal.user_id)
            await self._courier.removed(chart, row.id, row.version)

    async def restore(self, principal: Principal, drawing_id: UUID, *, version: int, to: int) -> Drawing:
        """Make a drawing as it was at version ``to``, as a new version; also one that is deleted."""
        chart, _ = await self._queries.get(principal, drawing_id, deleted=True)
        await self._charts.require_change(principal, chart)
        async with self._courier.in_order(chart):
            async with self._database.transaction() as transaction:
                session = transaction.session
                row = await hold(session, drawing_id, version=version, deleted=True)
                table = DrawingVersionRow
                past = await session.scalar(select(table).where(table.drawing_id == row.id, table.version == to))
                if past is None:
                    raise DrawingNotFoundError("There is no such version of this drawing.")
                if row.deleted:
                    await self._ledger.make_room(session, chart)
                await self._ledger.settle_undone(session, chart, principal.user_id)
                following = Next(content=past.content(), text_by=past.text_by)
                await self._ledger.write(session, row, "restored", following, by=principal.user_id)
            drawing = row.to_drawing()
            await self._courier.drawing(chart, drawing)
        return drawing

    async def drag(self, principal: Principal, drawing_id: UUID, *, points: tuple[Point, ...]) -> None:
        """Show others where somebody moves a drawing at this moment; nothing is stored. Without points it ends."""
        chart, drawing = await self._queries.get(principal, drawing_id)
        await self._charts.require_change(principal, chart)
        if points:
            check_points(drawing.kind, points)
        drag = Drag(drawing_id=drawing.id, person_id=principal.user_id, version=drawing.version, points=points)
        await self._courier.drag(chart, drag)


async def hold(session: AsyncSession, drawing_id: UUID, *, version: int | None, deleted: bool = False) -> DrawingRow:
    """Return a drawing that this transaction changes, at the version that the person has seen, or at any.

    Raises DrawingNotFoundError, also for one that was deleted unless ``deleted``, and DrawingChangedError.
    """
    row = await session.scalar(select(DrawingRow).where(DrawingRow.id == drawing_id).with_for_update())
    if row is None or (row.deleted and not deleted):
        raise DrawingNotFoundError()
    if version not in (None, row.version):
        raise DrawingChangedError(row.to_drawing(), row.version)
    return row
