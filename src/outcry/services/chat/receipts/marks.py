"""Writes how far people have read, many at a time: five hundred readers of a message are one transaction."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, case, delete, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.presence.hiding import hiding_people
from outcry.services.chat.receipts.mark import Mark
from outcry.services.chat.receipts.models import DeliveryRow, ReadingRow, TopicReadingRow
from outcry.services.chat.topics.models import TopicRow
from outcry.services.chat.topics.streams import Stream

log = logging.getLogger(__name__)

Place = tuple[UUID, UUID]  # a room and a person in it
# What a device had is of no use once it has been silent for so long.
DEVICE_KEPT = timedelta(days=90)
_PLACES_A_STATEMENT = 200


@dataclass(frozen=True, slots=True)
class _Member:
    tenant_id: UUID
    last: int
    hides: bool


Written = Callable[[Mapping[Place, Mark]], Awaitable[None]]


async def _tell_nobody(_: Mapping[Place, Mark]) -> None:
    return None


class Marks:
    """Gathers marks for ``gather_s`` seconds and writes them together, sooner when somebody waits; they only grow.

    ``on_written`` is awaited after each commit with what was written. A process that dies loses what nobody was told
    of: whoever waits for ``put`` is answered after the commit.
    """

    def __init__(self, *, database: Database, clock: Clock, gather_s: float = 1.0) -> None:
        self._database = database
        self._clock = clock
        self._gather_s = gather_s
        self._pending: dict[Place, Mark] = {}
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self.on_written: Written = _tell_nobody
        # Held by whoever writes marks, so that what is told of them keeps the order of the commits.
        self.order = asyncio.Lock()

    def note(
        self,
        room_id: UUID,
        person_id: UUID,
        *,
        tenant_id: UUID | None = None,
        stream: Stream = None,
        read: int = 0,
        device_id: UUID | None = None,
        delivered: int = 0,
    ) -> Mark:
        """Have a mark written soon, of the whole room or one ``stream`` of it.

        A ``tenant_id`` of None comes from a message of the room itself.
        """
        mark = self._pending.setdefault((room_id, person_id), Mark(tenant_id))
        if tenant_id is None:
            mark.tenant_id = None
        mark.raise_to(stream, read=read, device_id=device_id, delivered=delivered)
        if self._task is None:
            self._task = asyncio.create_task(self._write_until_quiet())
        return mark

    async def put(self, room_id: UUID, person_id: UUID, **said: Any) -> None:
        """Have a mark written, and wait for it; raises RoomNotFoundError for who is not in the room."""
        done = asyncio.get_running_loop().create_future()
        self.note(room_id, person_id, **said).waiting.append(done)
        self._hurry.set()
        await done

    def take_back(self, room_id: UUID, person_id: UUID, topic_id: UUID | None) -> None:
        """Forget how far somebody is said to have read a topic, or the main stream, where that is not written yet.

        Call it holding ``order``.
        """
        if mark := self._pending.get((room_id, person_id)):
            mark.take_back(topic_id)

    async def settle(self) -> None:
        """Write what waits."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def stop(self) -> None:
        """Write what waits, at the end of the process."""
        self._gather_s = 0
        self._hurry.set()
        with contextlib.suppress(asyncio.CancelledError):
            await self.settle()

    async def _write_until_quiet(self) -> None:
        try:
            while self._pending:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._gather_s):
                        await self._hurry.wait()
                async with self.order:
                    self._hurry.clear()
                    marks, self._pending = self._pending, {}
                    await self._write_and_answer(marks)
        finally:
            self._task = None

    async def _write_and_answer(self, marks: dict[Place, Mark]) -> None:
        failed: BaseException | None = None
        written: dict[Place, Mark] = {}
        try:
            written = await self._write_again_if_raced(marks)
            await self.on_written(written)
        except Exception as error:
            log.exception("marks were not written")
            failed = error
        for place, mark in marks.items():
            for done in mark.waiting:
                if done.done():
                    continue
                if failed or place not in written:
                    done.set_exception(failed or RoomNotFoundError())
                else:
                    done.set_result(None)

    async def _write_again_if_raced(self, marks: Mapping[Place, Mark]) -> dict[Place, Mark]:
        try:
            return await self._write(marks)
        except IntegrityError:
            # Somebody left a room between the look and the writing.
            return await self._write(marks)

    async def _write(self, marks: Mapping[Place, Mark]) -> dict[Place, Mark]:
        # Looked up before, so that those who post wait for the writing alone. What a mark names is committed already.
        async with self._database.reading() as session:
            members = await _members(session, marks, self._clock)
            topics = await _topics(session, {room_id for room_id, _ in members})
        written: dict[Place, Mark] = {}
        for place, mark in marks.items():
            member = members.get(place)
            if member and mark.tenant_id in (None, member.tenant_id):
                mark.tenant_id = member.tenant_id
                mark.settle(last=member.last, topics=topics.get(place[0], ()))
                written[place] = mark
        if written:
            async with self._database.transaction() as transaction:
                await self._write_readings(transaction.session, written, members)
                await self._write_topics(transaction.session, written, members)
                await self._write_deliveries(transaction.session, written, members)
        return written

    async def _write_readings(
        self, session: AsyncSession, marks: Mapping[Place, Mark], members: Mapping[Place, _Member]
    ) -> None:
        rows = []
        for place, mark in marks.items():
            member = members[place]
            rows.append(
                {
                    "room_id": place[0],
                    "user_id": place[1],
                    "tenant_id": member.tenant_id,
                    "read": mark.main,
                    "shown_read": 0 if member.hides else mark.main,
                    "shown_delivered": 0 if member.hides else min(mark.highest, member.last),
                }
            )
        await self._raise(session, ReadingRow, rows, ("read", "shown_read", "shown_delivered"))

    async def _write_topics(
        self, session: AsyncSession, marks: Mapping[Place, Mark], members: Mapping[Place, _Member]
    ) -> None:
        rows = [
            {
                "room_id": place[0],
                "user_id": place[1],
                "topic_id": topic_id,
                "tenant_id": members[place].tenant_id,
                "read": read,
                "shown_read": 0 if members[place].hides else read,
            }
            for place, mark in marks.items()
            for topic_id, read in mark.topics.items()
        ]
        await self._raise(session, TopicReadingRow, rows, ("read", "shown_read"))

    async def _write_deliveries(
        self, session: AsyncSession, marks: Mapping[Place, Mark], members: Mapping[Place, _Member]
    ) -> None:
        now = self._clock.now()
        rows = [
            {
                "room_id": room_id,
                "user_id": user_id,
                "device_id": device_id,
                "tenant_id": members[room_id, user_id].tenant_id,
                "delivered": min(delivered, members[room_id, user_id].last),
                "at": now,
            }
            for (room_id, user_id), mark in marks.items()
            for device_id, delivered in mark.delivered.items()
        ]
        if rows:
            await self._raise(session, DeliveryRow, rows, ("delivered", "at"))
            for room_id in {row["room_id"] for row in rows}:
                silent = delete(DeliveryRow).where(DeliveryRow.room_id == room_id, DeliveryRow.at < now - DEVICE_KEPT)
                await session.execute(silent)

    async def _raise(
        self,
        session: AsyncSession,
        table: type[ReadingRow] | type[TopicReadingRow] | type[DeliveryRow],
        rows: Sequence[Mapping[str, Any]],
        columns: Iterable[str],
    ) -> None:
        """Insert rows, or raise these columns of those that are there; none is ever lowered."""
        if not rows:
            return
        dialect = postgresql if self._database.engine_name == "postgresql" else sqlite
        target = cast(Table, table.__table__)
        insert = dialect.insert(target)
        changes = {
            name: case((insert.excluded[name] > target.c[name], insert.excluded[name]), else_=target.c[name])
            for name in columns
        }
        keys = [column.name for column in target.primary_key]
        statement = insert.on_conflict_do_update(index_elements=keys, set_=changes)
        # In one order, so that two processes that write the same places do not wait for each other.
        ordered = sorted(rows, key=lambda row: tuple(str(row[key]) for key in keys))
        await session.execute(statement, ordered)


