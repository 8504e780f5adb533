"""What the entries of a room's log stand for: the present state of their subjects, as updates.

One function a kind of update. A kind that is told and has none here cannot be read later: its followers load the room
anew.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.membership import members_of
from outcry.services.chat.models import MessageRow, RoomRow, people_of_messages
from outcry.services.chat.names import Names
from outcry.services.chat.roster import people_of
from outcry.services.chat.topics.models import TopicRow

IDS_A_QUERY = 500

States = Mapping[UUID, RoomUpdate]
# Reads the rows of these subjects of a room, and gives what turns them into updates once no session is open any more.
ReadStates = Callable[[AsyncSession, RoomRow, Sequence[UUID]], Awaitable[Callable[[Names], Awaitable[States]]]]


async def read_messages(
    session: AsyncSession, room: RoomRow, ids: Sequence[UUID]
) -> Callable[[Names], Awaitable[States]]:
    """Read messages, whole; one that is gone is left out."""
    rows: list[MessageRow] = []
    for start in range(0, len(ids), IDS_A_QUERY):
        these = MessageRow.id.in_(ids[start : start + IDS_A_QUERY])
        rows += await session.scalars(select(MessageRow).where(these, MessageRow.room_id == room.id))

    async def make(names: Names) -> States:
        known = await names.of(room.tenant_id, people_of_messages(rows))
        return {row.id: RoomUpdate(kind="message", message=row.to_message(known)) for row in rows}

    return make


async def read_room(session: AsyncSession, room: RoomRow, ids: Sequence[UUID]) -> Callable[[Names], Awaitable[States]]:
    """Give the room as it is told to everybody in it."""

    async def make(_: Names) -> States:
        return {room.id: RoomUpdate(kind="room", room=room.to_room(archived=False))}

    return make


async def read_members(
    session: AsyncSession, room: RoomRow, ids: Sequence[UUID]
) -> Callable[[Names], Awaitable[States]]:
    """Read who is in the room."""
    rows = await members_of(session, room.id)

    async def make(names: Names) -> States:
        known = await names.of(room.tenant_id, people_of(rows))
        return {room.id: RoomUpdate(kind="members", members=tuple(row.to_member(known) for row in rows))}

    return make


async def read_topics(
    session: AsyncSession, room: RoomRow, ids: Sequence[UUID]
) -> Callable[[Names], Awaitable[States]]:
    """Read topics of the room."""
    rows: list[TopicRow] = []
    for start in range(0, len(ids), IDS_A_QUERY):
        these = TopicRow.id.in_(ids[start : start + IDS_A_QUERY])
        rows += await session.scalars(select(TopicRow).where(these, TopicRow.room_id == room.id))

    async def make(_: Names) -> States:
        return {row.id: RoomUpdate(kind="topic", topic=row.to_topic()) for row in rows}

    return make


STATES: Mapping[str, ReadStates] = {
    "message": read_messages,
    "room": read_room,
    "members": read_members,
    "topic": read_topics,
}
