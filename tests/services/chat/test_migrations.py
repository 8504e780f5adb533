"""What stood in the tables before names were looked up."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from outcry.adapters.database.postgresql import PostgresqlDatabase
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.kit.clock import FakeClock
from outcry.kit.ids import new_id
from tests.conftest import SERVICES, PostgresqlServer

MIGRATIONS = SERVICES / "chat" / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path, fake_clock: FakeClock) -> RelationalDatabase:
    """A database with nothing in it."""
    if request.param == "sqlite":
        return SqliteDatabase(tmp_path / "chat.sqlite", clock=fake_clock)
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return PostgresqlDatabase(server.new_database(), schema="chat", clock=fake_clock)


async def fill(database: RelationalDatabase) -> None:
    """Write a room of before, its owner, a message of somebody else, and an event that was set aside."""
    room, ada, bob = (new_id().hex for _ in range(3))
    rows = {
        "room": "(id, tenant_id, title, title_chosen, kind, created_at, last_activity_at, last_text, next_sequence)"
        f" VALUES ('{room}', '{room}', 'Desk', :chosen, 'room', 1, 1, '', 2)",
        "member": "(room_id, user_id, tenant_id, kind, name, role, archived, joined_at)"
        f" VALUES ('{room}', '{ada}', '{room}', 'person', 'Ada Lovelace', 'owner', false, 1)",
        "message": "(id, tenant_id, room_id, sequence, version, author_kind, author_id, author_name, text, status,"
        " created_at, activity)"
        f" VALUES ('{room}', '{room}', '{room}', 1, 1, 'person', '{bob}', 'Bob Byron', 'hello', 'posted', 1, '')",
        "outbox": "(id, name, time, tenant_id, trace, key, data, tries, reason, dead)"
        f" VALUES ('{room}', 'chat.message_posted.v1', 1, '{room}', '', 'k',"
        """ '{"text": "my secret", "sequence": 1}', 12, '', true)""",
    }
    async with database.transaction() as transaction:
        for table, values in rows.items():
            statement = text(f"INSERT INTO {table} {values}")
            await transaction.session.execute(statement, {"chosen": True} if table == "room" else {})
        chosen = rows["room"].replace(f"VALUES ('{room}'", f"VALUES ('{ada}'")
        await transaction.session.execute(text(f"INSERT INTO room {chosen}"), {"chosen": False})
        again = rows["message"].replace(f"'{room}', '{room}', '{room}'", f"'{ada}', '{room}', '{ada}'")
        await transaction.session.execute(text(f"INSERT INTO message {again}"))


async def test_names_go_and_words_find_their_person(empty_database: RelationalDatabase, tmp_path: Path) -> None:
    database, before = empty_database, tmp_path / "before"
    shutil.copytree(MIGRATIONS, before)
    for version in (before / "versions").glob("[0-9]*.py"):
        if not version.name.startswith("0001_"):
            version.unlink()
    await database.migrate(before)
    await fill(database)
    revisions = sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))
    assert await database.migrate(MIGRATIONS) == revisions[1:]
    async with database.reading() as session:
        titled = await session.execute(
            text(
                "SELECT title_chosen, titled_by = (SELECT user_id FROM member),"
                " titled_by = (SELECT author_id FROM message LIMIT 1) FROM room ORDER BY title_chosen DESC"
            )
        )
        assert [tuple(map(bool, row)) for row in titled] == [(True, True, False), (False, False, True)]
        # Whoever was in a room has read it; nobody is shown what they read before that was shown.
        read = await session.execute(text("SELECT read, shown_read, shown_delivered FROM reading"))
        assert {tuple(row) for row in read} == {(1, 0, 0)}
    ((_, data),) = await outbox(database)
    assert "sequence" in data
    assert "secret" not in data
    async with database.reading() as session:
        found = await (await session.connection()).run_sync(columns)
    assert {"user_id", "text"} < found
    assert not {"name", "author_name"} & found
    await database.close()


def columns(connection: Connection) -> set[str]:
    """Return the columns of the two tables that had names."""
    tables = inspect(connection)
    return {column["name"] for table in ("member", "message") for column in tables.get_columns(table)}


async def outbox(database: RelationalDatabase) -> list[tuple[int, str]]:
    """Return the events that wait or were set aside, as text."""
    async with database.reading() as session:
        rows = await session.execute(text("SELECT position, CAST(data AS TEXT) FROM outbox"))
        return [(row[0], row[1]) for row in rows]
