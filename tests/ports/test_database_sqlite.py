"""What is SQLite's alone: how often its thread is gone to."""

from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text

from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.kit.clock import FakeClock


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that every trip to a connection's thread is put into."""
    made: list[str] = []
    inner: Any = aiosqlite.Connection._execute

    async def counted(self: Any, function: Any, *args: Any, **named: Any) -> Any:
        made.append(getattr(function, "__name__", "?"))
        return await inner(self, function, *args, **named)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    return made


async def test_a_reading_is_two_trips_and_a_write_one_more_than_its_statements(
    tmp_path: Path, fake_clock: FakeClock, trips: list[str]
) -> None:
    database = SqliteDatabase(tmp_path / "it.sqlite", clock=fake_clock)
    async with database.transaction() as transaction:
        await transaction.session.execute(text("CREATE TABLE thing (name TEXT)"))
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
    trips.clear()
    async with database.reading() as session:
        await session.execute(text("SELECT 1"))
    assert trips == ["run", "rollback"]
    trips.clear()
    async with database.transaction() as transaction:
        for name in ("a", "b"):
            await transaction.session.execute(text("INSERT INTO thing VALUES (:name)"), {"name": name})
    assert trips == ["run", "run", "commit"]
    # One without a statement takes none; and what fails leaves nothing behind.
    trips.clear()
    async with database.transaction():
        pass
    assert trips == []
    with pytest.raises(RuntimeError):
        async with database.transaction() as transaction:
            await transaction.session.execute(text("INSERT INTO thing VALUES ('c')"))
            raise RuntimeError("stop")
    async with database.reading() as session:
        names = (await session.scalars(text("SELECT name FROM thing"))).all()
    assert names == ["a", "b"]
    await database.close()


async def test_a_reading_sees_one_state_and_writers_exclude_each_other(tmp_path: Path, fake_clock: FakeClock) -> None:
    one, other = (SqliteDatabase(tmp_path / "it.sqlite", clock=fake_clock) for _ in range(2))
    async with one.transaction() as transaction:
        await transaction.session.execute(text("CREATE TABLE thing (name TEXT)"))
    async with other.reading() as session:
        assert (await session.scalar(text("SELECT count(*) FROM thing"))) == 0
        async with one.transaction() as transaction:
            await transaction.session.execute(text("INSERT INTO thing VALUES ('a')"))
        assert (await session.scalar(text("SELECT count(*) FROM thing"))) == 0
    async with other.transaction() as transaction:
        # A writer, though it reads first: it holds the place that another process would have to wait for.
        assert (await transaction.session.scalar(text("SELECT count(*) FROM thing"))) == 1
        connection = await transaction.session.connection()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        assert driver.in_transaction
        raw = await aiosqlite.connect(tmp_path / "it.sqlite", timeout=0)
        with pytest.raises(aiosqlite.OperationalError, match="locked"):
            await raw.execute("BEGIN IMMEDIATE")
        await raw.close()
    for database in (one, other):
        await database.close()
