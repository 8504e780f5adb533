"""What changes layouts."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.layouts.contracts import ChartLayout, Layout, LayoutKind
from outcry.services.charts.layouts.errors import LayoutChangedError, TooManyLayoutsError
from outcry.services.charts.layouts.models import DefaultLayoutRow, LayoutRow
from outcry.services.charts.layouts.queries import layout_of
from outcry.services.charts.layouts.rules import check_layout
from outcry.services.charts.ownership import clean_name, require_change, require_share

MOST_LAYOUTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What of a layout a person chooses."""

    name: str
    shared: bool
    chart: ChartLayout


class LayoutCommands:
    """Makes, changes and removes layouts and templates, and chooses the one that charts open with."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, principal: Principal, kind: LayoutKind, wanted: Arrangement) -> Layout:
        """Keep an arrangement; raises TooManyLayoutsError and InvalidInputError."""
        require_share(principal, shared=wanted.shared, what="layout")
        name, chart, now = clean_name(wanted.name), check_layout(kind, wanted.chart), self._clock.now()
        row = LayoutRow(
            id=new_id(),
            tenant_id=principal.tenant_id,
            owner_id=principal.user_id,
            kind=kind,
            name=name,
            shared=wanted.shared,
            version=1,
            created_at=now,
            changed_at=now,
        )
        row.take(chart)
        async with self._database.transaction() as transaction:
            await _require_room(transaction.session, principal, kind)
            transaction.session.add(row)
        return row.to_layout(principal)

    async def change(self, principal: Principal, layout_id: UUID, *, version: int, wanted: Arrangement) -> Layout:
        """Make a layout another one; raises LayoutChangedError where it is no longer at this version."""
        require_share(principal, shared=wanted.shared, what="layout")
        name = clean_name(wanted.name)
        async with self._database.transaction() as transaction:
            row = await self._hold(transaction.session, principal, layout_id, version)
            row.take(check_layout("template" if row.kind == "template" else "layout", wanted.chart))
            row.name, row.shared = name, wanted.shared
            row.version += 1
            row.changed_at = self._clock.now()
        return row.to_layout(principal)

    async def delete(self, principal: Principal, layout_id: UUID, *, version: int | None) -> None:
        """Remove a layout, also as the one that charts open with."""
        async with self._database.transaction() as transaction:
            session = transaction.session
            row = await self._hold(session, principal, layout_id, version)
            await session.execute(delete(DefaultLayoutRow).where(DefaultLayoutRow.layout_id == row.id))
            await session.delete(row)

    async def choose(self, principal: Principal, layout_id: UUID | None) -> None:
        """Open charts with this layout from now on, or with none."""
        async with self._database.transaction() as transaction:
            session = transaction.session
            if layout_id is not None:
                await layout_of(session, principal, layout_id, lock=True)
            table = DefaultLayoutRow
            own = (table.tenant_id == principal.tenant_id, table.person_id == principal.user_id)
            await session.execute(delete(table).where(*own))
            if layout_id is not None:
                session.add(table(tenant_id=principal.tenant_id, person_id=principal.user_id, layout_id=layout_id))

    async def _hold(
        self, session: AsyncSession, principal: Principal, layout_id: UUID, version: int | None
    ) -> LayoutRow:
        row = await layout_of(session, principal, layout_id, lock=True)
        require_change(principal, row, what="layout")
        if version not in (None, row.version):
            raise LayoutChangedError(row.to_layout(principal), row.version)
        return row


async def _require_room(session: AsyncSession, principal: Principal, kind: LayoutKind) -> None:
    table = LayoutRow
    own = (table.tenant_id == principal.tenant_id, table.owner_id == principal.user_id, table.kind == kind)
    if (await session.scalar(select(func.count()).select_from(table).where(*own)) or 0) >= MOST_LAYOUTS:
        raise TooManyLayoutsError(f"A person can have {MOST_LAYOUTS} {kind}s at most.")
