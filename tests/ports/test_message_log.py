"""The MessageLog port's conformance suite, on SQLite and PostgreSQL."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from outcry.adapters.database.postgresql import PostgresqlDatabase
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.message_log import sql
from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.engines import migrations_folder
from outcry.kit.clock import FakeClock
from outcry.kit.ids import new_id
from outcry.kit.topics import Position
from outcry.ports.message_log import MessageLog, NewEntry
from tests.conftest import OpenDatabase, PostgresqlServer, migrated_file

MANY = 1_000
ROOM = UUID(int=7)


@pytest.fixture
async def database(open_database: OpenDatabase) -> RelationalDatabase:
    return await open_database("chat")


@pytest.fixture
def log(database: RelationalDatabase, fake_clock: FakeClock) -> MessageLog:
    return SqlMessageLog(database, clock=fake_clock)


def entry(log_id: UUID = ROOM, subject: int = 1, kind: str = "message") -> NewEntry:
    return NewEntry(log_id=log_id, kind=kind, subject_id=UUID(int=subject))


async def append(log: MessageLog, database: RelationalDatabase, *entries: NewEntry) -> Sequence[int]:
    async with database.transaction() as transaction:
        return await log.append(transaction, entries)


async def seen(log: MessageLog, after: Position, *, most: int = MANY, log_id: UUID = ROOM) -> list[tuple[int, int]]:
    """Return (offset, subject) of what came after a position."""
    stretch = await log.read(log_id, after, most=most)
    assert stretch is not None
    return [(one.offset, one.subject_id.int) for one in stretch.entries]


async def test_offsets_count_up_by_one_a_log(log: MessageLog, database: RelationalDatabase) -> None:
    other = new_id()
    start = await log.position(ROOM)
    assert start.offset == 0
    assert await append(log, database, entry(), entry(other), entry(subject=2)) == [1, 1, 2]
    assert await append(log, database, entry(subject=3)) == [3]
    assert await append(log, database) == ()
    assert [(await log.position(each)).offset for each in (ROOM, other)] == [3, 1]
    assert await seen(log, start) == [(1, 1), (2, 2), (3, 3)]


async def test_what_is_rolled_back_leaves_no_hole(log: MessageLog, database: RelationalDatabase) -> None:
    await append(log, database, entry())
    start = await log.position(ROOM)
    with pytest.raises(LookupError):
        async with database.transaction() as transaction:
            assert await log.append(transaction, [entry(subject=2), entry(subject=3)]) == [2, 3]
            raise LookupError("no")
    assert await log.position(ROOM) == start
    assert await append(log, database, entry(subject=4)) == [2]
    assert await seen(log, start) == [(2, 4)]


async def test_many_who_append_at_once_share_no_offset(log: MessageLog, database: RelationalDatabase) -> None:
    rooms = [UUID(int=number) for number in (3, 1, 2)]
    start = Position(epoch=await log.epoch(), offset=0)

    async def appends(number: int) -> None:
        # Each in another order of the logs: who held one while waiting for another would wait for ever.
        mine = rooms[number % 3 :] + rooms[: number % 3]
        await append(log, database, *(entry(room, number) for room in mine))

    async with asyncio.timeout(20):
        await asyncio.gather(*(appends(number) for number in range(20)))
    for room in rooms:
        assert [offset for offset, _ in await seen(log, start, log_id=room)] == list(range(1, 21))


async def test_a_subject_stands_once_a_kind_where_it_changed_last(
    log: MessageLog, database: RelationalDatabase
) -> None:
    start = await log.position(ROOM)
    await append(log, database, entry(subject=1), entry(subject=2), entry(subject=1), entry(subject=1, kind="pins"))
    stretch = await log.read(ROOM, start, most=3)
    assert stretch is not None
    assert [(one.offset, one.kind, one.subject_id.int) for one in stretch.entries] == [
        (2, "message", 2),
        (3, "message", 1),
        (4, "pins", 1),
    ]
    assert stretch.position == replace(start, offset=4)
    assert await seen(log, replace(start, offset=3)) == [(4, 1)]
    assert await seen(log, replace(start, offset=4)) == []


async def test_never_a_part(log: MessageLog, database: RelationalDatabase) -> None:
    start = await log.position(ROOM)
    assert await seen(log, start) == []
    await append(log, database, *(entry(subject=number) for number in range(5)))
    assert await log.read(ROOM, start, most=4) is None
    assert len(await seen(log, start, most=5)) == 5
    for wrong in (
        replace(start, offset=6),
        replace(start, offset=-1),
        replace(start, offset=2**70),
        Position(epoch="another", offset=1),
    ):
        assert await log.read(ROOM, wrong, most=MANY) is None


async def test_the_old_end_is_cut_by_number_and_by_age(
    log: MessageLog, database: RelationalDatabase, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "CUT_A_STEP", 2)
    start, quiet = await log.position(ROOM), new_id()
    await append(log, database, entry(quiet), *(entry(subject=number) for number in range(8)))
    long_ago = fake_clock.now() - timedelta(days=1)
    assert await log.cut(keep=100, before=long_ago) == 0
    assert await log.cut(keep=3, before=long_ago) == 5
    assert await log.read(ROOM, replace(start, offset=4), most=MANY) is None
    assert [offset for offset, _ in await seen(log, replace(start, offset=5))] == [6, 7, 8]
    fake_clock.advance(timedelta(days=2))
    await append(log, database, entry(subject=9))
    assert await log.cut(keep=100, before=fake_clock.now() - timedelta(days=1)) == 4
    assert await log.read(ROOM, replace(start, offset=5), most=MANY) is None
    assert await seen(log, replace(start, offset=8)) == [(9, 9)]
    assert await seen(log, replace(start, offset=1), log_id=quiet) == []
    assert await append(log, database, entry()) == [10]


async def test_a_dropped_log_is_gone(log: MessageLog, database: RelationalDatabase) -> None:
    await append(log, database, entry(), entry())
    async with database.transaction() as transaction:
        await log.drop(transaction, ROOM)
    assert (await log.position(ROOM)).offset == 0
    assert await log.read(ROOM, Position(epoch=await log.epoch(), offset=1), most=MANY) is None


async def test_the_epoch_stays_until_it_is_renewed(
    log: MessageLog, database: RelationalDatabase, fake_clock: FakeClock
) -> None:
    await append(log, database, entry())
    before = await log.position(ROOM)
    again = SqlMessageLog(database, clock=fake_clock)
    assert await again.position(ROOM) == before
    assert await again.renew() != before.epoch
    later = SqlMessageLog(database, clock=fake_clock)
    assert (await later.position(ROOM)).offset == 1
    assert await later.read(ROOM, before, most=MANY) is None


async def test_processes_that_start_at_once_have_one_epoch(database: RelationalDatabase, fake_clock: FakeClock) -> None:
    epochs = await asyncio.gather(*(SqlMessageLog(database, clock=fake_clock).epoch() for _ in range(4)))
    assert len(set(epochs)) == 1


async def test_a_copy_that_is_put_in_place_has_another_epoch(
    tmp_path: Path, sqlite_templates: Path, fake_clock: FakeClock
) -> None:
    path, backup = tmp_path / "chat.sqlite", tmp_path / "backup.sqlite"
    shutil.copy(await migrated_file(sqlite_templates, "chat", fake_clock), path)

    async def epoch() -> str:
        database = SqliteDatabase(path, clock=fake_clock)
        try:
            return await SqlMessageLog(database, clock=fake_clock).epoch()
        finally:
            await database.close()

    first = await epoch()
    shutil.copy(path, backup)
    assert await epoch() == first
    path.rename(tmp_path / "broken.sqlite")
    shutil.copy(backup, path)
    second = await epoch()
    assert second != first
    assert await epoch() == second


async def test_overwriting_what_was_deleted_is_no_new_epoch(
    log: MessageLog, database: RelationalDatabase, fake_clock: FakeClock
) -> None:
    before = await log.epoch()
    await database.forget(actor_ids=(), tenant_ids=())
    assert await SqlMessageLog(database, clock=fake_clock).epoch() == before


async def test_a_table_that_was_restored_has_another_epoch(
    postgresql_server: PostgresqlServer, fake_clock: FakeClock
) -> None:
    database = PostgresqlDatabase(postgresql_server.new_database(), schema="chat", clock=fake_clock)
    await database.migrate(migrations_folder("chat"))
    before = await SqlMessageLog(database, clock=fake_clock).epoch()
    assert await SqlMessageLog(database, clock=fake_clock).epoch() == before
    # As a dump does it: a new table, with the rows of the old one.
    async with database.transaction() as transaction:
        for statement in (
            "ALTER TABLE log_lineage RENAME TO dumped",
            "CREATE TABLE log_lineage (LIKE dumped INCLUDING ALL)",
            "INSERT INTO log_lineage SELECT * FROM dumped",
            "DROP TABLE dumped",
        ):
            await transaction.session.execute(text(statement))
    assert await SqlMessageLog(database, clock=fake_clock).epoch() != before
    await database.close()
