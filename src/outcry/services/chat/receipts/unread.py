"""Counts what is unread: three statements for all rooms that are asked for, and none when a message is posted."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.contracts import GONE, HERE_ID
from outcry.services.chat.messages.models import MentionRow
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.receipts.contracts import Unread, UnreadTopic
from outcry.services.chat.receipts.models import ReadingRow, TopicReadingRow
from outcry.services.chat.topics.models import TopicRow

# What is longer ago than so many messages is not counted: who sees "999+" does not need the figure behind it.
MOST_COUNTED = 1_000

Place = tuple[UUID, UUID]  # a room and a person in it
_PLACES_A_STATEMENT = 200


async def unread_of(
    session: AsyncSession, tenant_id: UUID, person_id: UUID, *, room_ids: Iterable[UUID] | None = None
) -> tuple[Unread, ...]:
    """Return how a person's rooms stand for them, all or some; a room that they are not in is left out.

    The indexes over (room, sequence) and (topic, sequence) make it cost as much as there are unread messages, not as
    there are messages.
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
    rows = (await session.execute(_main().where(which))).all()
    topics = (await session.execute(_topics().where(which))).all()
    mentions: dict[tuple[UUID, UUID, UUID | None], int] = {}
    if topics or any(row.unread for row in rows):
        named = await session.execute(_mentioned().where(which))
        mentions = {(room_id, user_id, topic_id): count for room_id, user_id, topic_id, count in named}
    parts: dict[Place, list[UnreadTopic]] = defaultdict(list)
    for room_id, user_id, topic_id, read, count, first in topics:
        mine = mentions.get((room_id, user_id, topic_id), 0)
        topic = UnreadTopic(topic_id=topic_id, unread=count, mentions=mine, read=read, first=first)
        parts[room_id, user_id].append(topic)
    found: dict[Place, Unread] = {}
    for row in rows:
        place = row.room_id, row.user_id
        found[place] = Unread(
            room_id=row.room_id,
            read=row.read,
            last=row.last,
            unread=row.unread + sum(topic.unread for topic in parts[place]),
            first=row.first,
            mentions=mentions.get((*place, None), 0) + sum(topic.mentions for topic in parts[place]),
            topics=tuple(parts[place]),
        )
    return found


def _main() -> Select[UUID, UUID, int, int, int, int]:
    """Count main streams; a room of which all is read has a row too."""
    read, last = _read(ReadingRow), RoomRow.next_sequence - 1
    # Not in the join: there the index over topics would seem as good as the one over the room's sequences.
    in_main = MessageRow.topic_id.is_(None)
    return (
        select(
            MemberRow.room_id,
            MemberRow.user_id,
            read.label("read"),
            last.label("last"),
            func.count(case((in_main, MessageRow.id))).label("unread"),
            func.min(case((in_main, MessageRow.sequence))).label("first"),
        )
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member(ReadingRow))
        .outerjoin(MessageRow, and_(MessageRow.room_id == MemberRow.room_id, _is_unread(MessageRow.sequence, read)))
        .group_by(MemberRow.room_id, MemberRow.user_id, ReadingRow.read, RoomRow.next_sequence)
    )


def _topics() -> Select[UUID, UUID, UUID, int, int, int]:
    """Count topics, those with something new."""
    read = _read(TopicReadingRow)
    return (
        select(
            MemberRow.room_id,
            MemberRow.user_id,
            TopicRow.id.label("topic_id"),
            read.label("read"),
            func.count(MessageRow.id).label("unread"),
            func.min(MessageRow.sequence).label("first"),
        )
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .join(TopicRow, TopicRow.room_id == MemberRow.room_id)
        .outerjoin(TopicReadingRow, and_(_same_member(TopicReadingRow), TopicReadingRow.topic_id == TopicRow.id))
        .join(MessageRow, and_(MessageRow.topic_id == TopicRow.id, _is_unread(MessageRow.sequence, read)))
        .group_by(MemberRow.room_id, MemberRow.user_id, TopicRow.id, TopicReadingRow.read)
        .order_by(TopicRow.id)
    )


def _mentioned() -> Select[UUID, UUID, UUID | None, int]:
    in_topic = and_(_same_member(TopicReadingRow), TopicReadingRow.topic_id == MessageRow.topic_id)
    return (
        select(MemberRow.room_id, MemberRow.user_id, MessageRow.topic_id, func.count(distinct(MessageRow.id)))
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member(ReadingRow))
        .join(MentionRow, MentionRow.room_id == MemberRow.room_id)
        .join(MessageRow, MessageRow.id == MentionRow.message_id)
        .outerjoin(TopicReadingRow, in_topic)
        .where(
            MentionRow.person_id.in_((MemberRow.user_id, HERE_ID)),
            MentionRow.sequence > _oldest(),
            _is_unread(MentionRow.sequence, read_in_stream()),
        )
        .group_by(MemberRow.room_id, MemberRow.user_id, MessageRow.topic_id)
    )


def read_in_stream() -> ColumnElement[int]:
    """Return how far the stream of a message is read, where the marks of the room and of its topic are joined."""
    return case((MessageRow.topic_id.is_(None), _read(ReadingRow)), else_=_read(TopicReadingRow))


def _read(table: type[ReadingRow] | type[TopicReadingRow]) -> ColumnElement[int]:
    return func.coalesce(table.read, 0)


def _oldest() -> ColumnElement[int]:
    return RoomRow.next_sequence - 1 - MOST_COUNTED


def _same_member(table: type[ReadingRow] | type[TopicReadingRow]) -> ColumnElement[bool]:
    return and_(table.room_id == MemberRow.room_id, table.user_id == MemberRow.user_id)


def _is_unread(sequence: Any, read: ColumnElement[int]) -> ColumnElement[bool]:
    """Say whether a message of this sequence is one that a member, who has read its stream so far, has not read."""
    oldest = _oldest()
    return and_(
        # One bound, so that the index is entered at it.
        sequence > case((read > oldest, read), else_=oldest),
        MessageRow.created_at >= MemberRow.joined_at,
        MessageRow.author_id != MemberRow.user_id,
        MessageRow.status.not_in(GONE),
    )
