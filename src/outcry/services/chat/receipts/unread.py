"""Counts what is unread: two statements for all rooms that are asked for, and none when a message is posted."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.contracts import GONE, HERE_ID
from outcry.services.chat.messages.models import MentionRow
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.receipts.contracts import Unread, UnreadTopic
from outcry.services.chat.receipts.models import ReadingRow

# What is longer ago than so many messages is not counted: who sees "999+" does not need the figure behind it.
MOST_COUNTED = 1_000

_Place = tuple[UUID, UUID | None]  # a room, and a topic of it or its main stream


async def unread_of(
    session: AsyncSession, tenant_id: UUID, person_id: UUID, *, room_ids: Iterable[UUID] | None = None
) -> tuple[Unread, ...]:
    """Return how a person's rooms stand for them, all or some; a room that they are not in is left out.

    The index over (room, sequence) makes it cost as much as there are unread messages, not as there are messages.
    """
    mine = [MemberRow.user_id == person_id, MemberRow.tenant_id == tenant_id, RoomRow.tenant_id == tenant_id]
    if room_ids is not None:
        mine.append(MemberRow.room_id.in_(list(room_ids)))
    rows = (await session.execute(_counted().where(*mine))).all()
    if not any(row.unread for row in rows):
        return tuple(_whole([row], {}) for row in rows)
    named = await session.execute(_mentioned(person_id).where(*mine))
    mentions: dict[_Place, int] = {(room_id, topic_id): count for room_id, topic_id, count in named}
    rooms: dict[UUID, list[Any]] = {}
    for row in rows:
        rooms.setdefault(row.room_id, []).append(row)
    return tuple(_whole(parts, mentions) for parts in rooms.values())


def _whole(parts: list[Any], mentions: dict[_Place, int]) -> Unread:
    """Put the counts of a room's topics and main stream together."""
    topics = tuple(
        UnreadTopic(topic_id=part.topic_id, unread=part.unread, mentions=mentions.get((part.room_id, part.topic_id), 0))
        for part in parts
        if part.topic_id is not None
    )
    any_part = parts[0]
    return Unread(
        room_id=any_part.room_id,
        read=any_part.read,
        last=any_part.last,
        unread=sum(part.unread for part in parts),
        mentions=sum(mentions.get((part.room_id, part.topic_id), 0) for part in parts),
        first=min((part.first for part in parts if part.first is not None), default=None),
        topics=topics,
    )


def _counted() -> Select[UUID, UUID | None, int, int, int, int]:
    read, last = _read(), RoomRow.next_sequence - 1
    return (
        select(
            MemberRow.room_id,
            MessageRow.topic_id,
            read.label("read"),
            last.label("last"),
            func.count(MessageRow.id).label("unread"),
            func.min(MessageRow.sequence).label("first"),
        )
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member())
        .outerjoin(MessageRow, _is_unread(MessageRow.room_id, MessageRow.sequence))
        .group_by(MemberRow.room_id, MessageRow.topic_id, ReadingRow.read, RoomRow.next_sequence)
    )


def _mentioned(person_id: UUID) -> Select[UUID, UUID | None, int]:
    return (
        select(MemberRow.room_id, MessageRow.topic_id, func.count(distinct(MessageRow.id)))
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member())
        .join(MentionRow, MentionRow.room_id == MemberRow.room_id)
        .join(MessageRow, MessageRow.id == MentionRow.message_id)
        .where(MentionRow.person_id.in_((person_id, HERE_ID)), _is_unread(MentionRow.room_id, MentionRow.sequence))
        .group_by(MemberRow.room_id, MessageRow.topic_id)
    )


def _read() -> ColumnElement[int]:
    return func.coalesce(ReadingRow.read, 0)


def _same_member() -> ColumnElement[bool]:
    return and_(ReadingRow.room_id == MemberRow.room_id, ReadingRow.user_id == MemberRow.user_id)


def _is_unread(room_id: Any, sequence: Any) -> ColumnElement[bool]:
    """Say whether a message, found by these columns, is one that a member has not read."""
    read, oldest = _read(), RoomRow.next_sequence - 1 - MOST_COUNTED
    return and_(
        room_id == MemberRow.room_id,
        # One bound, so that the index is entered at it.
        sequence > case((read > oldest, read), else_=oldest),
        MessageRow.created_at >= MemberRow.joined_at,
        MessageRow.author_id != MemberRow.user_id,
        MessageRow.status.not_in(GONE),
    )
