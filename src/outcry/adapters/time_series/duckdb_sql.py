"""The statements of the DuckDB store. Values are always bound; only fixed expressions of this file are composed."""

from datetime import timedelta

from outcry.kit.market import Timeframe

SCHEMA = (
    "CREATE SEQUENCE IF NOT EXISTS series_number",
    """CREATE TABLE IF NOT EXISTS series (
        id INTEGER NOT NULL, tenant_id UUID NOT NULL, symbol VARCHAR NOT NULL, timeframe VARCHAR NOT NULL,
        first BIGINT, last BIGINT, count BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS bars (
        series INTEGER NOT NULL, time BIGINT NOT NULL, open DOUBLE NOT NULL, high DOUBLE NOT NULL,
        low DOUBLE NOT NULL, close DOUBLE NOT NULL, volume DOUBLE NOT NULL, adjusted_close DOUBLE)""",
)

FIND_SERIES = "SELECT id, first, last, count FROM series WHERE tenant_id = ? AND symbol = ? AND timeframe = ?"
ADD_SERIES = "INSERT INTO series VALUES (nextval('series_number'), ?, ?, ?, NULL, NULL, 0) RETURNING id"
COUNT_SERIES = """UPDATE series SET first = s.first, last = s.last, count = s.count
    FROM (SELECT min(time) AS first, max(time) AS last, count(*) AS count FROM bars WHERE series = $series) AS s
    WHERE id = $series"""
COVERAGE = "SELECT symbol, timeframe, first, last, count FROM series WHERE tenant_id = $tenant AND count > 0"

READ = """SELECT time, open, high, low, close, volume, adjusted_close FROM (
        SELECT * FROM bars WHERE series = ? AND time >= ? AND time < ? ORDER BY time DESC LIMIT ?)
    ORDER BY time"""

# Not ordered: rows mostly come in their order anyway, and seeing that they do is quicker than to sort them.
READ_ALL = """SELECT time, open, high, low, close, volume, adjusted_close FROM bars
    WHERE series = ? AND time >= ? AND time < ?"""

ANY_STORED = "SELECT 1 FROM bars WHERE series = $series AND time BETWEEN $first AND $last LIMIT 1"
_COLUMNS = "time, open, high, low, close, volume, adjusted_close"
INSERT_ALL = f"INSERT INTO bars SELECT $series, {_COLUMNS} FROM incoming"  # noqa: S608 - fixed column names
# Two equal rows differ in nothing, NULL included; a row that differs is removed here and inserted again below.
DELETE_DIFFERENT = """DELETE FROM bars USING incoming AS i
    WHERE series = $series AND bars.time BETWEEN $first AND $last AND bars.time = i.time AND (
        bars.open, bars.high, bars.low, bars.close, bars.volume, coalesce(bars.adjusted_close, 'nan'::DOUBLE)
    ) <> (i.open, i.high, i.low, i.close, i.volume, coalesce(i.adjusted_close, 'nan'::DOUBLE))"""
INSERT_MISSING = f"""INSERT INTO bars SELECT $series, {_COLUMNS} FROM incoming AS i WHERE NOT EXISTS (
        SELECT 1 FROM bars WHERE series = $series AND time BETWEEN $first AND $last AND bars.time = i.time)"""  # noqa: S608 - fixed column names

DELETE_BARS = """DELETE FROM bars WHERE series IN (
        SELECT id FROM series WHERE tenant_id = $tenant AND symbol = $symbol)"""
DELETE_SERIES = "DELETE FROM series WHERE tenant_id = $tenant AND symbol = $symbol"

_ONE_MICRO = timedelta(microseconds=1)
_DAY = 86_400_000_000
_MINUTE = 60_000_000


def margin(target: Timeframe) -> int:
    """Return by how many microseconds a source bar can lie outside its target bar's nominal place, generously.

    A session may begin up to 14 hours before midnight UTC of its date and end as much later; a month has 31 days.
    """
    return target.duration // _ONE_MICRO + 3 * _DAY


def most_sources(source: Timeframe, target: Timeframe) -> int:
    """Return the most source bars that one target bar can hold: a day may have 25 hours, a month 31 days."""
    lengths = {Timeframe.D1: 25 * 60, Timeframe.W1: 7 * 24 * 60 + 60, Timeframe.MN1: 31 * 24 * 60 + 60}
    minutes = lengths.get(target, (target.duration // _ONE_MICRO) // _MINUTE)
    return -(-minutes // ((source.duration // _ONE_MICRO) // _MINUTE)) + 1


def likely_start(last: int, limit: int, timeframe: Timeframe) -> int:
    """Return a time after which there mostly are ``limit`` bars: markets are open about a fifth of all time."""
    return last - 8 * limit * (timeframe.duration // _ONE_MICRO)


def likely_span(limit: int, target: Timeframe, *, first: int, last: int, count: int, source: Timeframe) -> int:
    """Return how long before the newest bar ``limit`` target bars mostly begin, told by how densely source bars lie."""
    length = target.duration // _ONE_MICRO
    filled = count * (source.duration // _ONE_MICRO) / max(last - first, 1)
    return int((1.3 * limit + 2) * length / min(max(filled, 1e-6), 1.0))


def needs_zone(source: Timeframe, target: Timeframe, zone: str) -> bool:
    """Say whether bars are cut by a zone's days, so that ``aggregate`` needs ``$zone``."""
    return source.is_intraday and not target.is_intraday and zone != "UTC"


def aggregate(source: Timeframe, target: Timeframe, zone: str) -> str:
    """Return the statement that builds target bars; see ``TimeSeries.aggregate``.

    The newest ``span`` + 1 source bars hold at least ``limit`` + 1 target bars, of which only the oldest can be cut,
    so older source bars need not be read.
    """
    bucket = _bucket(target, zoned=needs_zone(source, target, zone))
    return f"""
        WITH wanted AS (
            SELECT * FROM bars WHERE series = $series AND time >= $from AND time < $until
        ), edge AS (
            SELECT time FROM wanted WHERE ({bucket}) < $last ORDER BY time DESC LIMIT 1 OFFSET $span
        ), built AS (
            SELECT {bucket} AS bucket, arg_min(open, time) AS open, max(high) AS high, min(low) AS low,
                arg_max(close, time) AS close, sum(volume) AS volume,
                arg_max_null(adjusted_close, time) AS adjusted_close
            FROM wanted WHERE time >= coalesce((SELECT time FROM edge), $from) GROUP BY ALL
        )
        SELECT bucket AS time, open, high, low, close, volume, adjusted_close FROM (
            SELECT * FROM built WHERE bucket >= $first AND bucket < $last ORDER BY bucket DESC LIMIT $limit)
        ORDER BY time"""  # noqa: S608 - the bucket is one of this file's own expressions


def _bucket(target: Timeframe, *, zoned: bool) -> str:
    length = target.duration // _ONE_MICRO
    if target.is_intraday:
        # % takes the sign of its left side, so times before 1970 are lifted first.
        return f"time - ((time % {length}) + {length}) % {length}"
    moment = "make_timestamp(time)"
    if zoned:
        moment = "(make_timestamptz(time) AT TIME ZONE $zone)"
    unit = {Timeframe.D1: "day", Timeframe.W1: "week", Timeframe.MN1: "month"}[target]
    return f"epoch_us(date_trunc('{unit}', {moment})::TIMESTAMP)"
