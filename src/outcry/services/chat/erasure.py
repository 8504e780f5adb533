"""Erases people's words and whole organisations, room by room, in steps that do not hold the writer long."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.ports.database import Database
from outcry.ports.message_log import MessageLog
from outcry.services.chat.changes import Change, Changes
from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.files.dropping import drop_files
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.links.models import LinkRow
from outcry.services.chat.membership import members_of
from outcry.services.chat.messages.wiping import newest_text, wipe
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.posting import NEW_TITLES
from outcry.services.chat.retention.holds import is_held
from outcry.services.chat.room_news import tell_moved, tell_named
from outcry.services.chat.roster import Roster, people_of
from outcry.services.chat.search.journal import note_message, note_room_gone
from outcry.services.chat.topics.models import UNTITLED, TopicRow
from outcry.services.chat.topics.streams import tell_topic

STEP = 200
_PEOPLE_A_QUERY = 500


class ChatEraser:
    """Erases for good. Each step is committed alone; what a crash left is found again by asking once more."""

    def __init__(self, *, database: Database, changes: Changes, log: MessageLog, roster: Roster) -> None:
        self._database = database
        self._changes = changes
        self._log = log
        self._roster = roster

    async def erase_organisation(self, tenant_id: UUID) -> int:
        """Delete an organisation's rooms with everything in them; return how many rows went."""
        async with self._database.reading() as session:
            room_ids = list(await session.scalars(select(RoomRow.id).where(RoomRow.tenant_id == tenant_id)))
        changed = 0
        for room_id in room_ids:
            changed += await self._delete_room(room_id)
        return changed

    async def erase_people(self, person_ids: Sequence[UUID]) -> int:
        """Erase what people said, with the replies to it, and end their memberships; return how many rows changed."""
        changed = 0
        for start in range(0, len(person_ids), _PEOPLE_A_QUERY):
            people = frozenset(person_ids[start : start + _PEOPLE_A_QUERY])
            for room_id in await self._rooms_of(people):
                changed += await self._erase_in_room(room_id, people)
        return changed

    async def _rooms_of(self, people: frozenset[UUID]) -> list[UUID]:
        said = select(MessageRow.room_id).where(MessageRow.author_id.in_(people), MessageRow.status != "erased")
        joined = select(MemberRow.room_id).where(MemberRow.user_id.in_(people))
        named = select(RoomRow.id).where(or_(RoomRow.titled_by.in_(people), RoomRow.described_by.in_(people)))
        topics = select(TopicRow.room_id).where(TopicRow.titled_by.in_(people))
        links = select(LinkRow.room_id).where(LinkRow.made_by.in_(people))
        async with self._database.reading() as session:
            return sorted(await session.scalars(said.union(joined, named, topics, links)))

    async def _erase_in_room(self, room_id: UUID, people: frozenset[UUID]) -> int:
        async with self._database.reading() as session:
            present = people_of(await members_of(session, room_id))
            held = await _is_held(session, room_id)
        # What a hold is on stays, without anybody in it and without a word that shows.
        if not set(present) - people and not held:
            return await self._delete_room(room_id)
        # Out of the room first: nothing more can be said in it while the rest goes.
        changed = await self._take_out(room_id, people)
        after = 0
        while step := await self._next(room_id, people, after):
            changed += await self._erase(room_id, [message_id for message_id, _ in step])
            after = step[-1][1]
        if changed:
            async with self._changes.of(room_id) as change:
                change.tell_lists(set(present) - people)
        return changed

    async def _next(self, room_id: UUID, people: frozenset[UUID], after: int) -> list[tuple[UUID, int]]:
        """Return the ids and sequences of the next step of people's messages that are not yet erased."""
        query = (
            select(MessageRow.id, MessageRow.sequence)
            .where(MessageRow.room_id == room_id, MessageRow.sequence > after, MessageRow.author_id.in_(people))
            .where(MessageRow.status != "erased")
            .order_by(MessageRow.sequence)
            .limit(STEP)
        )
        async with self._database.reading() as session:
            return [(row.id, row.sequence) for row in await session.execute(query)]

    async def _erase(self, room_id: UUID, messages: Sequence[UUID]) -> int:
        """Erase messages and the replies to them, and show it; return how many."""
        async with self._changes.of(room_id) as change:
            session = change.session
            room = await session.scalar(select(RoomRow).where(RoomRow.id == room_id).with_for_update())
            if room is None:
                return 0
            rows = await _erase_rows(session, or_(MessageRow.id.in_(messages), MessageRow.reply_to.in_(messages)))
            before, room.last_text = room.last_text, await newest_text(session, room_id)
            change.forget_shown()
            for row in rows:
                change.tell(RoomUpdate(kind="message", message=row.to_message()))
            if room.last_text != before:
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
        return len(rows)

    async def _take_out(self, room_id: UUID, people: frozenset[UUID]) -> int:
        """End memberships, and take back a title that is made of their words."""
        async with self._changes.of(room_id) as change:
            session = change.session
            room = await session.scalar(select(RoomRow).where(RoomRow.id == room_id).with_for_update())
            if room is None:
                return 0
            members = await members_of(session, room_id)
            going = [row.user_id for row in members if row.user_id in people]
            for user_id in going:
                members = await self._roster.take_out(session, room_id, members, user_id)
                tell_moved(change.transaction, room, "left", user_id, members, actor_id=None)
                change.tell_removed(user_id)
            renamed = room.titled_by in people
            reworded = await _forget_words(change, room, people)
            if going or renamed or reworded:
                change.forget_shown()
            if going:
                self._roster.tell(change, room, members)
            if renamed:
                room.title, room.title_chosen, room.titled_by = NEW_TITLES[room.kind], False, None
                tell_named(change.transaction, room, "renamed", actor_id=None)
            if renamed or reworded:
                change.tell(RoomUpdate(kind="room", room=room.to_room(archived=False)))
        return len(going) + renamed + reworded

    async def _delete_room(self, room_id: UUID) -> int:
        """Delete a room with its messages, and tell whoever was in it."""
        some = select(MessageRow.id).where(MessageRow.room_id == room_id).limit(STEP)
        changed = 0
        while step := await self._change(delete(MessageRow).where(MessageRow.id.in_(some))):
            changed += step
        async with self._changes.of(room_id) as change:
            session = change.session
            people = people_of(await members_of(session, room_id))
            tenant_id = await session.scalar(select(RoomRow.tenant_id).where(RoomRow.id == room_id))
            if tenant_id is not None:
                note_room_gone(session, tenant_id=tenant_id, room_id=room_id)
            await drop_files(session, FileRow.room_id == room_id)
            for statement in (
                delete(MessageRow).where(MessageRow.room_id == room_id),
                delete(TopicRow).where(TopicRow.room_id == room_id),
                delete(LinkRow).where(LinkRow.room_id == room_id),
                delete(MemberRow).where(MemberRow.room_id == room_id),
                delete(RoomRow).where(RoomRow.id == room_id),
            ):
                changed += cast(CursorResult[Any], await session.execute(statement)).rowcount
            await self._log.drop(change.transaction, room_id)
            change.forget_shown()
            for user_id in people:
                change.tell_removed(user_id)
            change.tell_lists(people)
        return changed

    async def _change(self, statement: Delete) -> int:
        async with self._database.transaction() as transaction:
            return cast(CursorResult[Any], await transaction.session.execute(statement)).rowcount


