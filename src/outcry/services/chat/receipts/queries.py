"""What reads receipts and unread counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import to_micros
from outcry.kit.paging import clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.chat.contracts import Author
from outcry.services.chat.courier import user_topic
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.membership import message_of, room_of
from outcry.services.chat.models import MemberRow, MessageRow
from outcry.services.chat.names import FORMER, Names
from outcry.services.chat.presence.models import StandingRow
from outcry.services.chat.receipts.contracts import ReadCount, Receipt, Receipts, SeenPage, TopicRead, UnreadRooms
from outcry.services.chat.receipts.models import ReadingRow, TopicReadingRow
from outcry.services.chat.receipts.unread import unread_of
from outcry.services.chat.topics.models import TopicRow

# In rooms of at most so many people everybody's face is shown under what they read last.
MOST_FACES = 20
MOST_COUNTS = 50
MOST_TOPICS = 20

Columns = TypeVarTuple("Columns")


def receipts_topic(tenant_id: UUID, room_id: UUID) -> str:
    """Return the inner name of a room's topic of receipts."""
    return f"receipts:{tenant_id}:{room_id}"


class ReceiptQueries:
    """Everything that a person may see of who read what: of the rooms that they are in."""

    def __init__(self, *, database: Database, realtime: Realtime, names: Names, clock: Clock) -> None:
        self._database = database
        self._realtime = realtime
        self._names = names
        self._clock = clock

    async def list_unread(self, principal: Principal) -> UnreadRooms:
        """Return how all the person's rooms stand for them."""
        # The position first: what happens in between is counted, and heard again, which `last` makes harmless.
        position = await self._realtime.position(user_topic(principal.user_id))
        async with self._database.reading() as session:
            rooms = await unread_of(session, principal.tenant_id, principal.user_id)
        return UnreadRooms(epoch=position.epoch, offset=position.offset, rooms=rooms)

    async def get_receipts(self, principal: Principal, room_id: UUID) -> Receipts:
        """Return a room's receipts; of somebody who shows none of their own, only how many people there are."""
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            shows = await _shows_receipts(session, principal)
        found = await self.receipts_of((room_id,))
        if not found:  # everybody has left since
            raise RoomNotFoundError()
        receipts = found[0][1]
        if shows:
            return receipts
        return Receipts(room_id=room_id, version=receipts.version, people=receipts.people, hidden=True)

    async def list_seen(
        self, principal: Principal, room_id: UUID, message_id: UUID, *, cursor: str | None, limit: int
    ) -> SeenPage:
        """Return who has seen a message."""
        count = clamp_limit(limit)
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            message = await message_of(session, principal.tenant_id, message_id, room_id=room_id)
            others = MemberRow.user_id != message.author_id
            people = await session.scalar(_of_rooms(select(func.count()), (room_id,)).where(others)) or 0
            if not await _shows_receipts(session, principal):
                return SeenPage(items=(), next_cursor=None, people=people, seen=0, delivered=0)
            query = _shown(select(MemberRow.user_id), (room_id,)).where(others)
            seen = _who_read(query, message)
            had = query.where(ReadingRow.shown_delivered >= message.sequence)
            numbers = [
                await session.scalar(select(func.count()).select_from(each.subquery())) or 0 for each in (seen, had)
            ]
            page = seen.order_by(MemberRow.user_id).limit(count + 1)
            found = list(await session.scalars(page.where(MemberRow.user_id > _after(cursor)) if cursor else page))
        return SeenPage(
            items=await self._authors(principal.tenant_id, found[:count]),
            next_cursor=encode_cursor(str(found[count - 1])) if len(found) > count else None,
            people=people,
            seen=numbers[0],
            delivered=numbers[1],
        )

    async def receipts_of(self, room_ids: Sequence[UUID]) -> list[tuple[UUID, Receipts]]:
        """Return the organisations and receipts of rooms with people in them, as shown; nothing is checked here."""
        version = to_micros(self._clock.now())
        columns = (MemberRow.room_id, MemberRow.tenant_id, func.count())
        count = _of_rooms(select(*columns), room_ids).group_by(MemberRow.room_id, MemberRow.tenant_id)
        found: list[tuple[UUID, Receipts]] = []
        async with self._database.reading() as session:
            places = (await session.execute(count)).all()
            faces = await _receipts(session, [room_id for room_id, _, people in places if people <= MOST_FACES])
            for room_id, tenant_id, people in places:
                told = Receipts(room_id=room_id, version=version, people=people)
                if people > MOST_FACES:
                    told = replace(told, counts=await _counts(session, room_id))
                else:
                    told = replace(told, receipts=tuple(faces.get(room_id, ())))
                found.append((tenant_id, told))
        return found

    async def may_listen(self, principal: Principal, place: str) -> bool:
        """Say whether a person may follow a room's receipts, named ``<organisation>:<room>``."""
        try:
            room_id = UUID(place.partition(":")[2])
            async with self._database.reading() as session:
                await room_of(session, principal, room_id)
                return principal.may("chat:receipt:read") and await _shows_receipts(session, principal)
        except (ValueError, RoomNotFoundError):
            return False

    async def _authors(self, tenant_id: UUID, ids: list[UUID]) -> tuple[Author, ...]:
        names = await self._names.of(tenant_id, ids)
        known = [(each, names.get(each, FORMER)) for each in ids]
        return tuple(Author(kind="person", id=each, name=name.name, picture=name.picture) for each, name in known)


