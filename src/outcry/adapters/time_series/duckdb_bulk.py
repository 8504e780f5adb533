"""Many series written together: a few statements for a million bars, where one by one each series would cost five."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import duckdb
import numpy as np
from numpy.typing import NDArray

from outcry.ports.time_series import Batch

_COLUMNS = ("open", "high", "low", "close", "volume", "adjusted_close")
_LISTED = "series, time, open, high, low, close, volume, adjusted_close"
# So many bars are handed over at once, which bounds the memory that their copy takes.
_MOST_BARS = 1_000_000

_KNOWN = """SELECT i.place, s.id, s.count FROM series AS s JOIN wanted AS i
    ON s.symbol = i.symbol AND s.timeframe = i.timeframe WHERE s.tenant_id = $tenant"""
_ADD = """INSERT INTO series SELECT nextval('series_number'), $tenant, symbol, timeframe, NULL, NULL, 0
    FROM (SELECT * FROM wanted AS i WHERE NOT EXISTS (
        SELECT 1 FROM series AS s WHERE s.tenant_id = $tenant AND s.symbol = i.symbol AND s.timeframe = i.timeframe)
        ORDER BY place)"""
_WITHIN = "bars.series BETWEEN $low AND $high AND bars.time BETWEEN $first AND $last"
_INSERT_ALL = f"INSERT INTO bars SELECT {_LISTED} FROM incoming"  # noqa: S608 - fixed column names
_DELETE_DIFFERENT = f"""DELETE FROM bars USING incoming AS i
    WHERE {_WITHIN} AND bars.series = i.series AND bars.time = i.time AND (
        bars.open, bars.high, bars.low, bars.close, bars.volume, coalesce(bars.adjusted_close, 'nan'::DOUBLE)
    ) <> (i.open, i.high, i.low, i.close, i.volume, coalesce(i.adjusted_close, 'nan'::DOUBLE))"""  # noqa: S608 - fixed expressions
_INSERT_MISSING = f"""INSERT INTO bars SELECT {_LISTED} FROM incoming AS i WHERE NOT EXISTS (
        SELECT 1 FROM bars WHERE {_WITHIN} AND bars.series = i.series AND bars.time = i.time)"""  # noqa: S608 - fixed expressions
_RECOUNT = """UPDATE series SET first = s.first, last = s.last, count = s.count
    FROM (SELECT series, min(time) AS first, max(time) AS last, count(*) AS count FROM bars
        WHERE series BETWEEN $low AND $high AND series IN (SELECT id FROM touched) GROUP BY series) AS s
    WHERE series.id = s.series"""


def is_plain(batches: Sequence[Batch]) -> bool:
    """Say whether batches can be written together: several, and no two of one series."""
    return len(batches) > 1 and len({(batch.symbol, batch.timeframe) for batch in batches}) == len(batches)


def write_together(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, batches: Sequence[Batch]) -> int:
    """Write batches, each of another series, within an open transaction; return how many bars were new or different."""
    return sum(_write(cursor, tenant_id, part) for part in _parts(batches))


def _parts(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    part: list[Batch] = []
    bars = 0
    for batch in batches:
        if part and bars + len(batch.bars) > _MOST_BARS:
            yield part
            part, bars = [], 0
        part.append(batch)
        bars += len(batch.bars)
    if part:
        yield part


def _write(cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, batches: Sequence[Batch]) -> int:
    numbers, stored = _series(cursor, tenant_id, batches)
    lengths = [len(batch.bars) for batch in batches]
    time = np.concatenate([batch.bars.time for batch in batches])
    incoming: dict[str, NDArray[np.generic]] = {"series": np.repeat(numbers, lengths).astype(np.int32), "time": time}
    for name in _COLUMNS:
        incoming[name] = np.concatenate([getattr(batch.bars, name) for batch in batches])
    cursor.register("incoming", incoming)
    cursor.register("touched", {"id": numbers})
    low, high = int(numbers.min()), int(numbers.max())
    try:
        if stored:
            within = {"low": low, "high": high, "first": int(time.min()), "last": int(time.max())}
            _count(cursor.execute(_DELETE_DIFFERENT, within))
            changed = _count(cursor.execute(_INSERT_MISSING, within))
        else:
            changed = _count(cursor.execute(_INSERT_ALL))
        if changed:
            _count(cursor.execute(_RECOUNT, {"low": low, "high": high}))
    finally:
        cursor.unregister("incoming")
        cursor.unregister("touched")
    return changed


def _series(
    cursor: duckdb.DuckDBPyConnection, tenant_id: UUID, batches: Sequence[Batch]
) -> tuple[NDArray[np.int32], bool]:
    """Return the number of each batch's series, new ones made, and whether any of them has bars already."""
    wanted = {
        "place": np.arange(len(batches)),
        "symbol": np.array([batch.symbol for batch in batches], dtype=object),
        "timeframe": np.array([batch.timeframe.value for batch in batches], dtype=object),
    }
    cursor.register("wanted", wanted)
    try:
        given = {"tenant": tenant_id}
        _count(cursor.execute(_ADD, given))
        rows = cursor.execute(_KNOWN, given).fetchall()
    finally:
        cursor.unregister("wanted")
    numbers = np.zeros(len(batches), dtype=np.int32)
    for place, number, _ in rows:
        numbers[place] = number
    return numbers, any(count for _, _, count in rows)


def _count(cursor: duckdb.DuckDBPyConnection) -> int:
    # Fetched to the end: DuckDB refuses other work on a cursor whose result is not used up.
    rows = cursor.fetchall()
    return int(rows[0][0]) if rows else 0
