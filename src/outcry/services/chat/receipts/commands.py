"""What changes how far a person has read."""

import asyncio
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.contracts import GONE
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MemberRow, MessageRow
from outcry.services.chat.receipts.contracts import Unread
from outcry.services.chat.receipts.marks import Marks
from outcry.services.chat.receipts.models import ReadingRow, TopicReadingRow
from outcry.services.chat.receipts.teller import ReceiptTeller
from outcry.services.chat.receipts.unread import unread_of
from outcry.services.chat.topics.streams import Stream, get_topic


class ReceiptCommands:
    """Marks of a person, over all their devices."""

    def __init__(self, *, database: Database, marks: Marks, teller: ReceiptTeller) -> None:
        self._database = database
        self._marks = marks
        self._teller = teller

    async def mark_read(
        self, principal: Principal, room_id: UUID, *, read: int, delivered: int = 0, stream: Stream = None
    ) -> None:
        """Note that the person has read a room, or one stream of it, up to a sequence; this device has it to another.

        Neither goes back, and what is beyond the newest message stands for that. Raises RoomNotFoundError and
        TopicNotFoundError.
        """
        if isinstance(stream, UUID):
            async with self._database.reading() as session:
                await room_of(session, principal, room_id)
                await get_topic(session, room_id, stream)
        await self._marks.put(
            room_id,
            principal.user_id,
            tenant_id=principal.tenant_id,
            stream=stream,
            read=read,
            device_id=principal.session_id,
            delivered=max(read, delivered),
        )

    def note_read(
        self, principal: Principal, room_id: UUID, *, read: int, delivered: int = 0, stream: Stream = None
    ) -> None:
        """Have the same written soon; nothing happens where the person is in no such room, or it has no such topic."""
        self._marks.note(
            room_id,
            principal.user_id,
            tenant_id=principal.tenant_id,
            stream=stream,
            read=read,
            device_id=principal.session_id,
            delivered=max(read, delivered),
        )

    async def mark_unread(
        self, principal: Principal, room_id: UUID, *, first: int | None = None, topic_id: UUID | None = None
    ) -> Unread:
        """Note that a stream is unread again from a message on, or a topic by its newest message of somebody else.

        What others were shown of it stays. Give ``first`` or ``topic_id``. Raises RoomNotFoundError and
        TopicNotFoundError.
        """
        async with self._marks.order:
            async with self._database.transaction() as transaction:
                session = transaction.session
                room, member = await room_of(session, principal, room_id, lock=True)
                if first is None:
                    first = await _newest_of_topic(session, principal, room_id, topic_id)
                else:
                    topic_id = await _topic_at(session, room_id, first)
                # What one of the person's devices said a moment ago must not undo this.
                self._marks.take_back(room_id, principal.user_id, topic_id)
                row = await _reading(session, member, topic_id)
                row.read = min(row.read, first - 1, room.next_sequence - 1)
                await session.flush()
                (unread,) = await unread_of(session, principal.tenant_id, principal.user_id, room_ids=(room_id,))
            await self._teller.tell_unread(principal.user_id, unread)
        return unread

    async def mark_all_read(self, principal: Principal) -> None:
        """Note that the person has read every room that they are in."""
        async with self._database.reading() as session:
            rooms = await unread_of(session, principal.tenant_id, principal.user_id)
        behind = [unread for unread in rooms if unread.unread]
        put = (
            self._marks.put(room.room_id, principal.user_id, tenant_id=principal.tenant_id, read=room.last)
            for room in behind
        )
        for outcome in await asyncio.gather(*put, return_exceptions=True):
            # A room that the person left meanwhile is read as well as any.
            if isinstance(outcome, BaseException) and not isinstance(outcome, RoomNotFoundError):
                raise outcome


async def _topic_at(session: AsyncSession, room_id: UUID, sequence: int) -> UUID | None:
    """Return the topic that a message belongs to; None for the main stream, and where there is no message."""
    query = select(MessageRow.topic_id).where(MessageRow.room_id == room_id, MessageRow.sequence == sequence)
    return await session.scalar(query)


async def _newest_of_topic(session: AsyncSession, principal: Principal, room_id: UUID, topic_id: UUID | None) -> int:
    """Return the sequence of the newest message of somebody else in a topic; behind all others where there is none."""
    if topic_id is None:
        raise InvalidInputError("Give either first or topic_id.")
    await get_topic(session, room_id, topic_id)
    theirs = MessageRow.author_id != principal.user_id
    newest = select(func.max(MessageRow.sequence)).where(
        MessageRow.topic_id == topic_id, theirs, MessageRow.status.not_in(GONE)
    )
    return await session.scalar(newest) or 2**31 - 1


async def _reading(session: AsyncSession, member: MemberRow, topic_id: UUID | None) -> ReadingRow | TopicReadingRow:
    """Return how far a member has read a topic, or the main stream, held and made where it is not there."""
    key = {"room_id": member.room_id, "user_id": member.user_id}
    row: ReadingRow | TopicReadingRow | None
    if topic_id is None:
        row = await session.get(ReadingRow, key, with_for_update=True)
        made: ReadingRow | TopicReadingRow = ReadingRow(
            **key, tenant_id=member.tenant_id, read=0, shown_read=0, shown_delivered=0
        )
    else:
        key["topic_id"] = topic_id
        row = await session.get(TopicReadingRow, key, with_for_update=True)
        made = TopicReadingRow(**key, tenant_id=member.tenant_id, read=0, shown_read=0)
    if row is None:
        session.add(made)
    return row or made
