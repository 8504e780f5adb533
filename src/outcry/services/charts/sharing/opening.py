"""Opens shared charts: by a link, counted, and by id for who is signed in."""

from uuid import UUID

from sqlalchemy import select, update

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.rendering.gathering import Look
from outcry.services.charts.rendering.picture import Picture
from outcry.services.charts.rendering.pictures import Pictures
from outcry.services.charts.sharing.access import ShareAccess
from outcry.services.charts.sharing.commands import hash_of
from outcry.services.charts.sharing.contracts import SharedChart
from outcry.services.charts.sharing.errors import ShareNotFoundError
from outcry.services.charts.sharing.models import SNAPSHOT, ShareRow
from outcry.services.charts.sharing.snapshots import Snapshots


class ShareOpener:
    """Shows shares to whom they are for; everybody else is told that there is none."""

    def __init__(
        self, *, database: Database, snapshots: Snapshots, pictures: Pictures, access: ShareAccess, clock: Clock
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._pictures = pictures
        self._access = access
        self._clock = clock

    async def open(self, token: str, look: Look, *, principal: Principal | None = None) -> SharedChart:
        """Open a link and count it. Without somebody who is signed in only what is for anyone opens.

        Raises ShareNotFoundError.
        """
        async with self._database.reading() as session:
            row = await session.scalar(select(ShareRow).where(ShareRow.token_hash == hash_of(token)))
        now = self._clock.now()
        if row is None or row.state(now) != "open":
            raise ShareNotFoundError()
        seen = principal is not None and await self._access.may_see(principal, row, now)
        if row.audience != "anyone" and not seen:
            raise ShareNotFoundError()
        shown = await self._show(row, look)
        counted = update(ShareRow).where(ShareRow.id == row.id)
        async with self._database.transaction() as transaction:
            await transaction.session.execute(counted.values(opened=ShareRow.opened + 1, last_opened_at=now))
        return shown

    async def get(self, principal: Principal, share_id: UUID, look: Look) -> SharedChart:
        """Return what a share shows to somebody whom it is for; raises ShareNotFoundError."""
        return await self._show(await self._row(principal, share_id), look)

    async def get_picture(self, principal: Principal, share_id: UUID, look: Look) -> Picture:
        """Return the same as a picture."""
        row = await self._row(principal, share_id)
        return await self._snapshots.show(row.tenant_id, SNAPSHOT.validate_python(row.snapshot), look)

    async def _row(self, principal: Principal, share_id: UUID) -> ShareRow:
        query = select(ShareRow).where(ShareRow.id == share_id, ShareRow.tenant_id == principal.tenant_id)
        async with self._database.reading() as session:
            row: ShareRow | None = await session.scalar(query)
        if row is None or not await self._access.may_see(principal, row, self._clock.now()):
            raise ShareNotFoundError()
        return row

    async def _show(self, row: ShareRow, look: Look) -> SharedChart:
        snapshot = SNAPSHOT.validate_python(row.snapshot)
        picture = await self._snapshots.show(row.tenant_id, snapshot, look)
        timeframe = picture.bars.timeframe
        return SharedChart(
            title=row.title,
            symbol=picture.bars.symbol,
            name=picture.name,
            timeframe=timeframe,
            created_at=row.created_at,
            expires_at=row.expires_at,
            layout=snapshot.layout,
            bars=picture.bars,
            drawings=picture.drawings,
            hits=picture.hits,
            svg=await self._pictures.to_svg(picture),
        )
