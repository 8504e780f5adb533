"""What reads rooms and messages."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import from_micros, to_micros
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.ports.message_log import MessageLog
from outcry.services.chat.contracts import HistoryPage, Member, Room
from outcry.services.chat.dates import first_since
from outcry.services.chat.membership import Memberships, members_of, people_of_rooms, room_of
from outcry.services.chat.models import MemberRow, MessageRow, RoomRow, people_of_messages, to_authors
from outcry.services.chat.names import Names
from outcry.services.chat.roster import people_of
from outcry.services.chat.topics.streams import Stream, get_topic, in_stream


class ChatQueries:
    """Everything a person can see of rooms; only of those that they are in."""

    def __init__(self, *, database: Database, log: MessageLog, names: Names) -> None:
        self._database = database
        self._log = log
        self._names = names
        self._memberships = Memberships(database)

    async def list_rooms(self, principal: Principal, *, archived: bool, cursor: str | None, limit: int) -> Page[Room]:
        """Return the person's rooms, the one with the newest activity first."""
        count = clamp_limit(limit)
        query = (
            select(RoomRow, MemberRow)
            .join(MemberRow, MemberRow.room_id == RoomRow.id)
            .where(
                MemberRow.user_id == principal.user_id,
                MemberRow.archived == archived,
                RoomRow.tenant_id == principal.tenant_id,
            )
            .order_by(RoomRow.last_activity_at.desc(), RoomRow.id.desc())
            .limit(count + 1)
        )
        if cursor:
            query = query.where(_older_than(cursor))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
            crews = await people_of_rooms(session, [room for room, _ in rows])
        names = await self._names.of(principal.tenant_id, (one for crew in crews.values() for one in crew))
        rooms = tuple(room.seen_by(member, to_authors(crews[room.id], names)) for room, member in rows[:count])
        more = len(rows) > count
        following = encode_cursor(to_micros(rooms[-1].last_activity_at), str(rooms[-1].id)) if more else None
        return Page(items=rooms, next_cursor=following)

    async def get_room(self, principal: Principal, room_id: UUID) -> Room:
        """Return a room; raises RoomNotFoundError."""
        async with self._database.reading() as session:
            room, member = await room_of(session, principal, room_id)
            crew = (await people_of_rooms(session, [room]))[room.id]
        return room.seen_by(member, to_authors(crew, await self._names.of(principal.tenant_id, crew)))

    async def list_members(self, principal: Principal, room_id: UUID) -> tuple[Member, ...]:
        """Return who is in a room."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            rows = await members_of(session, room_id)
        names = await self._names.of(principal.tenant_id, people_of(rows))
        return tuple(row.to_member(names) for row in rows)

    async def history(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        cursor: str | None,
        limit: int,
        around: int | None = None,
        after: int | None = None,
        before: int | None = None,
        at: datetime | None = None,
        topic: Stream = None,
    ) -> HistoryPage:
        """Return a page of messages, oldest first; without a cursor the newest, and the cursor leads to older ones.

        ``around`` is a sequence that is to be in the middle, ``after`` one that the page begins behind, ``before`` one
        that it ends at. ``at`` is a moment: the first message that was not posted before it is in the middle. Of a
        ``topic`` or of ``main`` only the messages that belong to it; None is all of the room.
        """
        if sum(given is not None for given in (cursor, around, after, before, at)) > 1:
            raise InvalidInputError("Give one of cursor, around, after, before and at.")
        count = clamp_limit(limit)
        # The position is read before the rows: what happens in between is in the rows and is followed again, which
        # does no harm, while the other order could miss something.
        position = await self._log.position(room_id)
        theirs = and_(MessageRow.room_id == room_id, in_stream(topic))
        forward = after is not None
        query = select(MessageRow).where(theirs)
        query = query.order_by(MessageRow.sequence if forward else MessageRow.sequence.desc())
        async with self._database.reading() as session:
            room, _ = await room_of(session, principal, room_id)
            if isinstance(topic, UUID):
                await get_topic(session, room_id, topic)
            if at is not None:
                around = await first_since(session, room_id, at, end=room.next_sequence, stream=topic)
            if cursor:
                before = _before(cursor)
            query = query.where(MessageRow.sequence > room.floor)
            query = query.where(_window(before=before, around=around, after=after, count=count))
            rows = list(await session.scalars(query.limit(count + 1)))
            newest = room.next_sequence - 1
            if topic is not None:
                newest = await session.scalar(select(func.max(MessageRow.sequence)).where(theirs)) or 0
        names = await self._names.of(principal.tenant_id, people_of_messages(rows))
        shown = rows[:count] if forward else rows[count - 1 :: -1]
        items = tuple(row.to_message(names) for row in shown)
        return HistoryPage(
            items=items,
            next_cursor=encode_cursor(rows[count - 1].sequence) if len(rows) > count and not forward else None,
            epoch=position.epoch,
            offset=position.offset,
            newer=bool(items) and items[-1].sequence < newest,
        )

    async def may_listen_to_room(self, principal: Principal, room: str) -> bool:
        """Say whether a person may follow a room's topic."""
        return principal.may("chat:message:read") and await self._memberships.is_in(principal, room)

    async def may_listen_to_user(self, principal: Principal, user: str) -> bool:
        """Say whether a person may follow a person's topic: only their own."""
        return user == str(principal.user_id)


def _older_than(cursor: str) -> ColumnElement[bool]:
    micros, room_id = decode_cursor(cursor, int, str)
    try:
        moment, last_id = from_micros(int(micros)), UUID(str(room_id))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
    return or_(
        RoomRow.last_activity_at < moment,
        and_(RoomRow.last_activity_at == moment, RoomRow.id < last_id),
    )


def _window(*, before: int | None, around: int | None, after: int | None, count: int) -> ColumnElement[bool]:
    """Return which messages a page is taken from; all where no place is given."""
    if before is not None:
        return MessageRow.sequence < before
    if around is not None:
        return MessageRow.sequence <= around + count // 2
    if after is not None:
        return MessageRow.sequence > after
    return true()


def _before(cursor: str) -> int:
    sequence = int(decode_cursor(cursor, int)[0])
    if not 0 <= sequence < 2**31:
        raise InvalidInputError("The cursor is not one that this list gave out.")
    return sequence
