"""The streams of a room: its main one, and one a topic. A message belongs to one of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.text import clean_line, shorten
from outcry.services.chat.changes import Change
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.models import MessageRow
from outcry.services.chat.topics.errors import TopicArchivedError, TopicNotFoundError
from outcry.services.chat.topics.models import UNTITLED, TopicRow

_TITLE_LENGTH = 60
# Which messages of a room: those of a topic, those of none, or all.
Stream = UUID | Literal["main"] | None


def in_stream(stream: Stream) -> ColumnElement[bool]:
    """Return the condition that a message belongs to a stream."""
    if stream is None:
        return true()
    return MessageRow.topic_id.is_(None) if stream == "main" else MessageRow.topic_id == stream


async def get_topic(session: AsyncSession, room_id: UUID, topic_id: UUID) -> TopicRow:
    """Return a topic of a room that the caller is in; raises TopicNotFoundError."""
    row = await session.get(TopicRow, topic_id)
    if row is None or row.room_id != room_id:
        raise TopicNotFoundError()
    return row


async def topics_of(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, TopicRow]:
    """Return topics by their id; the caller holds their rooms, and looks whether they are of them."""
    if not ids:
        return {}
    return {row.id: row for row in await session.scalars(select(TopicRow).where(TopicRow.id.in_(ids)))}


def check_open(topic: TopicRow | None, room_id: UUID) -> None:
    """Raise TopicNotFoundError or TopicArchivedError unless something may be said in a topic of this room."""
    if topic is None or topic.room_id != room_id:
        raise TopicNotFoundError()
    if topic.archived:
        raise TopicArchivedError("This topic is archived: bring it back to go on with it.")


def note_said(change: Change, topic: TopicRow, at: datetime) -> None:
    """Count a message that was just said in a topic, and tell it."""
    topic.messages += 1
    topic.last_activity_at = at
    tell_topic(change, topic)


async def forget_first_words(change: Change, message: MessageRow) -> None:
    """Take a title away that may be words of a message that loses them, also words from before it was edited."""
    query = select(TopicRow).where(TopicRow.message_id == message.id, TopicRow.titled_by == message.author_id)
    for topic in await change.session.scalars(query.with_for_update()):
        topic.title, topic.titled_by = UNTITLED, None
        tell_topic(change, topic)


def first_words(text: str) -> str:
    """Return what a topic is called that is made from a message of this text."""
    return shorten(clean_line(text), _TITLE_LENGTH) or UNTITLED


def tell_topic(change: Change, topic: TopicRow) -> None:
    """Tell the room how a topic is now."""
    change.tell(RoomUpdate(kind="topic", topic=topic.to_topic()), room_id=topic.room_id)
