"""The Database port's conformance suite, on SQLite and PostgreSQL; the chat service's tables serve as rows."""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast
from uuid import UUID

import pytest
from sqlalchemy import Table, delete, func, select
from sqlalchemy.exc import IntegrityError

from outcry.adapters.database.outbox import OutboxRow
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.kit.clock import FakeClock
from outcry.kit.events import Event
from outcry.kit.ids import new_id
from outcry.ports.database import Database
from outcry.services.chat.models import RoomRow
from tests.conftest import SERVICES, OpenDatabase

TENANT = UUID(int=7)


@dataclass(frozen=True, kw_only=True)
class Noted(Event):
    """A fact for these tests."""

    name: ClassVar[str] = "test.noted.v1"

    number: int


def make_room(clock: FakeClock, title: str = "Room", sequence: int = 1) -> RoomRow:
    """Return a row that is not stored yet."""
    return RoomRow(
        id=new_id(),
        tenant_id=TENANT,
        title=title,
        title_chosen=True,
        kind="room",
        created_at=clock.now(),
        last_activity_at=clock.now(),
        last_text="",
        next_sequence=sequence,
        description="",
        slow_s=0,
        floor=0,
    )


TABLE = cast(Table, RoomRow.__table__)


@pytest.fixture
async def database(open_database: OpenDatabase) -> RelationalDatabase:
    return await open_database("chat")


async def count_rooms(database: Database) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(RoomRow)) or 0)


