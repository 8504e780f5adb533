"""The queue of messages whose links are to be looked at, filled in the transactions that write their words."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.ports.database import Database
from outcry.services.chat.models import MessageRow
from outcry.services.chat.previews.links import find_links
from outcry.services.chat.previews.models import UseRow, WishRow

# Longer than looking at all links of a message takes; then whoever claimed it is gone.
CLAIMED_FOR = timedelta(seconds=60)


def wish_for_previews(session: AsyncSession, row: MessageRow) -> None:
    """Have the links of a new message looked at.

    Only those of people. What the AI writes can be led by what it read: a link that carries words of the room would
    tell them to whoever it names, as soon as it is asked for.
    """
    if row.author_kind == "person" and find_links(row.text):
        session.add(_wish(row))


async def wish_again(session: AsyncSession, row: MessageRow) -> None:
    """Let go of what an edited message shows of links that it has no more, and have its new ones looked at."""
    links = find_links(row.text)
    await keep_previews(session, row, [each for each in row.previews or () if each["url"] in links])
    await session.execute(delete(WishRow).where(WishRow.message_id == row.id))
    if links and not row.previews_off:
        session.add(_wish(row))


async def keep_previews(session: AsyncSession, row: MessageRow, kept: Sequence[dict[str, Any]]) -> None:
    """Let a message show these of its previews and no others."""
    if len(kept) == len(row.previews or ()):
        return
    pages = {each["id"] for each in kept}
    for use in await session.scalars(select(UseRow).where(UseRow.message_id == row.id)):
        if str(use.page_id) not in pages:
            await session.delete(use)
    row.previews = list(kept) or None


def _wish(row: MessageRow) -> WishRow:
    now = row.edited_at or row.created_at
    return WishRow(
        message_id=row.id, tenant_id=row.tenant_id, room_id=row.room_id, edition=new_id(), made_at=now, due_at=now
    )


class Wishes:
    """Gives out wishes, each to one process at a time."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, most: int) -> list[WishRow]:
        """Return what is due and nobody else does, the oldest first."""
        now = self._clock.now()
        free = or_(WishRow.claimed_until.is_(None), WishRow.claimed_until < now)
        query = select(WishRow).where(WishRow.due_at <= now, free).order_by(WishRow.due_at).limit(most)
        async with self._database.reading() as session:
            due = list(await session.scalars(query))
        if not due:
            return []
        claimed = []
        async with self._database.transaction() as transaction:
            for wish in due:
                this = (WishRow.message_id == wish.message_id) & (WishRow.edition == wish.edition) & free
                claim = update(WishRow).where(this).values(claimed_until=now + CLAIMED_FOR)
                if cast(CursorResult[Any], await transaction.session.execute(claim)).rowcount:
                    claimed.append(wish)
        return claimed

    async def put_off(self, wish: WishRow, by: timedelta) -> None:
        """Give a wish back, for later."""
        values = {"due_at": self._clock.now() + by, "claimed_until": None}
        async with self._database.transaction() as transaction:
            await transaction.session.execute(update(WishRow).where(this_wish(wish)).values(values))

    async def drop(self, wish: WishRow) -> None:
        """Forget a wish."""
        async with self._database.transaction() as transaction:
            await transaction.session.execute(delete(WishRow).where(this_wish(wish)))


def this_wish(wish: WishRow) -> Any:
    """Return the condition for this wish: not another one that an edit made since."""
    return (WishRow.message_id == wish.message_id) & (WishRow.edition == wish.edition)
