"""Bars in one DuckDB file: columns, no server, one process at a time."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import duckdb
import numpy as np

from outcry.adapters.time_series import duckdb_sql as sql
from outcry.adapters.time_series.buckets import can_group, group
from outcry.adapters.time_series.duckdb_bulk import is_plain, write_together
from outcry.kit.errors import UnavailableError
from outcry.kit.market import Bars, Floats, Micros, Timeframe, from_micros, to_micros
from outcry.ports.time_series import Batch, Coverage

T = TypeVar("T")

_PRICES = ("open", "high", "low", "close", "volume", "adjusted_close")
# Of more organisations than this the coverage is read anew.
_KNOWN_TENANTS = 1_000
_KNOWN_SERIES = 20_000
_LENGTH_ORDER = {timeframe.value: place for place, timeframe in enumerate(Timeframe)}


class DuckdbTimeSeries:
    """Implements the TimeSeries port. Times are BIGINT microseconds; a series is a small integer.

    There is no index: a write compares only the stored rows in its own time range, and reads are cut by DuckDB's
    zone maps, which measured faster for both than a primary key. Calls run in threads, each on a cursor of its own;
    writers wait for each other.

    Args:
        path: the file; its folder must exist. None keeps everything in memory.
        memory_limit: as DuckDB spells it; beyond it DuckDB spills to a folder beside the file.

    Raises:
        UnavailableError: another process has the file open, or it cannot be opened.
    """

    def __init__(self, path: Path | None, *, memory_limit: str = "256MB", threads: int = 2) -> None:
        config = {"memory_limit": memory_limit, "threads": threads, "autoinstall_known_extensions": False}
        self._connection = _connect(path, config)
        self._writing = threading.Lock()
        self._cursors = threading.Lock()
        self._closed = False
        self._remembering = threading.Lock()
        self._known: dict[UUID, tuple[Coverage, ...]] = {}
        self._found: dict[tuple[UUID, str, Timeframe], _Series] = {}
        self._written = 0
        self._versions: dict[tuple[UUID, str, str], int] = {}
        with self._cursor() as cursor:
            for statement in sql.SCHEMA:
                cursor.execute(statement)

    async def write(self, tenant_id: UUID, batches: Sequence[Batch]) -> int:
        """Write all batches in one transaction; returns how many bars were new or different."""
        return await asyncio.to_thread(self._write, tenant_id, batches)

    async def read(
        self,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int,
    ) -> Bars:
        """Return the newest ``limit`` stored bars with start <= time < end, oldest first."""
        first, last = _range(start, end)

        def run(cursor: duckdb.DuckDBPyConnection) -> Bars:
            series = self._find(cursor, tenant_id, symbol, timeframe)
            if series is None or limit < 1:
                return _EMPTY
            return _read(cursor, series, timeframe, (first, last), limit)

        return await self._query(run)

    async def aggregate(
        self,
        tenant_id: UUID,
        symbol: str,
        source: Timeframe,
        target: Timeframe,
        *,
        zone: str,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int,
    ) -> Bars:
        """Return the newest ``limit`` bars of ``target`` built of stored ``source`` bars, oldest first."""
        first, last = _range(start, end)
        if can_group(source, target, zone):
            return await self._query(
                lambda cursor: _aggregate(
                    cursor, self._find(cursor, tenant_id, symbol, source), (source, target), (first, last), limit
                )
            )
        statement = sql.aggregate(source, target, zone)
        margin = sql.margin(target)

        def run(cursor: duckdb.DuckDBPyConnection) -> Bars:
            series = self._find(cursor, tenant_id, symbol, source)
            if series is None or limit < 1:
                return _EMPTY
            values: dict[str, int | str] = {
                "series": series.number,
                "first": first,
                "last": last,
                "from": max(first - margin, _EARLIEST),
                "until": min(last + margin, _LATEST),
                "span": (limit + 1) * sql.most_sources(source, target) - 1,
                "limit": limit,
            }
            if sql.needs_zone(source, target, zone):
                values["zone"] = zone
            return _to_bars(cursor.execute(statement, values))

        return await self._query(run)

    async def coverage(self, tenant_id: UUID, symbols: Sequence[str] | None = None) -> Sequence[Coverage]:
        """Return what is stored, for these symbols or for all, ordered by symbol and length of bar."""
        known = self._known.get(tenant_id)
        if known is None or self._closed:
            known = await asyncio.to_thread(self._read_coverage, tenant_id)
        if symbols is None:
            return known
        wanted = set(symbols)
        return [one for one in known if one.symbol in wanted]

    def _read_coverage(self, tenant_id: UUID) -> tuple[Coverage, ...]:
        # This process is the only writer, so what it remembers is right until it writes: see _transaction.
        written = self._written
        with self._cursor() as cursor:
            rows = cursor.execute(sql.COVERAGE, {"tenant": tenant_id}).fetchall()
        rows.sort(key=lambda row: (row[0], _LENGTH_ORDER[row[1]]))
        found = tuple(
            Coverage(
                symbol=symbol,
                timeframe=Timeframe(timeframe),
                first=from_micros(first),
                last=from_micros(last),
                count=count,
                version=self._versions.get((tenant_id, symbol, timeframe), 0),
            )
            for symbol, timeframe, first, last, count in rows
        )
        with self._remembering:
            if written == self._written:
                if len(self._known) >= _KNOWN_TENANTS:
                    self._known.clear()
                self._known[tenant_id] = found
        return found

    async def delete(self, tenant_id: UUID, symbol: str) -> int:
        """Remove every bar of a symbol; returns how many there were."""

        def run() -> int:
            with self._transaction() as cursor:
                given = {"tenant": tenant_id, "symbol": symbol}
                removed = _count(cursor.execute(sql.DELETE_BARS, given))
                cursor.execute(sql.DELETE_SERIES, given)
                return removed

        return await asyncio.to_thread(run)

    async def close(self) -> None:
        """Write the log into the file and release it; later calls raise UnavailableError."""

        def run() -> None:
            with self._writing, self._cursors:
                if not self._closed:
                    self._closed = True
                    self._connection.close()

        await asyncio.to_thread(run)

    async def _query(self, run: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        def call() -> T:
            with self._cursor() as cursor:
                return run(cursor)

        return await asyncio.to_thread(call)

    def _write(self, tenant_id: UUID, batches: Sequence[Batch]) -> int:
        for batch in batches:
            _check(batch)
        with self._transaction() as cursor:
            filled = [batch for batch in batches if len(batch.bars)]
            if is_plain(filled):
                changed = write_together(cursor, tenant_id, filled)
            else:
                changed = sum(_write_batch(cursor, tenant_id, batch) for batch in filled)
            if changed:
                written = self._written + 1
                self._versions.update({(tenant_id, one.symbol, one.timeframe.value): written for one in filled})
            return changed

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._cursors:
            if self._closed:
                raise UnavailableError("The market store is closed.")
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")
            with self._remembering:
                self._written += 1
                self._known.clear()
                self._found.clear()

    def _find(
        self, cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, symbol: str, timeframe: Timeframe
    ) -> "_Series | None":
        """Return a series, from memory where it is known: see ``_read_coverage``."""
        key = (tenant_id, symbol, timeframe)
        known = self._found.get(key)
        if known is None:
            written = self._written
            known = _find_series(cursor, tenant_id, symbol, timeframe)
            with self._remembering:
                if known is not None and written == self._written:
                    if len(self._found) >= _KNOWN_SERIES:
                        self._found.clear()
                    self._found[key] = known
        return known


_EARLIEST, _LATEST = -(2**62), 2**62
_NO_FLOATS = np.empty(0, dtype=np.float64)
_EMPTY = Bars(
    time=np.empty(0, dtype=np.int64),
    open=_NO_FLOATS,
    high=_NO_FLOATS,
    low=_NO_FLOATS,
    close=_NO_FLOATS,
    volume=_NO_FLOATS,
    adjusted_close=_NO_FLOATS,
)


def _connect(path: Path | None, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(":memory:" if path is None else str(path), config=config)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise UnavailableError(
                f"The market store {path} is open in another Outcry process. "
                "Stop that one first, or give this one a data folder of its own."
            ) from error
        if "not a valid DuckDB" in str(error):
            raise UnavailableError(f"The market store {path} is not a DuckDB file, or it is damaged.") from error
        raise UnavailableError(
            f"The market store {path} cannot be opened. Does its folder exist and may we write there?"
        ) from error


def _range(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    first = _EARLIEST if start is None else to_micros(start)
    return first, _LATEST if end is None else to_micros(end)


def _check(batch: Batch) -> None:
    if len(batch.bars) > 1 and not bool(np.all(np.diff(batch.bars.time) > 0)):
        raise ValueError(f"the times of {batch.symbol} {batch.timeframe} are not strictly increasing")


class _Series(NamedTuple):
    """A stored series: its number, its oldest and newest time, and how many bars it has."""

    number: int
    first: int | None
    last: int | None
    bars: int


def _read(
    cursor: duckdb.DuckDBPyConnection, series: _Series, timeframe: Timeframe, window: tuple[int, int], limit: int
) -> Bars:
    first, last = window
    if limit >= series.bars:
        return _to_bars(cursor.execute(sql.READ_ALL, [series.number, first, last])).tail(limit)
    # Finding the newest of many rows is slow when each row is newer than the one before, so a likely part is tried.
    newest = min(last, series.last if series.last is not None else last)
    likely = sql.likely_start(newest, limit, timeframe)
    if likely > first:
        bars = _to_bars(cursor.execute(sql.READ_ALL, [series.number, likely, last]))
        if len(bars) >= limit:
            return bars.tail(limit)
    return _to_bars(cursor.execute(sql.READ, [series.number, first, last, limit]))


def _aggregate(
    cursor: duckdb.DuckDBPyConnection,
    series: "_Series | None",
    timeframes: tuple[Timeframe, Timeframe],
    window: tuple[int, int],
    limit: int,
) -> Bars:
    """Build the newest bars of a window out of stored ones, reading only what mostly holds them, else everything."""
    (source, target), (first, last) = timeframes, window
    if series is None or series.first is None or series.last is None or limit < 1:
        return _EMPTY
    until = min(last + sql.margin(target), _LATEST)
    span = sql.likely_span(limit, target, first=series.first, last=series.last, count=series.bars, source=source)
    likely = min(last, series.last) - span
    if likely > max(first, series.first):
        read = _to_bars(cursor.execute(sql.READ_ALL, [series.number, likely, until]))
        # A bar that begins before what was read may lack its beginning.
        built = group(read, target, likely, last)
        if len(built) >= limit:
            return built.tail(limit)
    begin = max(first - sql.margin(target), _EARLIEST)
    read = _to_bars(cursor.execute(sql.READ_ALL, [series.number, begin, until]))
    return group(read, target, first, last).tail(limit)


def _find_series(
    cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, symbol: str, timeframe: Timeframe
) -> _Series | None:
    rows = cursor.execute(sql.FIND_SERIES, [tenant_id, symbol, timeframe.value]).fetchall()
    return _Series(*rows[0]) if rows else None


def _write_batch(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, batch: Batch) -> int:
    bars = batch.bars
    found = _find_series(cursor, tenant_id, batch.symbol, batch.timeframe)
    if found is not None:
        series = found.number
    else:
        series = _count(cursor.execute(sql.ADD_SERIES, [tenant_id, batch.symbol, batch.timeframe.value]))
    first, last = int(bars.time[0]), int(bars.time[-1])
    columns = {"time": bars.time, **{name: getattr(bars, name) for name in _PRICES}}
    cursor.register("incoming", {name: np.ascontiguousarray(column) for name, column in columns.items()})
    try:
        given = {"series": series, "first": first, "last": last}
        if not cursor.execute(sql.ANY_STORED, given).fetchall():
            changed = _count(cursor.execute(sql.INSERT_ALL, {"series": series}))
        else:
            cursor.execute(sql.DELETE_DIFFERENT, given)
            changed = _count(cursor.execute(sql.INSERT_MISSING, given))
    finally:
        cursor.unregister("incoming")
    if changed:
        cursor.execute(sql.COUNT_SERIES, {"series": series})
    return changed


def _count(cursor: duckdb.DuckDBPyConnection) -> int:
    # Fetched to the end: DuckDB refuses other work on a cursor whose result is not used up.
    rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0


def _to_bars(cursor: duckdb.DuckDBPyConnection) -> Bars:
    columns = cursor.fetchnumpy()
    time: Micros = np.ascontiguousarray(columns["time"], dtype=np.int64)
    floats: dict[str, Floats] = {
        name: np.ma.filled(np.ma.asarray(columns[name], dtype=np.float64), np.nan) for name in _PRICES
    }
    if len(time) > 1 and not bool(np.all(time[1:] > time[:-1])):
        order = np.argsort(time, kind="stable")
        time, floats = time[order], {name: values[order] for name, values in floats.items()}
    return Bars(time=time, **floats)