async def _topics(session: AsyncSession, room_ids: set[UUID]) -> dict[UUID, set[UUID]]:
    """Return the topics in which something was said, by room."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    query = select(TopicRow.room_id, TopicRow.id).where(TopicRow.room_id.in_(room_ids), TopicRow.messages > 0)
    for room_id, topic_id in await session.execute(query):
        found[room_id].add(topic_id)
    return found


async def _members(session: AsyncSession, places: Iterable[Place], clock: Clock) -> dict[Place, _Member]:
    """Return those of the places where somebody is, with the room's newest sequence and whether the person hides."""
    wanted, found = list(places), []
    for start in range(0, len(wanted), _PLACES_A_STATEMENT):
        some = wanted[start : start + _PLACES_A_STATEMENT]
        query = (
            select(MemberRow.room_id, MemberRow.user_id, MemberRow.tenant_id, RoomRow.next_sequence)
            .join(RoomRow, RoomRow.id == MemberRow.room_id)
            .where(tuple_(MemberRow.room_id, MemberRow.user_id).in_(some), MemberRow.kind == "person")
        )
        found += list(await session.execute(query))
    hiding = await hiding_people(session, {row.user_id for row in found}, clock.now())
    return {
        (row.room_id, row.user_id): _Member(
            row.tenant_id, row.next_sequence - 1, (row.tenant_id, row.user_id) in hiding
        )
        for row in found
    }
