"""The one rule of rooms: nobody sees or changes a room that they are not in."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.joint_reads import JointReads
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.errors import MemberNotFoundError, MessageNotFoundError, RoomNotFoundError
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow


async def room_of(
    session: AsyncSession, principal: Principal, room_id: UUID, *, lock: bool = False
) -> tuple[RoomRow, MemberRow]:
    """Return a room and the person's membership of it; raises RoomNotFoundError for all others.

    ``lock`` holds the room's row until the transaction ends, so that sequences are given out one by one.
    """
    return await membership(
        session, tenant_id=principal.tenant_id, room_id=room_id, person_id=principal.user_id, lock=lock
    )


async def membership(
    session: AsyncSession, *, tenant_id: UUID, room_id: UUID, person_id: UUID, lock: bool = False
) -> tuple[RoomRow, MemberRow]:
    """Return the same of somebody who is known by their id alone."""
    query = (
        select(RoomRow, MemberRow)
        .join(MemberRow, MemberRow.room_id == RoomRow.id)
        .where(RoomRow.id == room_id, RoomRow.tenant_id == tenant_id, MemberRow.user_id == person_id)
    )
    if lock:
        query = query.with_for_update(of=RoomRow)
    row = (await session.execute(query)).first()
    if row is None:
        raise RoomNotFoundError()
    return row[0], row[1]


async def members_of(session: AsyncSession, room_id: UUID) -> list[MemberRow]:
    """Return a room's members in the order in which they came."""
    query = select(MemberRow).where(MemberRow.room_id == room_id).order_by(MemberRow.joined_at, MemberRow.user_id)
    return list(await session.scalars(query))


async def member_of(session: AsyncSession, room_id: UUID, user_id: UUID) -> MemberRow:
    """Return somebody's membership of a room that the caller is in; raises MemberNotFoundError."""
    row = await session.get(MemberRow, (room_id, user_id))
    if row is None:
        raise MemberNotFoundError()
    return row


async def people_of_rooms(session: AsyncSession, rooms: Sequence[RoomRow]) -> Mapping[UUID, Sequence[UUID]]:
    """Return the people of each room that has no title and is called by them; of the others nobody."""
    found: dict[UUID, list[UUID]] = {room.id: [] for room in rooms}
    untitled = [room.id for room in rooms if not room.title]
    if untitled:
        query = (
            select(MemberRow.room_id, MemberRow.user_id)
            .where(MemberRow.room_id.in_(untitled), MemberRow.kind == "person")
            .order_by(MemberRow.joined_at, MemberRow.user_id)
        )
        for room_id, user_id in await session.execute(query):
            found[room_id].append(user_id)
    return found


async def message_of(
    session: AsyncSession, tenant_id: UUID, message_id: UUID, *, room_id: UUID | None = None, lock: bool = False
) -> MessageRow:
    """Return a message of a tenant (and room); raises MessageNotFoundError."""
    query = select(MessageRow).where(MessageRow.id == message_id, MessageRow.tenant_id == tenant_id)
    if room_id is not None:
        query = query.where(MessageRow.room_id == room_id)
    if lock:
        query = query.with_for_update()
    row = await session.scalar(query)
    if row is None:
        raise MessageNotFoundError()
    return row


class Memberships:
    """Says who is in which room, to many who ask at once: all sockets that come back ask for their topics."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads: JointReads[tuple[UUID, UUID], UUID] = JointReads(self._read)

    async def is_in(self, principal: Principal, room: str) -> bool:
        """Say whether a person is in a room; nobody is in one that is not there, or no id."""
        try:
            room_id = UUID(room)
        except ValueError:
            return False
        return await self._reads.find((room_id, principal.user_id)) == principal.tenant_id

    async def _read(self, pairs: Sequence[tuple[UUID, UUID]]) -> Mapping[tuple[UUID, UUID], UUID]:
        """Return the organisation of the room of each of these (room, person) where the person is in the room."""
        query = (
            select(MemberRow.room_id, MemberRow.user_id, RoomRow.tenant_id)
            .join(RoomRow, RoomRow.id == MemberRow.room_id)
            .where(tuple_(MemberRow.room_id, MemberRow.user_id).in_(pairs))
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return {(room_id, user_id): tenant_id for room_id, user_id, tenant_id in rows}
