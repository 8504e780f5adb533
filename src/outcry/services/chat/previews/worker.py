"""The worker that looks at the links of what was posted, and shows each message with what it found."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.kit.rounds import Rounds
from outcry.ports.cache import Cache
from outcry.ports.database import Database
from outcry.ports.pages import PagesOffError
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import GONE
from outcry.services.chat.messages.access import Told
from outcry.services.chat.models import MessageRow
from outcry.services.chat.names import Names
from outcry.services.chat.previews.links import digest_of, find_links, host_of
from outcry.services.chat.previews.models import PageRow, SwitchRow, UseRow, WishRow
from outcry.services.chat.previews.sweeping import Sweeper
from outcry.services.chat.previews.visits import Visit, Visitor
from outcry.services.chat.previews.wishes import Wishes, this_wish

log = logging.getLogger(__name__)

PAUSE_S = 1.0
AT_ONCE = 6
# Who is asked for so many pages has to do with something else than with us.
MOST_A_HOST, HOST_WINDOW = 20, timedelta(minutes=1)
# Later, nobody looks at the message any more.
GIVEN_UP_AFTER = timedelta(minutes=10)
FRESH_FOR = timedelta(hours=24)
# What had nothing is asked again sooner: its server may have been away.
EMPTY_FOR = timedelta(hours=1)


class TooOftenError(Exception):
    """A host was asked often enough; ``wait`` is for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class PreviewWorker:
    """Looks every second for what is wished; after a crash, what it had begun is done again."""

    def __init__(
        self,
        *,
        database: Database,
        changes: Changes,
        names: Names,
        cache: Cache,
        visitor: Visitor,
        sweeper: Sweeper,
        clock: Clock,
    ) -> None:
        self._database = database
        self._changes = changes
        self._told = Told(names)
        self._cache = cache
        self._visitor = visitor
        self._sweeper = sweeper
        self._clock = clock
        self._wishes = Wishes(database=database, clock=clock)
        self._rounds = Rounds(self._round, name="link-previews", rest_s=PAUSE_S)
        self._busy: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin; what was wished while nothing ran goes first."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop; what is wished stays."""
        await self._rounds.stop()
        for task in self._busy:
            task.cancel()
        await asyncio.gather(*self._busy, return_exceptions=True)

    async def begin(self) -> int:
        """Begin some of what is due; return how much. A slow server keeps one of a few places, not all."""
        wishes = await self._wishes.claim(AT_ONCE - len(self._busy)) if len(self._busy) < AT_ONCE else []
        for wish in wishes:
            task = asyncio.create_task(self._try(wish), name="link-preview")
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        return len(wishes)

    async def settle(self) -> None:
        """Do all that is due, and wait for it."""
        while await self.begin() or self._busy:
            await asyncio.gather(*self._busy)

    async def _round(self) -> None:
        await self.begin()
        await self._sweeper.sweep_now_and_then()

    async def _try(self, wish: WishRow) -> None:
        """Do one; whatever goes wrong with it, it is tried again once its claim has ended, and keeps no other."""
        try:
            links = await self._links(wish)
            found = {link: await self._look(wish.tenant_id, link) for link in links}
            await self._show(wish, found)
        except TooOftenError as error:
            await self._wishes.put_off(wish, error.wait)
        except PagesOffError:
            await self._wishes.drop(wish)
        except Exception:
            log.exception("the links of a message could not be looked at")

    async def _links(self, wish: WishRow) -> Sequence[str]:
        """Return what to look at for a wish; nothing where that is not wanted, or any more."""
        if self._clock.now() - wish.made_at > GIVEN_UP_AFTER:
            return ()
        async with self._database.reading() as session:
            switch = await session.get(SwitchRow, wish.tenant_id)
            row = await session.get(MessageRow, wish.message_id)
        if (switch and not switch.enabled) or row is None or row.status in GONE or row.previews_off:
            return ()
        return find_links(row.text)

    async def _look(self, tenant_id: UUID, link: str) -> Visit | None:
        """Return what is behind a link; None where the organisation has looked lately."""
        async with self._database.reading() as session:
            page = await _page_of(session, tenant_id, link)
        if page and self._clock.now() - page.fetched_at < (FRESH_FOR if page.title else EMPTY_FOR):
            return None
        taken = await self._cache.take(f"previews:{host_of(link)}", most=MOST_A_HOST, window=HOST_WINDOW)
        if not taken.admitted:
            raise TooOftenError(taken.frees_in)
        return await self._visitor.visit(link, tenant_id=tenant_id)

    async def _show(self, wish: WishRow, found: Mapping[str, Visit | None]) -> None:
        """Keep what was found, and show it with the message, if its words are still the same."""
        async with self._changes.of(wish.room_id) as change:
            session = change.session
            query = select(MessageRow).where(MessageRow.id == wish.message_id).with_for_update()
            row: MessageRow | None = await session.scalar(query)
            current = await session.scalar(select(WishRow.edition).where(this_wish(wish)).with_for_update())
            await session.execute(delete(WishRow).where(this_wish(wish)))
            pages = [await self._keep(session, wish.tenant_id, link, visit) for link, visit in found.items()]
            if row is None or current is None or row.status in GONE or row.previews_off or not found:
                return
            shown = [page for page in pages if page and page.title]
            before, row.previews = row.previews, [_preview(page) for page in shown] or None
            if row.previews == before:
                return
            await session.flush()
            await session.execute(delete(UseRow).where(UseRow.message_id == row.id))
            for page in shown:
                session.add(UseRow(message_id=row.id, page_id=page.id, tenant_id=row.tenant_id))
            self._told.tell(change, row)

    async def _keep(self, session: AsyncSession, tenant_id: UUID, link: str, visit: Visit | None) -> PageRow | None:
        """Return the page of a link as it is known from now on."""
        page = await _page_of(session, tenant_id, link)
        if visit is None:
            return page
        if page is not None and visit.is_empty and page.title:
            # It was there before, and its server may only be away: what is shown of it stays.
            page.fetched_at = self._clock.now()
            return page
        if page is not None and page.picture_id is not None:
            # Others show it with the picture that it had: that page goes when they do.
            page.digest = page.id.hex
            page = None
        if page is None:
            # The digest of the one before first: it is unique.
            await session.flush()
            page = PageRow(id=new_id(), tenant_id=tenant_id, digest=digest_of(link), dropped=False)
            session.add(page)
        page.url = "" if visit.is_empty else link
        page.title, page.description, page.site = visit.title, visit.description, visit.site
        page.picture_id = visit.picture_id
        page.picture_width = visit.picture.width if visit.picture else 0
        page.picture_height = visit.picture.height if visit.picture else 0
        page.fetched_at = self._clock.now()
        return page


async def _page_of(session: AsyncSession, tenant_id: UUID, link: str) -> PageRow | None:
    query = select(PageRow).where(PageRow.tenant_id == tenant_id, PageRow.digest == digest_of(link))
    page: PageRow | None = await session.scalar(query)
    return page


def _preview(page: PageRow) -> dict[str, Any]:
    picture = {"width": page.picture_width, "height": page.picture_height} if page.picture_id else None
    return {
        "id": str(page.id),
        "url": page.url,
        "title": page.title,
        "description": page.description,
        "site": page.site,
        "picture": picture,
    }
