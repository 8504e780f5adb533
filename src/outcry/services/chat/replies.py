"""The assistant's replies: begun, continued and ended through the facade, stored before they are shown."""

from collections import OrderedDict
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line, shorten
from outcry.ports.database import Database
from outcry.services.chat.audience.queries import AudienceQueries
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.commands import Citations, cite
from outcry.services.chat.citations.reports import Reports
from outcry.services.chat.commands import restart
from outcry.services.chat.contracts import (
    ASSISTANT_ID,
    GONE,
    Answer,
    ChartCard,
    ChatFacade,
    Message,
    Recalled,
    Room,
    RoomUpdate,
)
from outcry.services.chat.errors import MessageNotFoundError, RoomNotFoundError
from outcry.services.chat.membership import membership, message_of
from outcry.services.chat.messages.access import Told
from outcry.services.chat.models import ANSWER, MessageRow, RoomRow, people_of_messages
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster, preview, take_sequence
from outcry.services.chat.search.journal import note_message
from outcry.services.chat.topics.streams import get_topic, note_said

MOST_ROOMS_KNOWN = 1_000


class ChatReplies(ChatFacade):
    """ChatFacade over the service's own database."""

    def __init__(
        self,
        *,
        database: Database,
        changes: Changes,
        names: Names,
        poster: Poster,
        audience: AudienceQueries,
        citations: Citations,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audience = audience
        self._told = Told(names)
        self._citations = citations
        self._reports = Reports(changes=changes, citations=citations, clock=clock)
        self._changes = changes
        self._names = names
        self._poster = poster
        self._clock = clock
        # Of the replies that were written last: a message never moves.
        self._rooms: OrderedDict[UUID, UUID] = OrderedDict()

    async def get_room(self, *, tenant_id: UUID, room_id: UUID, person_id: UUID) -> Room:
        """Return a room as its member sees it."""
        async with self._database.reading() as session:
            room, member = await membership(session, tenant_id=tenant_id, room_id=room_id, person_id=person_id)
            return room.seen_by(member)

    async def post_charts(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        person_id: UUID,
        text: str,
        cards: tuple[ChartCard, ...],
        client_id: str,
    ) -> Message:
        """Post a message of a member with charts."""
        return await self._poster.post(
            tenant_id=tenant_id, room_id=room_id, person_id=person_id, text=text, client_id=client_id, cards=cards
        )

    async def begin_reply(self, *, tenant_id: UUID, room_id: UUID, reply_to: UUID) -> Message:
        """Make the reply to a message, or begin it anew."""
        async with self._changes.of(room_id) as change:
            session = change.session
            query = select(RoomRow).where(RoomRow.id == room_id, RoomRow.tenant_id == tenant_id)
            room = await session.scalar(query.with_for_update())
            if room is None:
                raise RoomNotFoundError()
            question = await message_of(session, tenant_id, reply_to, room_id=room_id)
            if question.status in GONE:
                raise MessageNotFoundError()
            row: MessageRow | None = await session.scalar(
                select(MessageRow).where(MessageRow.reply_to == reply_to).with_for_update()
            )
            if row is None:
                row = self._reply(room, reply_to)
                row.topic_id = question.topic_id
                session.add(row)
                if question.topic_id is not None:
                    note_said(change, await get_topic(session, room_id, question.topic_id), row.created_at)
            else:
                restart(row)
                note_message(session, row)
            message = row.to_message()
            change.tell(RoomUpdate(kind="message", message=message))
        return message

    async def append_reply(
        self, *, tenant_id: UUID, message_id: UUID, version: int, at: int, text: str, activity: str
    ) -> bool:
        """Continue a reply's text."""
        async with self._changes.of(await self._room_of(tenant_id, message_id)) as change:
            row = await message_of(change.session, tenant_id, message_id, lock=True)
            if row.status != "streaming" or row.version != version:
                return False
            length = len(row.text)
            if at > length:
                raise InvalidInputError(f"The reply has {length} characters; {at} is past its end.")
            added = text[length - at :]
            row.text += added
            told = row.activity
            row.activity = shorten(clean_line(activity), 300)
            continued = partial(RoomUpdate, message_id=message_id, version=version)
            if added:
                change.tell(continued(kind="delta", at=length, text=added))
            if row.activity != told:
                change.tell(continued(kind="activity", text=row.activity))
        return True

    async def finish_reply(
        self,
        *,
        tenant_id: UUID,
        message_id: UUID,
        version: int,
        status: Literal["complete", "stopped", "failed"],
        text: str,
        answer: Answer,
        read: tuple[UUID, ...] = (),
    ) -> bool:
        """End a reply. One that a person stopped keeps its text and only gains the answer's sources and figures."""
        async with self._changes.of(await self._room_of(tenant_id, message_id)) as change:
            row = await message_of(change.session, tenant_id, message_id, lock=True)
            was_stopped = row.status == "stopped" and row.answer is None and row.text == text
            if row.version != version or not (row.status == "streaming" or was_stopped):
                return False
            row.text, row.activity = text, ""
            row.status = "stopped" if was_stopped else status
            row.answer = ANSWER.dump_python(answer, mode="json")
            await cite(change.session, row, quoted=[each.message_id for each in answer.messages], read=read)
            note_message(change.session, row)
            room = await change.session.get_one(RoomRow, row.room_id)
            room.last_activity_at = self._clock.now()
            room.last_text = preview(text)
            self._told.tell(change, row)
        await self._citations.check(answer, read)
        return True

    async def post_report(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        client_id: str,
        text: str,
        answer: Answer,
        read: tuple[UUID, ...] = (),
    ) -> Message:
        """Post what the assistant has to say by itself."""
        return await self._reports.post(
            tenant_id=tenant_id, room_id=room_id, client_id=client_id, text=text, answer=answer, read=read
        )

    async def get_audience(self, *, tenant_id: UUID, room_id: UUID) -> Principal:
        """Return the assistant as it may act in a room."""
        return await self._audience.principal(tenant_id=tenant_id, room_id=room_id)

    async def search_for_audience(
        self, *, tenant_id: UUID, room_id: UUID, query: str, limit: int
    ) -> tuple[Recalled, ...]:
        """Return messages that all people of the room may read."""
        return await self._audience.search(tenant_id=tenant_id, room_id=room_id, query=query, limit=limit)

    async def said_since(self, *, tenant_id: UUID, room_id: UUID, since: datetime, limit: int) -> tuple[Message, ...]:
        """Return what people said in a room from a moment on."""
        return await self._audience.since(tenant_id=tenant_id, room_id=room_id, since=since, limit=limit)

    async def recent_messages(self, *, tenant_id: UUID, room_id: UUID, before: int, limit: int) -> tuple[Message, ...]:
        """Return the newest messages before a sequence, oldest first: of the stream that the message there is in."""
        there = select(MessageRow.topic_id).where(
            MessageRow.tenant_id == tenant_id, MessageRow.room_id == room_id, MessageRow.sequence == before
        )
        query = (
            select(MessageRow)
            .where(
                MessageRow.tenant_id == tenant_id,
                MessageRow.room_id == room_id,
                MessageRow.sequence < before,
                MessageRow.status.not_in(GONE),
                MessageRow.topic_id.is_not_distinct_from(there.scalar_subquery()),
            )
            .order_by(MessageRow.sequence.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            rows = (await session.scalars(query)).all()
        names = await self._names.of(tenant_id, people_of_messages(rows))
        return tuple(row.to_message(names) for row in reversed(rows))

    async def get_message(self, *, tenant_id: UUID, message_id: UUID) -> Message:
        """Return a message."""
        async with self._database.reading() as session:
            row = await message_of(session, tenant_id, message_id)
        return row.to_message(await self._names.of(tenant_id, row.people()))

    async def unfinished_replies(self) -> tuple[tuple[UUID, Message], ...]:
        """Return what a crash left streaming."""
        async with self._database.reading() as session:
            rows = (await session.scalars(select(MessageRow).where(MessageRow.status == "streaming"))).all()
        return tuple((row.tenant_id, row.to_message()) for row in rows)

    async def _room_of(self, tenant_id: UUID, message_id: UUID) -> UUID:
        if message_id not in self._rooms:
            async with self._database.reading() as session:
                self._rooms[message_id] = (await message_of(session, tenant_id, message_id)).room_id
            while len(self._rooms) > MOST_ROOMS_KNOWN:
                self._rooms.popitem(last=False)
        return self._rooms[message_id]

    def _reply(self, room: RoomRow, reply_to: UUID) -> MessageRow:
        return MessageRow(
            id=new_id(),
            tenant_id=room.tenant_id,
            room_id=room.id,
            sequence=take_sequence(room),
            version=1,
            author_kind="assistant",
            author_id=ASSISTANT_ID,
            text="",
            status="streaming",
            created_at=self._clock.now(),
            reply_to=reply_to,
            activity="",
        )
