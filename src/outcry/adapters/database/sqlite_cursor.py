"""A cursor that goes to SQLite's thread once a statement, where the library's own goes four times.

The connection begins a transaction on the same trip as its first statement.

Each trip there and back waits twice for the interpreter's lock, which a busy event loop gives up only every few
milliseconds: with a hundred sockets to write to, the trips cost more than the statements.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import ConnectionPoolEntry


class _Outcome:
    """What a statement left: the part of a DBAPI cursor that is asked for after it ran."""

    arraysize = 1

    def __init__(self) -> None:
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid = 0

    async def close(self) -> None:
        """The real cursor was closed where it was opened."""


class OneTripCursor(AsyncAdapt_aiosqlite_cursor):
    """Opens, executes, fetches and closes in one go; rows are all fetched, as in the library's own."""

    __slots__ = ()

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Outcome()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._go(lambda cursor: cursor.execute(operation, parameters or ()))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._go(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    async def _go(self, statement: Callable[[sqlite3.Cursor], object]) -> None:
        driver: Any = self._connection
        outcome: Any = self._cursor
        adapted: Any = self._adapt_connection

        def run() -> list[Any]:
            cursor = driver._conn.cursor()
            try:
                if begin := adapted.begin_with:
                    adapted.begin_with = ""
                    cursor.execute(begin)
                statement(cursor)
                outcome.description, outcome.rowcount = cursor.description, cursor.rowcount
                outcome.lastrowid = cursor.lastrowid
                return cursor.fetchall() if cursor.description else []
            finally:
                cursor.close()

        async with self._adapt_connection._execute_mutex:
            self._rows = deque(await driver._execute(run))


class OneTripConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose cursors are such ones.

    ``begin_with`` begins a transaction, on the trip of its first statement; it is empty once that is done. One that
    was never begun ends without a trip, and so does what the pool asks to be rolled back after a commit.
    """

    __slots__ = ("begin_with",)
    _cursor_cls = OneTripCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.begin_with = ""

    def commit(self) -> None:
        """Commit, if there is anything."""
        if self._has_begun():
            super().commit()

    def rollback(self) -> None:
        """Roll back, if there is anything."""
        if self._has_begun():
            super().rollback()

    def _has_begun(self) -> bool:
        self.begin_with = ""
        driver: Any = self._connection
        return bool(driver._connection and driver.in_transaction)


def connect_one_trip(
    dialect: Dialect, _record: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]
) -> OneTripConnection:
    """Connect as the dialect does; listens to SQLAlchemy's ``do_connect``."""
    adapted: Any = dialect.connect(*arguments, **options)
    return OneTripConnection(dialect.dbapi, adapted._connection)