async def _is_held(session: AsyncSession, room_id: UUID) -> bool:
    tenant_id = await session.scalar(select(RoomRow.tenant_id).where(RoomRow.id == room_id))
    return tenant_id is not None and await is_held(session, tenant_id, room_id)


async def _forget_words(change: Change, room: RoomRow, people: frozenset[UUID]) -> int:
    """Take back descriptions and titles of topics that are people's words, and their links; return how many."""
    session, changed = change.session, 0
    if room.described_by in people:
        room.description, room.described_by, changed = "", None, 1
        tell_named(change.transaction, room, "described", actor_id=None)
    query = select(TopicRow).where(TopicRow.room_id == room.id, TopicRow.titled_by.in_(people))
    for topic in await session.scalars(query.with_for_update()):
        topic.title, topic.titled_by = UNTITLED, None
        tell_topic(change, topic)
        changed += 1
    links = delete(LinkRow).where(LinkRow.room_id == room.id, LinkRow.made_by.in_(people))
    return changed + cast(CursorResult[Any], await session.execute(links)).rowcount


async def _erase_rows(session: AsyncSession, which: ColumnElement[bool]) -> list[MessageRow]:
    query = select(MessageRow).where(which, MessageRow.status != "erased").order_by(MessageRow.sequence)
    rows = list(await session.scalars(query.with_for_update()))
    for row in rows:
        # A higher version: whoever still shows or writes the text of this one stops.
        row.version += 1
        row.client_id, row.status = None, "erased"
        row.removed_at = row.removed_by = row.removal_reason = None
        await wipe(session, row)
        note_message(session, row)
    await session.flush()
    return rows
