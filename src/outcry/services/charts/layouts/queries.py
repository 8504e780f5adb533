"""What reads layouts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.layouts.contracts import Layout, LayoutKind, LayoutList
from outcry.services.charts.layouts.errors import LayoutNotFoundError
from outcry.services.charts.layouts.models import DefaultLayoutRow, LayoutRow
from outcry.services.charts.ownership import visible_to

# Each person has a hundred of a kind at most; of a large organisation's shared ones the list shows so many.
MOST_LISTED = 500


class LayoutQueries:
    """Layouts and templates that a person sees: their own, and those that are shared."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_layouts(self, principal: Principal, kind: LayoutKind | None) -> LayoutList:
        """Return them by name, the person's own first, and which one charts open with."""
        table = LayoutRow
        query = select(table).where(visible_to(principal, table)).limit(MOST_LISTED)
        if kind is not None:
            query = query.where(table.kind == kind)
        chosen = select(DefaultLayoutRow.layout_id).where(
            DefaultLayoutRow.tenant_id == principal.tenant_id, DefaultLayoutRow.person_id == principal.user_id
        )
        async with self._database.reading() as session:
            mine = table.owner_id == principal.user_id
            rows = list(await session.scalars(query.order_by(mine.desc(), table.name, table.id)))
            default_id = await session.scalar(chosen.join(table).where(visible_to(principal, table)))
        return LayoutList(items=tuple(row.to_summary(principal) for row in rows), default_id=default_id)

    async def get_layout(self, principal: Principal, layout_id: UUID) -> Layout:
        """Return one, whole; raises LayoutNotFoundError."""
        async with self._database.reading() as session:
            return (await layout_of(session, principal, layout_id)).to_layout(principal)


async def layout_of(session: AsyncSession, principal: Principal, layout_id: UUID, *, lock: bool = False) -> LayoutRow:
    """Return a layout that a person sees; raises LayoutNotFoundError."""
    query = select(LayoutRow).where(LayoutRow.id == layout_id, visible_to(principal, LayoutRow))
    row: LayoutRow | None = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise LayoutNotFoundError()
    return row
