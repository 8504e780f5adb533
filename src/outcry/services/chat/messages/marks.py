"""What others put on a message: reactions, and pins to the room."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import Message
from outcry.services.chat.messages.access import Told, hold
from outcry.services.chat.messages.emoji import find_emoji
from outcry.services.chat.messages.errors import NotEmojiError, TooManyPinsError, TooManyReactionsError
from outcry.services.chat.messages.models import ReactionRow
from outcry.services.chat.messages.reactions import Reaction
from outcry.services.chat.models import REACTIONS, MessageRow
from outcry.services.chat.moderation.restraints import require_voice
from outcry.services.chat.names import Names
from outcry.services.chat.rights import Right

MOST_KINDS = 20
MOST_NAMED = 20
MOST_PINS = 50


class MessageMarks:
    """Puts reactions and pins on messages, and takes them off. Doing either twice changes nothing."""

    def __init__(self, *, changes: Changes, names: Names, clock: Clock) -> None:
        self._changes = changes
        self._told = Told(names)
        self._clock = clock

    async def react(self, principal: Principal, room_id: UUID, message_id: UUID, emoji: str) -> Message:
        """Put an emoji on a message; raises NotEmojiError, and TooManyReactionsError for yet another kind."""
        principal.require("chat:message:react")
        known = _emoji(emoji)
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            require_voice(held.member, Right.REACT, self._clock.now())
            row, session = held.row, change.session
            if await session.get(ReactionRow, (message_id, known, principal.user_id)) is None:
                kinds = {each["emoji"] for each in row.reactions or ()}
                if known not in kinds and len(kinds) >= MOST_KINDS:
                    raise TooManyReactionsError()
                session.add(
                    ReactionRow(
                        message_id=message_id,
                        emoji=known,
                        user_id=principal.user_id,
                        tenant_id=principal.tenant_id,
                        reacted_at=self._clock.now(),
                    )
                )
                await session.flush()
                await recount(session, row, known)
                self._told.tell(change, row)
        return await self._told.message(row)

    async def unreact(self, principal: Principal, room_id: UUID, message_id: UUID, emoji: str) -> Message:
        """Take one's emoji off a message."""
        principal.require("chat:message:react")
        known = _emoji(emoji)
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            row, session = held.row, change.session
            found = await session.get(ReactionRow, (message_id, known, principal.user_id))
            if found is not None:
                await session.delete(found)
                await session.flush()
                await recount(session, row, known)
                self._told.tell(change, row)
        return await self._told.message(row)

    async def pin(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """Pin a message to its room; one that is pinned stays as it is. Raises TooManyPinsError."""
        return await self._set_pin(principal, room_id, message_id, wanted=True)

    async def unpin(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """Take a message from the pins of its room."""
        return await self._set_pin(principal, room_id, message_id, wanted=False)

    async def _set_pin(self, principal: Principal, room_id: UUID, message_id: UUID, *, wanted: bool) -> Message:
        principal.require("chat:message:pin")
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            require_voice(held.member, Right.PIN, self._clock.now())
            row = held.row
            if wanted and row.pinned_at is None:
                await _require_place(change.session, room_id)
                row.pinned_at, row.pinned_by = self._clock.now(), principal.user_id
                self._told.tell(change, row)
            elif not wanted and row.pinned_at is not None:
                row.pinned_at = row.pinned_by = None
                self._told.tell(change, row)
        return await self._told.message(row)


async def _require_place(session: AsyncSession, room_id: UUID) -> None:
    pinned = select(func.count()).where(MessageRow.room_id == room_id, MessageRow.pinned_at.is_not(None))
    if (await session.scalar(pinned) or 0) >= MOST_PINS:
        raise TooManyPinsError()


async def recount(session: AsyncSession, row: MessageRow, emoji: str) -> None:
    """Bring what a message says of one emoji in line with who put it there; kinds stay in the order of their first."""
    mine = (ReactionRow.message_id == row.id, ReactionRow.emoji == emoji)
    count = await session.scalar(select(func.count()).where(*mine)) or 0
    first = select(ReactionRow.user_id).where(*mine).order_by(ReactionRow.reacted_at, ReactionRow.user_id)
    people = tuple(await session.scalars(first.limit(MOST_NAMED)))
    present = Reaction(emoji=emoji, count=count, people=people)
    reactions = [present if each.emoji == emoji else each for each in REACTIONS.validate_python(row.reactions or [])]
    if present not in reactions:
        reactions.append(present)
    row.reactions = REACTIONS.dump_python(tuple(each for each in reactions if each.count), mode="json") or None


async def forget_reactions(session: AsyncSession, row: MessageRow, people: frozenset[UUID]) -> None:
    """Take off a message whatever these people put on it."""
    theirs = (ReactionRow.message_id == row.id, ReactionRow.user_id.in_(people))
    emoji = list(await session.scalars(select(ReactionRow.emoji).where(*theirs).distinct()))
    await session.execute(delete(ReactionRow).where(*theirs))
    for each in emoji:
        await recount(session, row, each)


def _emoji(text: str) -> str:
    known = find_emoji(text)
    if known is None:
        raise NotEmojiError("A reaction is one emoji.")
    return known
