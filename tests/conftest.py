"""What all tests share: real engines, started once a worker."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from outcry.adapters.database.postgresql import PostgresqlDatabase
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.engines import migrations_folder
from outcry.kit.clock import FakeClock
from tests.caches import cache, let_pass, valkey
from tests.nursery import Nursery
from tests.quickness import Quickness
from tests.running import RunningServer

__all__ = ["cache", "let_pass", "valkey"]

ROOT = Path(__file__).parent.parent
SERVICES = ROOT / "src" / "outcry" / "services"

OpenDatabase = Callable[[str], Awaitable[RelationalDatabase]]


def pytest_configure(config: pytest.Config) -> None:
    """Make the run quick."""
    config.pluginmanager.register(Quickness(), "quickness")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what is long to the runs that ask for it."""
    if "OUTCRY_LONG_RUNS" in os.environ:
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="a part of `make faults`"))


@pytest.fixture(scope="session", autouse=True)
def nursery() -> Iterator[None]:
    """Have servers started by a process that has read the program already."""
    RunningServer.nursery = Nursery(ROOT)
    yield
    RunningServer.nursery.close()
    RunningServer.nursery = None


@pytest.fixture
def fake_clock() -> FakeClock:
    """A clock that stands at noon of 5 January 2026."""
    return FakeClock(datetime(2026, 1, 5, 12, tzinfo=UTC))


def find_postgresql() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where it is not installed."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@dataclass
class PostgresqlServer:
    """A PostgreSQL server of this test worker. ``dsn`` is the database that ``open_database`` uses."""

    dsn: str
    binaries: Path
    folder: Path
    run_as: str | None
    durable: bool = False
    migrated: set[str] = field(default_factory=set)
    _made: int = 0

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs."""
        command = [str(self.binaries / program), *arguments]
        subprocess.run(command, user=self.run_as, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=200"
            f" -c fsync={'on' if self.durable else 'off'}"
        )
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", log, "-o", settings, "start")

    def stop(self) -> None:
        """End the server at once, whoever is connected."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def new_database(self) -> str:
        """Make a database for a server of its own and return its address."""
        self._made += 1
        name = f"outcry_{self._made}"
        host = str(make_url(self.dsn).query["host"])
        user = make_url(self.dsn).username or ""
        subprocess.run(["psql", "-h", host, "-U", user, "-qc", f"CREATE DATABASE {name}", "postgres"], check=True)
        return f"postgresql://{user}@/{name}?host={host}"


@contextmanager
def run_postgresql(*, durable: bool = False) -> Iterator[PostgresqlServer]:
    """Run a real PostgreSQL on a socket in a folder of its own; a ``durable`` one waits for the disk."""
    binaries = find_postgresql()
    assert binaries is not None, "PostgreSQL is not installed"
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    run_as = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="outcry-pg-", dir="/tmp") as folder:
        if run_as:
            shutil.chown(folder, run_as)
        data = Path(folder) / "data"

        server = PostgresqlServer(
            dsn=f"postgresql://{user}@/postgres?host={folder}",
            binaries=binaries,
            folder=Path(folder),
            run_as=run_as,
            durable=durable,
        )
        server.run("initdb", "-D", str(data), "-U", user, "--auth=trust", "--encoding=UTF8", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server of this test worker; skip where it is not installed."""
    if find_postgresql() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with run_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of migrated, empty SQLite files, made when first asked for: copying one is faster than migrating."""
    return tmp_path_factory.mktemp("templates")


async def migrated_file(folder: Path, service: str, clock: FakeClock) -> Path:
    """Return a service's migrated, empty SQLite file."""
    path = folder / f"{service}.sqlite"
    if not path.exists():
        database = SqliteDatabase(path, clock=clock)
        await database.migrate(migrations_folder(service))
        await database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
async def open_database(
    request: pytest.FixtureRequest, tmp_path: Path, fake_clock: FakeClock, sqlite_templates: Path
) -> AsyncIterator[OpenDatabase]:
    """Give a function that opens a service's database, migrated and empty, on each engine in turn."""
    async with AsyncExitStack() as stack:

        async def open_one(service: str) -> RelationalDatabase:
            if request.param == "sqlite":
                path = tmp_path / f"{service}.sqlite"
                shutil.copy(await migrated_file(sqlite_templates, service, fake_clock), path)
                sqlite = SqliteDatabase(path, clock=fake_clock)
                stack.push_async_callback(sqlite.close)
                return sqlite
            server: PostgresqlServer = request.getfixturevalue("postgresql_server")
            database = PostgresqlDatabase(server.dsn, schema=service, clock=fake_clock)
            stack.push_async_callback(database.close)
            if service not in server.migrated:
                await database.migrate(migrations_folder(service))
                server.migrated.add(service)
            await empty_schema(server.dsn, service)
            return database

        yield open_one


# Deleting is faster than truncating where tables hold a few rows; as a replica, so that no order is asked for.
_EMPTY = """
DO $$
DECLARE one record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' AND tablename NOT LIKE 'alembic%' LOOP
        EXECUTE format('DELETE FROM %I.%I', '{schema}', one.tablename);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = '{schema}' LOOP
        EXECUTE format('ALTER SEQUENCE %I.%I RESTART', '{schema}', one.sequencename);
    END LOOP;
END $$
"""


async def empty_schema(dsn: str, schema: str) -> None:
    """Remove every row of every table of a schema, but the notes of which migrations ran."""
    engine = create_async_engine(make_url(dsn).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        await connection.exec_driver_sql(_EMPTY.replace("{schema}", schema))
    await engine.dispose()
