"""Lets go of what was fetched once no message shows it any more: its words at once, then its picture."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, String, and_, delete, exists, or_, select, update
from sqlalchemy import cast as as_type
from sqlalchemy.sql.elements import ColumnElement

from outcry.kit.clock import Clock
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.services.chat.previews.models import PageRow, SwitchRow, UseRow
from outcry.services.chat.previews.visits import picture_key

EVERY = timedelta(seconds=15)
# How long it is remembered that a link led to nothing; of such a page nothing is kept but a digest.
EMPTY_FOR = timedelta(hours=1)
_STEP = 100


class Sweeper:
    """Sweeps pages that nobody links to. What a crash left is found again by the next sweep."""

    def __init__(self, *, database: Database, blobs: Blobs, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._swept_at: datetime | None = None

    async def sweep_now_and_then(self) -> None:
        """Sweep if the last time is a while ago."""
        now = self._clock.now()
        if self._swept_at is None or now - self._swept_at >= EVERY:
            self._swept_at = now
            await self.sweep()

    async def sweep(self) -> int:
        """Drop what is unused; return how many pages went."""
        swept = 0
        while True:
            await self._drop()
            gone = await self._remove()
            swept += gone
            if gone < _STEP:
                return swept

    async def forget_organisations(self, organisation_ids: tuple[UUID, ...]) -> int:
        """Delete what organisations chose, and what they alone had fetched; return how many rows went."""
        gone = delete(SwitchRow).where(SwitchRow.tenant_id.in_(organisation_ids))
        old = update(PageRow).where(PageRow.tenant_id.in_(organisation_ids), _unused(), PageRow.title == "")
        async with self._database.transaction() as transaction:
            changed = cast(CursorResult[Any], await transaction.session.execute(gone)).rowcount
            await transaction.session.execute(old.values(dropped=True))
        return changed + await self.sweep()

    async def _drop(self) -> None:
        """Take the words of pages away that are unused, and let nobody find them."""
        stale = and_(PageRow.title == "", PageRow.fetched_at < self._clock.now() - EMPTY_FOR)
        some = select(PageRow.id).where(PageRow.dropped.is_(False), or_(PageRow.title != "", stale), _unused())
        values = {"dropped": True, "url": "", "title": "", "description": "", "site": ""}
        query = update(PageRow).where(PageRow.id.in_(some.limit(_STEP)), _unused())
        async with self._database.reading() as session:
            if await session.scalar(some.limit(1)) is None:
                return
        async with self._database.transaction() as transaction:
            # Whoever links to it from now on has it fetched anew.
            await transaction.session.execute(query.values(digest=as_type(PageRow.id, String(64)), **values))

    async def _remove(self) -> int:
        """Delete the pictures of dropped pages, then the pages; return how many."""
        query = select(PageRow).where(PageRow.dropped.is_(True)).limit(_STEP)
        async with self._database.reading() as session:
            pages = list(await session.scalars(query))
        for page in pages:
            if page.picture_id:
                await self._blobs.delete(picture_key(page.tenant_id, page.picture_id))
        if pages:
            async with self._database.transaction() as transaction:
                await transaction.session.execute(
                    delete(PageRow).where(PageRow.id.in_([page.id for page in pages]), _unused())
                )
        return len(pages)


def _unused() -> ColumnElement[bool]:
    return ~exists(select(UseRow.page_id).where(UseRow.page_id == PageRow.id))
