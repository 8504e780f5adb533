"""The Database port on SQLite: a file per service, in WAL mode, one writer at a time."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite_cursor import connect_one_trip
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError

READERS = 4
BUSY_TIMEOUT_S = 30


class SqliteDatabase(RelationalDatabase):
    """One SQLite file. Commits are synchronous=FULL: what was acknowledged survives a power cut."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One connection writes, so writers queue in the pool and not in SQLite's busy loop.
        writer = _engine(path, begin="BEGIN IMMEDIATE", size=1)
        reader = _engine(path, begin="BEGIN", size=READERS)
        super().__init__(name=path.stem, writer=writer, reader=reader, clock=clock)
        self._gone = (sqlite3.OperationalError,)

    async def _overwrite_deleted(self) -> None:
        """Write the file anew and empty the write-ahead log; writers wait meanwhile, readers do not.

        secure_delete alone is not enough: where a page was split, what had moved to another page is left in its gap.
        """
        async with self._writer.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            # In a file, not in memory: it is as large as the database.
            for statement in ("PRAGMA temp_store=FILE", "VACUUM", "PRAGMA temp_store=MEMORY"):
                await (await driver.execute(statement)).close()
            cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = await cursor.fetchone()
            await cursor.close()
        if busy:
            raise UnavailableError("The database is in use, so its write-ahead log cannot be emptied now.")


def _engine(path: Path, *, begin: str, size: int) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )

    event.listen(engine.sync_engine, "do_connect", connect_one_trip)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: we say BEGIN, and of which kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        # What is deleted is overwritten with zeros at once; see _overwrite_deleted for what that leaves.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.connection.dbapi_connection.begin_with = begin

    return engine
