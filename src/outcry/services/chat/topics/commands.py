"""Starts, names and archives topics, and moves messages between them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, or_, select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import GONE, Message, RoomUpdate, Topic
from outcry.services.chat.errors import MessageErasedError
from outcry.services.chat.membership import message_of, room_of
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.moderation.restraints import require_voice
from outcry.services.chat.moderation.word_lists import refuse_words
from outcry.services.chat.names import Name, Names
from outcry.services.chat.posting import people_in
from outcry.services.chat.rights import Right, require
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.topics.errors import TooManyTopicsError
from outcry.services.chat.topics.models import TopicRow
from outcry.services.chat.topics.streams import check_open, first_words, get_topic, tell_topic
from outcry.services.chat.wording import read_title

MOST_OPEN = 500


class TopicCommands:
    """What happens with a topic."""

    def __init__(self, *, database: Database, changes: Changes, names: Names, clock: Clock) -> None:
        self._database = database
        self._changes = changes
        self._names = names
        self._clock = clock

    async def start(
        self, principal: Principal, room_id: UUID, *, title: str | None, message_id: UUID | None = None
    ) -> Topic:
        """Start a topic, empty or from a message, whose first words are its title where none is given.

        A message has one topic: asked again, that one is returned.
        """
        principal.require("chat:topic:change")
        chosen = None if title is None else read_title(title)
        async with self._changes.of(room_id) as change:
            room, member = await room_of(change.session, principal, room_id, lock=True)
            require_voice(member, Right.POST, self._clock.now())
            titled_by = principal.user_id
            if message_id is not None:
                found = await change.session.scalar(
                    select(TopicRow).where(TopicRow.room_id == room_id, TopicRow.message_id == message_id)
                )
                if found is not None:
                    return found.to_topic()
                message = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id)
                if chosen is None:
                    chosen, titled_by = _first_words(message), message.author_id
            if chosen is None:
                raise InvalidInputError("Give the topic a title.", errors=({"field": "title", "message": "is needed"},))
            await refuse_words(change.session, room.tenant_id, room_id, chosen)
            await self._check_number(change, room_id)
            row = self._row(room, chosen, titled_by, principal.user_id, message_id)
            change.session.add(row)
            tell_topic(change, row)
        return row.to_topic()

    async def change(
        self, principal: Principal, room_id: UUID, topic_id: UUID, *, title: str | None, archived: bool | None
    ) -> Topic:
        """Rename a topic, archive it or bring it back; archiving is for who started it, and moderators."""
        principal.require("chat:topic:change")
        chosen = None if title is None else read_title(title)
        async with self._changes.of(room_id) as change:
            room, member = await room_of(change.session, principal, room_id, lock=True)
            row = await get_topic(change.session, room_id, topic_id)
            require_voice(member, Right.NAME, self._clock.now())
            await refuse_words(change.session, room.tenant_id, room_id, chosen)
            if chosen is not None:
                row.title, row.titled_by = chosen, principal.user_id
            if archived is not None and archived != row.archived:
                if row.started_by != principal.user_id:
                    require(member, Right.MODERATE)
                row.archived = archived
            tell_topic(change, row)
        return row.to_topic()

    async def move(
        self, principal: Principal, room_id: UUID, message_id: UUID, *, topic_id: UUID | None
    ) -> tuple[Message, ...]:
        """Move a message with its reply to a topic, or to the main stream; return both as they are then."""
        principal.require("chat:topic:change")
        names = await self._names_about(principal, room_id, message_id)
        async with self._changes.of(room_id) as change:
            _, member = await room_of(change.session, principal, room_id, lock=True)
            require(member, Right.MODERATE)
            message = await message_of(change.session, principal.tenant_id, message_id, room_id=room_id, lock=True)
            if message.status in GONE:
                raise MessageErasedError()
            if topic_id is not None:
                check_open(await get_topic(change.session, room_id, topic_id), room_id)
            with_it = or_(MessageRow.id == message.reply_to, MessageRow.reply_to == message_id)
            rows = [message, *await change.session.scalars(select(MessageRow).where(with_it).with_for_update())]
            moving = [row for row in rows if row.topic_id != topic_id]
            touched = {row.topic_id for row in moving} | ({topic_id} if moving else set())
            for row in moving:
                row.topic_id = topic_id
                note_message(change.session, row)
                change.tell(RoomUpdate(kind="message", message=row.to_message(names)))
            await change.session.flush()
            for one in sorted(each for each in touched if each is not None):
                await self._count_again(change, await get_topic(change.session, room_id, one))
            if moving:
                await _tell_recount(change, room_id)
        return tuple(row.to_message(names) for row in moving)

    async def _names_about(self, principal: Principal, room_id: UUID, message_id: UUID) -> Mapping[UUID, Name]:
        """Ask before the transaction for the names of who wrote a message, what it answers, and its reply."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            message = await message_of(session, principal.tenant_id, message_id, room_id=room_id)
            with_it = or_(MessageRow.id == message.reply_to, MessageRow.reply_to == message_id)
            others = await session.scalars(select(MessageRow.author_id).where(with_it, MessageRow.room_id == room_id))
            authors = {message.author_id, *others}
        return await self._names.of(principal.tenant_id, authors)

    async def _count_again(self, change: Change, topic: TopicRow) -> None:
        query = select(func.count(), func.max(MessageRow.created_at)).where(MessageRow.topic_id == topic.id)
        count, newest = (await change.session.execute(query)).one()
        topic.messages, topic.last_activity_at = count, newest or topic.created_at
        tell_topic(change, topic)

    async def _check_number(self, change: Change, room_id: UUID) -> None:
        query = select(func.count()).where(TopicRow.room_id == room_id, TopicRow.archived.is_(False))
        if (await change.session.scalar(query) or 0) >= MOST_OPEN:
            raise TooManyTopicsError(f"A room can have {MOST_OPEN} open topics at most. Archive some.")

    def _row(self, room: RoomRow, title: str, titled_by: UUID, started_by: UUID, message_id: UUID | None) -> TopicRow:
        now = self._clock.now()
        return TopicRow(
            id=new_id(),
            tenant_id=room.tenant_id,
            room_id=room.id,
            title=title,
            titled_by=titled_by,
            started_by=started_by,
            message_id=message_id,
            archived=False,
            created_at=now,
            last_activity_at=now,
            messages=0,
        )


async def _tell_recount(change: Change, room_id: UUID) -> None:
    """Have everybody count anew: what moved may be unread in one stream and read in the other."""
    for person_id in await people_in(change.session, room_id):
        change.tell_person(person_id, {"kind": "recount", "room_id": str(room_id)})


def _first_words(message: MessageRow) -> str:
    if message.status in GONE:
        raise MessageErasedError()
    return first_words(message.text)
