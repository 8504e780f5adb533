"""What changes the words of a message: edits, removals, and taking back what was just sent."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line, shorten
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import ASSISTANT_ID, Message, MessageStatus
from outcry.services.chat.events import MessageEdited, MessageRemoved
from outcry.services.chat.messages.access import Told, first_written, hold
from outcry.services.chat.messages.errors import EditedTooOftenError, TooLateError
from outcry.services.chat.messages.mentions import (
    NamedPerson,
    calls_desk,
    note_mentions,
    people_in_mentions,
    read_mentions,
)
from outcry.services.chat.messages.models import VersionRow
from outcry.services.chat.messages.wiping import refresh, wipe
from outcry.services.chat.messages.writing import clean_message
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.moderation.cases import note_report, settle_removed
from outcry.services.chat.moderation.models import BY_WORDS
from outcry.services.chat.moderation.restraints import require_voice
from outcry.services.chat.moderation.word_lists import lists_of, needs_review
from outcry.services.chat.names import Names
from outcry.services.chat.previews.wishes import wish_again
from outcry.services.chat.rights import Right, require
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.settings import ChatSettings
from outcry.services.chat.topics.streams import forget_first_words

# How long the page offers to take a message back, and what the way of that wish may take on top.
UNDO_FOR = timedelta(seconds=10)
_ON_THE_WAY = timedelta(seconds=3)
# Whoever forgot to call the AI mends that at once; what is older is only reworded.
ASKS_FOR = timedelta(minutes=15)
MOST_VERSIONS = 100
LONGEST_REASON = 300


class MessageCommands:
    """Edits, removes and withdraws messages."""

    def __init__(self, *, changes: Changes, names: Names, clock: Clock, settings: ChatSettings) -> None:
        self._changes = changes
        self._told = Told(names)
        self._clock = clock
        self._settings = settings

    async def edit(
        self,
        principal: Principal,
        room_id: UUID,
        message_id: UUID,
        *,
        text: str,
        mentions: Sequence[NamedPerson] = (),
    ) -> Message:
        """Give one's own message another text; the one before is kept and can be seen by the room."""
        principal.require("chat:message:edit")
        cleaned = clean_message(text, self._settings, may_be_empty=True)
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            row = held.row
            require_voice(held.member, Right.POST, self._clock.now())
            _require_author(principal, row)
            if not row.files:
                clean_message(cleaned, self._settings)
            if row.text != cleaned:
                before, old = set(people_in_mentions(row.mentions)), row.text
                called = calls_desk(row.mentions)
                await self._keep_version(change, row)
                lists = await lists_of(change.session, {row.tenant_id}, {room_id})
                suspect = needs_review(lists, row.tenant_id, room_id, cleaned)
                row.text, row.edited_at = cleaned, self._clock.now()
                if suspect:
                    await note_report(change, row, BY_WORDS, "", row.edited_at)
                row.mentions = read_mentions(cleaned, mentions)
                await note_mentions(change.session, row)
                note_message(change.session, row)
                await wish_again(change.session, row)
                await refresh(change, held.room, old=old)
                self._told.tell(change, row)
                event = MessageEdited(
                    room_id=room_id,
                    message_id=message_id,
                    sequence=row.sequence,
                    author_id=principal.user_id,
                    mentions=tuple(each for each in people_in_mentions(row.mentions) if each not in before),
                    addressed=calls_desk(row.mentions),
                    reply_wanted=not called and await self._asks_now(change, row),
                )
                change.publish(event, tenant_id=principal.tenant_id, key=str(room_id), actor_id=principal.user_id)
        return await self._told.message(row)

    async def remove(self, principal: Principal, room_id: UUID, message_id: UUID, *, reason: str = "") -> Message:
        """Take a message's words away for good, and leave its place; somebody else's only as a moderator."""
        principal.require("chat:message:remove")
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            row = held.row
            if row.author_id != principal.user_id:
                require(held.member, Right.MODERATE)
            await settle_removed(change, row, principal.user_id, self._clock.now())
            await self.take_down(change, held.room, row, by=principal.user_id, reason=reason)
        return await self._told.message(row)

    async def take_down(self, change: Change, room: RoomRow, row: MessageRow, *, by: UUID, reason: str) -> None:
        """Remove a message in a change that holds it and its room."""
        row.removed_at, row.removed_by = self._clock.now(), by
        row.removal_reason = shorten(clean_line(reason), LONGEST_REASON) or None
        await self._take_away(change, room, row, "removed", by=by)

    async def withdraw(self, principal: Principal, room_id: UUID, message_id: UUID) -> Message:
        """Take back what one has just sent, with the AI's reply to it, as if it had not been; raises TooLateError."""
        principal.require("chat:message:post")
        async with self._changes.of(room_id) as change:
            held = await hold(change, principal, room_id, message_id)
            row = held.row
            _require_author(principal, row)
            if self._clock.now() - row.created_at > UNDO_FOR + _ON_THE_WAY:
                raise TooLateError()
            replies = select(MessageRow).where(MessageRow.reply_to == message_id).with_for_update()
            for reply in (await change.session.scalars(replies)).all():
                await self._take_away(change, held.room, reply, "withdrawn", by=principal.user_id)
            await self._take_away(change, held.room, row, "withdrawn", by=principal.user_id)
        return await self._told.message(row)

    async def _asks_now(self, change: Change, row: MessageRow) -> bool:
        """Say whether a message that did not call the AI asks it by its new words: soon after it was posted."""
        if not calls_desk(row.mentions) or self._clock.now() - row.created_at > ASKS_FOR:
            return False
        if await change.session.get(MemberRow, (row.room_id, ASSISTANT_ID)) is None:
            return False
        replied = select(MessageRow.id).where(MessageRow.reply_to == row.id)
        return await change.session.scalar(replied) is None

    async def _take_away(
        self, change: Change, room: RoomRow, row: MessageRow, status: MessageStatus, *, by: UUID
    ) -> None:
        text = row.text
        await forget_first_words(change, row)
        await wipe(change.session, row)
        row.status = status
        # Whoever still writes the text of the version before stops.
        row.version += 1
        note_message(change.session, row)
        await refresh(change, room, old=text)
        change.forget_shown()
        self._told.tell(change, row)
        event = MessageRemoved(
            room_id=row.room_id,
            message_id=row.id,
            sequence=row.sequence,
            author_id=row.author_id,
            act=status,
            moderated=by != row.author_id and row.author_kind == "person",
        )
        change.publish(event, tenant_id=row.tenant_id, key=str(row.room_id), actor_id=by)

    async def _keep_version(self, change: Change, row: MessageRow) -> None:
        count = select(func.count()).select_from(VersionRow).where(VersionRow.message_id == row.id)
        number = (await change.session.scalar(count) or 0) + 1
        if number > MOST_VERSIONS:
            raise EditedTooOftenError()
        change.session.add(
            VersionRow(
                message_id=row.id,
                number=number,
                tenant_id=row.tenant_id,
                text=row.text,
                mentions=row.mentions,
                written_at=first_written(row),
            )
        )


def _require_author(principal: Principal, row: MessageRow) -> None:
    if row.author_id != principal.user_id:
        raise ForbiddenError("Only who wrote a message may do this.")