async def test_rows_and_events_come_together(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    async with database.transaction() as transaction:
        transaction.session.add(make_room(fake_clock))
        first = transaction.publish(Noted(number=1), tenant_id=TENANT, key="a")
    assert await count_rooms(database) == 1
    ((_, envelope, tries),) = await database.pending(after=0, limit=10)
    assert (envelope.id, envelope.tenant_id, envelope.time, tries) == (first, TENANT, fake_clock.now(), 0)
    assert envelope.open(Noted) == Noted(number=1)


async def test_an_error_leaves_neither(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    with pytest.raises(RuntimeError, match="midway"):
        async with database.transaction() as transaction:
            transaction.session.add(make_room(fake_clock))
            transaction.publish(Noted(number=1), tenant_id=TENANT, key="a")
            await transaction.session.flush()
            raise RuntimeError("midway")
    assert await count_rooms(database) == 0
    assert await database.pending(after=0, limit=10) == []


def plain(room: RoomRow) -> dict[str, Any]:
    """Return a row as a mapping."""
    return {column.name: getattr(room, column.name) for column in RoomRow.__table__.columns}


async def test_many_rows_are_as_if_each_was_added(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    rooms = [make_room(fake_clock, f"Zoë’s \U0001f600 \\N\t{number}") for number in range(500)]
    async with database.transaction() as transaction:
        await transaction.add_rows(TABLE, [plain(room) for room in rooms])
        await transaction.add_rows(TABLE, [])
        event = transaction.publish(Noted(number=1), tenant_id=TENANT, key="a")
    async with database.reading() as session:
        found = {room.id: plain(room) for room in await session.scalars(select(RoomRow))}
    assert found == {room.id: plain(room) for room in rooms}
    assert [envelope.id for _, envelope, _ in await database.pending(after=0, limit=10)] == [event]


async def test_many_rows_go_with_their_transaction(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as transaction:
            await transaction.add_rows(TABLE, [plain(make_room(fake_clock))])
            raise ZeroDivisionError
    room = make_room(fake_clock)
    with pytest.raises(IntegrityError):
        async with database.transaction() as transaction:
            await transaction.add_rows(TABLE, [plain(make_room(fake_clock)), plain(room), plain(room)])
    assert await count_rooms(database) == 0


async def test_times_and_text_come_back_as_they_were(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    room = make_room(fake_clock, title="naïve 日本 👩‍🚀 ' \" ; -- %")
    async with database.transaction() as transaction:
        transaction.session.add(room)
    async with database.reading() as session:
        found = await session.get_one(RoomRow, room.id)
    assert found.title == room.title
    assert found.created_at == fake_clock.now()
    assert found.created_at.tzinfo is not None


async def test_pending_is_in_order_and_ends_when_delivered(database: RelationalDatabase) -> None:
    for number in range(5):
        async with database.transaction() as transaction:
            transaction.publish(Noted(number=number), tenant_id=TENANT, key="a")
    waiting = await database.pending(after=0, limit=3)
    assert [envelope.data["number"] for _, envelope, _ in waiting] == [0, 1, 2]
    await database.delivered([position for position, _, _ in waiting])
    rest = await database.pending(after=0, limit=10)
    assert [envelope.data["number"] for _, envelope, _ in rest] == [3, 4]
    assert await database.pending(after=rest[0][0], limit=10) == rest[1:]


async def test_failed_tries_are_counted_and_the_dead_set_aside(database: RelationalDatabase) -> None:
    async with database.transaction() as transaction:
        transaction.publish(Noted(number=1), tenant_id=TENANT, key="a")
    ((position, _, _),) = await database.pending(after=0, limit=1)
    await database.failed(position, "no answer", dead=False)
    ((_, _, tries),) = await database.pending(after=0, limit=1)
    assert tries == 1
    await database.failed(position, "no answer, again", dead=True)
    assert await database.pending(after=0, limit=1) == []
    async with database.reading() as session:
        kept = await session.scalar(select(OutboxRow))
    assert kept is not None
    assert (kept.dead, kept.tries, kept.reason) == (True, 2, "no answer, again")


async def test_an_event_is_new_to_each_consumer_once(database: RelationalDatabase) -> None:
    event_id = new_id()
    async with database.transaction() as transaction:
        assert await transaction.first_time(event_id, "a")
        assert not await transaction.first_time(event_id, "a")
        assert await transaction.first_time(event_id, "b")
    async with database.transaction() as transaction:
        assert not await transaction.first_time(event_id, "a")


async def test_a_handler_that_fails_may_handle_again(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    event_id = new_id()
    with pytest.raises(RuntimeError):
        async with database.transaction() as transaction:
            assert await transaction.first_time(event_id, "a")
            raise RuntimeError("failed")
    async with database.transaction() as transaction:
        assert await transaction.first_time(event_id, "a")
        transaction.session.add(make_room(fake_clock))
    assert await count_rooms(database) == 1


async def test_twenty_writers_count_without_a_gap(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    room = make_room(fake_clock, sequence=0)
    async with database.transaction() as transaction:
        transaction.session.add(room)

    async def count_up() -> int:
        async with database.transaction() as transaction:
            row = await transaction.session.get_one(RoomRow, room.id, with_for_update=True, populate_existing=True)
            row.next_sequence += 1
            return row.next_sequence

    numbers = await asyncio.gather(*(count_up() for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))


async def test_a_reader_does_not_wait_for_a_writer(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    async with database.transaction() as transaction:
        transaction.session.add(make_room(fake_clock))
        await transaction.session.flush()
        assert await count_rooms(database) == 0
    assert await count_rooms(database) == 1


async def test_migrating_again_does_nothing(open_database: OpenDatabase) -> None:
    database = await open_database("chat")
    from tests.conftest import SERVICES

    assert await database.migrate(SERVICES / "chat" / "migrations") == []


async def test_forgetting_removes_set_aside_events_of_those_and_no_others(
    database: RelationalDatabase, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    ann, bob, gone = new_id(), new_id(), new_id()
    async with database.transaction() as transaction:
        for number, (actor_id, tenant_id) in enumerate(((ann, TENANT), (bob, TENANT), (bob, gone), (ann, TENANT))):
            transaction.publish(Noted(number=number), tenant_id=tenant_id, key=str(number), actor_id=actor_id)
    for position, envelope, _ in await database.pending(after=0, limit=10):
        if envelope.data["number"] < 3:
            await database.failed(position, "broken", dead=True)
    await database.forget(actor_ids=(ann,), tenant_ids=(gone,))
    async with database.reading() as session:
        left = await session.scalars(select(OutboxRow.data).order_by(OutboxRow.position))
        assert [data["number"] for data in left] == [1, 3]
    # A connection that does not find back to its pool shows itself in the log alone.
    assert caplog.records == []


def read_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_forgotten_rows_are_in_no_file_of_sqlite(tmp_path: Path, fake_clock: FakeClock) -> None:
    """Rows of all lengths that grow in any order split pages, where zeroing what is deleted misses what had moved."""
    path = tmp_path / "chat.sqlite"
    database = SqliteDatabase(path, clock=fake_clock)
    await database.migrate(SERVICES / "chat" / "migrations")
    chance, word = random.Random(1), "x-marker-x"
    ids = [UUID(bytes=chance.randbytes(16)) for _ in range(3_000)]
    for start in range(0, len(ids), 500):
        async with database.transaction() as transaction:
            for number, room_id in enumerate(ids[start : start + 500]):
                room = make_room(fake_clock, title=word if number % 10 == 0 else "other")
                room.id, room.last_text = room_id, room.title * chance.randrange(60)
                transaction.session.add(room)
        async with database.transaction() as transaction:
            for room_id in chance.sample(ids[: start + 500], 200):
                grown = await transaction.session.get_one(RoomRow, room_id)
                grown.last_text += grown.title * chance.randrange(40)
    assert word.encode() in path.read_bytes() + path.with_name("chat.sqlite-wal").read_bytes()
    async with database.transaction() as transaction:
        await transaction.session.execute(delete(RoomRow).where(RoomRow.title == word))
    await database.forget(actor_ids=(), tenant_ids=())
    kept = await count_rooms(database)
    files = read_files(tmp_path)
    await database.close()
    assert kept == 2_700
    assert [name for name, content in files.items() if word.encode() in content] == []