async def _receipts(session: AsyncSession, room_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Receipt]]:
    if not room_ids:
        return {}
    columns = (ReadingRow.room_id, ReadingRow.user_id, ReadingRow.shown_read, ReadingRow.shown_delivered)
    query = _shown(select(*columns), room_ids).where(ReadingRow.shown_delivered > 0)
    rows = (await session.execute(query.order_by(ReadingRow.user_id))).all()
    topics = await _topics_read(session, room_ids)
    found: dict[UUID, list[Receipt]] = defaultdict(list)
    for room_id, user_id, read, delivered in rows:
        said = tuple(topics.get((room_id, user_id), ()))
        found[room_id].append(Receipt(person_id=user_id, read=read, delivered=delivered, topics=said))
    return found


async def _topics_read(session: AsyncSession, room_ids: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], list[TopicRead]]:
    """Return how far people are shown to have read the topics of each room with the newest activity."""
    order = func.row_number().over(
        partition_by=TopicRow.room_id, order_by=(TopicRow.archived, TopicRow.last_activity_at.desc())
    )
    topics = select(TopicRow.id, order.label("place")).where(TopicRow.room_id.in_(room_ids), TopicRow.messages > 0)
    lively = topics.subquery()
    query = (
        select(TopicReadingRow)
        .join(lively, lively.c.id == TopicReadingRow.topic_id)
        .where(lively.c.place <= MOST_TOPICS, TopicReadingRow.shown_read > 0)
        .order_by(TopicReadingRow.topic_id)
    )
    found: dict[tuple[UUID, UUID], list[TopicRead]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.room_id, row.user_id].append(TopicRead(topic_id=row.topic_id, read=row.shown_read))
    return found


def _who_read(people: Select[*Columns], message: MessageRow) -> Select[*Columns]:
    """Narrow a query over readings to those who are shown to have read a message."""
    if message.topic_id is None:
        return people.where(ReadingRow.shown_read >= message.sequence)
    in_topic = exists().where(
        TopicReadingRow.room_id == message.room_id,
        TopicReadingRow.user_id == MemberRow.user_id,
        TopicReadingRow.topic_id == message.topic_id,
        TopicReadingRow.shown_read >= message.sequence,
    )
    return people.where(in_topic)


async def _counts(session: AsyncSession, room_id: UUID) -> tuple[ReadCount, ...]:
    query = _shown(select(ReadingRow.shown_read, func.count()), (room_id,))
    query = query.where(ReadingRow.shown_read > 0).group_by(ReadingRow.shown_read)
    rows = await session.execute(query.order_by(ReadingRow.shown_read.desc()).limit(MOST_COUNTS))
    return tuple(ReadCount(sequence=sequence, people=people) for sequence, people in rows)


def _of_rooms(query: Select[*Columns], room_ids: Sequence[UUID]) -> Select[*Columns]:
    return query.select_from(MemberRow).where(MemberRow.room_id.in_(room_ids), MemberRow.kind == "person")


def _shown(query: Select[*Columns], room_ids: Sequence[UUID]) -> Select[*Columns]:
    """Narrow a query to the readings of rooms' people who show receipts."""
    shows = or_(StandingRow.receipts.is_(None), StandingRow.receipts.is_(True))
    return (
        _of_rooms(query, room_ids)
        .join(ReadingRow, and_(ReadingRow.room_id == MemberRow.room_id, ReadingRow.user_id == MemberRow.user_id))
        .outerjoin(StandingRow, _standing_of_member())
        .where(shows)
    )


def _standing_of_member() -> ColumnElement[bool]:
    return and_(StandingRow.tenant_id == MemberRow.tenant_id, StandingRow.user_id == MemberRow.user_id)


async def _shows_receipts(session: AsyncSession, principal: Principal) -> bool:
    query = select(StandingRow.receipts).where(
        StandingRow.tenant_id == principal.tenant_id, StandingRow.user_id == principal.user_id
    )
    return await session.scalar(query) is not False


def _after(cursor: str) -> UUID:
    try:
        return UUID(str(decode_cursor(cursor, str)[0]))
    except ValueError as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
