"""Counts what is unread: two statements for all rooms that are asked for, and none when a message is posted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.contracts import GONE, HERE_ID
from outcry.services.chat.messages.models import MentionRow
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.receipts.contracts import Unread, UnreadTopic
from outcry.services.chat.receipts.models import ReadingRow

# What is longer ago than so many messages is not counted: who sees "999+" does not need the figure behind it.
MOST_COUNTED = 1_000

Place = tuple[UUID, UUID]  # a room and a person in it
_PLACES_A_STATEMENT = 200


async def unread_of(
    session: AsyncSession, tenant_id: UUID, person_id: UUID, *, room_ids: Iterable[UUID] | None = None
) -> tuple[Unread, ...]:
    """Return how a person's rooms stand for them, all or some; a room that they are not in is left out.

    The index over (room, sequence) makes it cost as much as there are unread messages, not as there are messages.
    """
    mine = and_(MemberRow.user_id == person_id, MemberRow.tenant_id == tenant_id, RoomRow.tenant_id == tenant_id)
    if room_ids is not None:
        mine = and_(mine, MemberRow.room_id.in_(list(room_ids)))
    return tuple((await _count(session, mine)).values())


async def unread_at(session: AsyncSession, places: Sequence[Place]) -> Mapping[Place, Unread]:
    """Return the same of many people at once, each in some room; nothing is checked but that they are in it."""
    found: dict[Place, Unread] = {}
    for start in range(0, len(places), _PLACES_A_STATEMENT):
        some = places[start : start + _PLACES_A_STATEMENT]
        found |= await _count(session, tuple_(MemberRow.room_id, MemberRow.user_id).in_(some))
    return found


async def _count(session: AsyncSession, which: ColumnElement[bool]) -> dict[Place, Unread]:
    rows = (await session.execute(_counted().where(which))).all()
    mentions: dict[tuple[UUID, UUID, UUID | None], int] = {}
    if any(row.unread for row in rows):
        named = await session.execute(_mentioned().where(which))
        mentions = {(room_id, user_id, topic_id): count for room_id, user_id, topic_id, count in named}
    parts: dict[Place, list[_Part]] = {}
    for row in rows:
        count = mentions.get((row.room_id, row.user_id, row.topic_id), 0)
        part = _Part(row.topic_id, row.read, row.last, row.unread, row.first, count)
        parts.setdefault((row.room_id, row.user_id), []).append(part)
    return {place: _whole(place[0], some) for place, some in parts.items()}


@dataclass(frozen=True, slots=True)
class _Part:
    """What is unread of a topic, or of the main stream."""

    topic_id: UUID | None
    read: int
    last: int
    unread: int
    first: int | None
    mentions: int


def _whole(room_id: UUID, parts: Sequence[_Part]) -> Unread:
    """Put the counts of a room's topics and main stream together."""
    return Unread(
        room_id=room_id,
        read=parts[0].read,
        last=parts[0].last,
        unread=sum(part.unread for part in parts),
        mentions=sum(part.mentions for part in parts),
        first=min((part.first for part in parts if part.first is not None), default=None),
        topics=tuple(
            UnreadTopic(topic_id=part.topic_id, unread=part.unread, mentions=part.mentions)
            for part in parts
            if part.topic_id is not None
        ),
    )


def _counted() -> Select[UUID, UUID, UUID | None, int, int, int, int]:
    read, last = _read(), RoomRow.next_sequence - 1
    return (
        select(
            MemberRow.room_id,
            MemberRow.user_id,
            MessageRow.topic_id,
            read.label("read"),
            last.label("last"),
            func.count(MessageRow.id).label("unread"),
            func.min(MessageRow.sequence).label("first"),
        )
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member())
        .outerjoin(MessageRow, _is_unread(MessageRow.room_id, MessageRow.sequence))
        .group_by(MemberRow.room_id, MemberRow.user_id, MessageRow.topic_id, ReadingRow.read, RoomRow.next_sequence)
    )


def _mentioned() -> Select[UUID, UUID, UUID | None, int]:
    return (
        select(MemberRow.room_id, MemberRow.user_id, MessageRow.topic_id, func.count(distinct(MessageRow.id)))
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member())
        .join(MentionRow, MentionRow.room_id == MemberRow.room_id)
        .join(MessageRow, MessageRow.id == MentionRow.message_id)
        .where(
            MentionRow.person_id.in_((MemberRow.user_id, HERE_ID)),
            _is_unread(MentionRow.room_id, MentionRow.sequence),
        )
        .group_by(MemberRow.room_id, MemberRow.user_id, MessageRow.topic_id)
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
