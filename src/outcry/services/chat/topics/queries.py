"""Lists the topics of a room."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.contracts import Topic
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.search.places import plain
from outcry.services.chat.topics.contracts import FoundTopic
from outcry.services.chat.topics.models import TopicRow
from outcry.services.chat.topics.streams import get_topic

# Topics that are looked through for words; those with the newest activity.
MOST_LOOKED_AT = 2_000


class TopicQueries:
    """Reads topics, for those who are in the room."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    async def list_topics(
        self, principal: Principal, room_id: UUID, *, archived: bool, cursor: str | None, limit: int
    ) -> Page[Topic]:
        """Return a room's topics, the one with the newest activity first."""
        count = clamp_limit(limit)
        query = (
            select(TopicRow)
            .where(TopicRow.room_id == room_id, TopicRow.archived == archived)
            .order_by(TopicRow.last_activity_at.desc(), TopicRow.id.desc())
            .limit(count + 1)
        )
        if cursor:
            query = query.where(_older_than(cursor))
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            rows = list(await session.scalars(query))
        topics = tuple(row.to_topic() for row in rows[:count])
        more = len(rows) > count
        following = encode_cursor(to_micros(topics[-1].last_activity_at), str(topics[-1].id)) if more else None
        return Page(items=topics, next_cursor=following)

    async def get_topic(self, principal: Principal, room_id: UUID, topic_id: UUID) -> Topic:
        """Return one topic; raises TopicNotFoundError."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            return (await get_topic(session, room_id, topic_id)).to_topic()

    async def find_topics(self, principal: Principal, *, words: str, limit: int) -> tuple[FoundTopic, ...]:
        """Return topics of the person's rooms that have words in their title, the newest activity first.

        They are compared as the search does behind ``in:``, without regard to case and accents.
        """
        query = (
            select(TopicRow.id, TopicRow.room_id, TopicRow.title, RoomRow.title)
            .join(RoomRow, RoomRow.id == TopicRow.room_id)
            .join(MemberRow, MemberRow.room_id == RoomRow.id)
            .where(MemberRow.user_id == principal.user_id, RoomRow.tenant_id == principal.tenant_id)
            .order_by(TopicRow.last_activity_at.desc(), TopicRow.id.desc())
            .limit(MOST_LOOKED_AT)
        )
        wanted = plain(words.strip())
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        fitting = [row for row in rows if wanted in plain(row[2])]
        return tuple(
            FoundTopic(id=topic_id, room_id=room_id, title=title, room_title=room_title)
            for topic_id, room_id, title, room_title in fitting[: clamp_limit(limit)]
        )


def _older_than(cursor: str) -> ColumnElement[bool]:
    micros, topic_id = decode_cursor(cursor, int, str)
    try:
        moment, last_id = from_micros(int(micros)), UUID(str(topic_id))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
    return or_(TopicRow.last_activity_at < moment, and_(TopicRow.last_activity_at == moment, TopicRow.id < last_id))
