"""The contract of the TimeSeries port, over every engine that is here."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.errors import UnavailableError
from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.ports.time_series import Batch, TimeSeries

TENANT, OTHER = uuid4(), uuid4()
MINUTE = 60_000_000
DAY = 1440 * MINUTE
ALL = 1_000_000


@pytest.fixture(params=["duckdb-file", "duckdb-memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TimeSeries]:
    """Give an empty store on each engine in turn."""
    engine = DuckdbTimeSeries(tmp_path / "market.duckdb" if request.param == "duckdb-file" else None)
    yield engine
    await engine.close()


def make_bars(times: list[int], seed: int = 1) -> Bars:
    """Random but valid bars at these times; every third adjusted close is unknown."""
    random = np.random.default_rng(seed)
    count = len(times)
    low = random.uniform(10, 20, count)
    high = low + random.uniform(0, 5, count)
    adjusted = random.uniform(5, 10, count)
    adjusted[::3] = np.nan
    return Bars(
        time=np.array(times, dtype=np.int64),
        open=low + (high - low) * random.random(count),
        high=high,
        low=low,
        close=low + (high - low) * random.random(count),
        volume=random.integers(0, 1000, count).astype(np.float64),
        adjusted_close=adjusted,
    )


def batch(bars: Bars, symbol: str = "AAPL", timeframe: Timeframe = Timeframe.D1) -> Batch:
    return Batch(symbol=symbol, timeframe=timeframe, bars=bars)


def assert_equal(left: Bars, right: Bars) -> None:
    for name in ("time", "open", "high", "low", "close", "volume", "adjusted_close"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


async def test_bars_come_back_as_they_were_written(store: TimeSeries) -> None:
    bars = make_bars([day * DAY for day in range(-3, 40)])
    assert await store.write(TENANT, [batch(bars)]) == 43
    found = await store.read(TENANT, "AAPL", Timeframe.D1, limit=ALL)
    assert_equal(found, bars)
    assert [str(found.time.dtype), str(found.close.dtype)] == ["int64", "float64"]


async def test_writing_again_counts_only_what_is_new_or_different(store: TimeSeries) -> None:
    bars = make_bars([day * DAY for day in range(40)])
    await store.write(TENANT, [batch(bars)])
    assert await store.write(TENANT, [batch(bars)]) == 0
    changed = make_bars([day * DAY for day in range(40)])
    changed.close[5] += 1
    changed.adjusted_close[7] = np.nan
    changed.adjusted_close[9] = 3.0
    assert np.isnan(bars.adjusted_close[9])
    assert not np.isnan(bars.adjusted_close[7])
    assert await store.write(TENANT, [batch(changed)]) == 3
    assert_equal(await store.read(TENANT, "AAPL", Timeframe.D1, limit=ALL), changed)
    overlapping = make_bars([day * DAY for day in range(38, 45)], seed=2)
    assert await store.write(TENANT, [batch(overlapping)]) == 7
    found = await store.read(TENANT, "AAPL", Timeframe.D1, limit=ALL)
    assert len(found) == 45
    assert_equal(found.tail(7), overlapping)


async def test_a_write_that_raises_leaves_nothing(store: TimeSeries) -> None:
    good, bad = make_bars([0, DAY]), make_bars([0, DAY, DAY])
    with pytest.raises(ValueError, match="increasing"):
        await store.write(TENANT, [batch(good), batch(bad, "MSFT")])
    assert list(await store.coverage(TENANT)) == []


async def test_start_is_included_and_end_is_not(store: TimeSeries) -> None:
    bars = make_bars([day * DAY for day in range(10)])
    await store.write(TENANT, [batch(bars)])
    found = await store.read(
        TENANT, "AAPL", Timeframe.D1, start=from_micros(2 * DAY), end=from_micros(8 * DAY), limit=ALL
    )
    assert_equal(found, bars.between(2, 8))
    assert_equal(await store.read(TENANT, "AAPL", Timeframe.D1, end=from_micros(8 * DAY), limit=3), bars.between(5, 8))
    assert len(await store.read(TENANT, "AAPL", Timeframe.D1, limit=0)) == 0
    far = datetime(9999, 12, 31, tzinfo=UTC)
    assert_equal(
        await store.read(TENANT, "AAPL", Timeframe.D1, start=datetime.min.replace(tzinfo=UTC), end=far, limit=99), bars
    )


async def test_the_newest_bars_are_found_across_a_long_gap(store: TimeSeries) -> None:
    bars = make_bars([*(minute * MINUTE for minute in range(500)), *(9000 * DAY + m * MINUTE for m in range(3))])
    await store.write(TENANT, [batch(bars, timeframe=Timeframe.M1)])
    for limit in (2, 3, 4, 10, 503, 600):
        found = await store.read(TENANT, "AAPL", Timeframe.M1, limit=limit)
        assert_equal(found, bars.tail(limit))
        before = await store.read(TENANT, "AAPL", Timeframe.M1, limit=limit, end=from_micros(9000 * DAY))
        assert_equal(before, bars.between(0, 500).tail(limit))


async def test_tenants_symbols_and_timeframes_are_apart(store: TimeSeries) -> None:
    first, second, third = (make_bars([0, DAY], seed=seed) for seed in (1, 2, 3))
    await store.write(TENANT, [batch(first), batch(second, timeframe=Timeframe.W1)])
    await store.write(OTHER, [batch(third)])
    assert_equal(await store.read(TENANT, "AAPL", Timeframe.D1, limit=ALL), first)
    assert_equal(await store.read(TENANT, "AAPL", Timeframe.W1, limit=ALL), second)
    assert_equal(await store.read(OTHER, "AAPL", Timeframe.D1, limit=ALL), third)
    assert len(await store.read(OTHER, "AAPL", Timeframe.W1, limit=ALL)) == 0
    assert len(await store.read(uuid4(), "AAPL", Timeframe.D1, limit=ALL)) == 0
    assert len(await store.read(TENANT, "AAPL' OR '1'='1", Timeframe.D1, limit=ALL)) == 0
    assert len(await store.aggregate(uuid4(), "AAPL", Timeframe.D1, Timeframe.W1, zone="UTC", limit=9)) == 0


async def test_coverage_is_ordered_by_symbol_and_length_of_bar(store: TimeSeries) -> None:
    bars = make_bars([0, DAY, 3 * DAY])
    await store.write(
        TENANT, [batch(bars, "B"), batch(bars, "A", Timeframe.MN1), batch(bars, "A", Timeframe.M1), batch(bars, "C")]
    )
    await store.write(OTHER, [batch(bars, "D")])
    found = await store.coverage(TENANT)
    assert [(c.symbol, c.timeframe.value) for c in found] == [("A", "1m"), ("A", "1M"), ("B", "1d"), ("C", "1d")]
    assert (found[0].first, found[0].last, found[0].count) == (from_micros(0), from_micros(3 * DAY), 3)
    assert [c.symbol for c in await store.coverage(TENANT, ["C", "B", "D"])] == ["B", "C"]
    assert list(await store.coverage(TENANT, [])) == []


async def test_delete_removes_every_timeframe_of_one_symbol(store: TimeSeries) -> None:
    bars = make_bars([0, DAY, 3 * DAY])
    await store.write(TENANT, [batch(bars), batch(bars, timeframe=Timeframe.W1), batch(bars, "MSFT")])
    await store.write(OTHER, [batch(bars)])
    assert await store.delete(TENANT, "AAPL") == 6
    assert await store.delete(TENANT, "AAPL") == 0
    assert [c.symbol for c in await store.coverage(TENANT)] == ["MSFT"]
    assert [c.symbol for c in await store.coverage(OTHER)] == ["AAPL"]
    assert await store.write(TENANT, [batch(bars)]) == 3


def build(bars: Bars, target: Timeframe, zone: ZoneInfo, *, sessions: bool) -> list[tuple[float, ...]]:
    """An independent bar builder: plain Python, one source bar at a time."""
    built: dict[datetime, list[float]] = {}
    for at in range(len(bars)):
        moment = from_micros(int(bars.time[at]))
        if target.is_intraday:
            start = datetime(1970, 1, 1, tzinfo=UTC)
            key = start + (moment - start) // target.duration * target.duration
        else:
            date = (moment.astimezone(zone) if sessions else moment).date()
            if target is Timeframe.W1:
                date -= timedelta(days=date.weekday())
            elif target is Timeframe.MN1:
                date = date.replace(day=1)
            key = datetime(date.year, date.month, date.day, tzinfo=UTC)
        row = built.setdefault(key, [bars.open[at], -np.inf, np.inf, 0, 0, 0])
        row[1], row[2] = max(row[1], bars.high[at]), min(row[2], bars.low[at])
        row[3], row[4], row[5] = bars.close[at], row[4] + bars.volume[at], bars.adjusted_close[at]
    return [(to_micros(key), *row) for key, row in sorted(built.items())]


def rows(bars: Bars) -> list[tuple[float, ...]]:
    columns = (bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume, bars.adjusted_close)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
@pytest.mark.parametrize("target", [t for t in Timeframe if t is not Timeframe.M1])
async def test_minutes_aggregate_like_an_independent_builder(store: TimeSeries, target: Timeframe, zone: str) -> None:
    # Across a change of clocks in New York (8 March 2020), a weekend, two months, and before 1970.
    start = to_micros(datetime(2020, 2, 27, tzinfo=UTC))
    times = sorted({start + int(x) * MINUTE for x in np.random.default_rng(4).integers(0, 15 * 1440, 3000)})
    bars = make_bars([-90 * MINUTE, *times])
    await store.write(TENANT, [batch(bars, timeframe=Timeframe.M1)])
    expected = build(bars, target, ZoneInfo(zone), sessions=True)

    async def aggregate(**window: object) -> list[tuple[float, ...]]:
        found = await store.aggregate(TENANT, "AAPL", Timeframe.M1, target, zone=zone, **window)  # type: ignore[arg-type]  # start, end, limit as given below
        return rows(found)

    np.testing.assert_equal(await aggregate(limit=ALL), expected)
    np.testing.assert_equal(await aggregate(limit=2), expected[-2:])
    np.testing.assert_equal(await aggregate(limit=0), [])
    middle = len(expected) // 2
    window = {"start": from_micros(int(expected[1][0])), "end": from_micros(int(expected[middle][0]) + 1)}
    np.testing.assert_equal(await aggregate(limit=ALL, **window), expected[1 : middle + 1])
    np.testing.assert_equal(await aggregate(limit=1, **window), expected[middle : middle + 1][-1:])


@pytest.mark.parametrize("target", [Timeframe.W1, Timeframe.MN1])
async def test_days_aggregate_by_their_date_whatever_the_zone(store: TimeSeries, target: Timeframe) -> None:
    bars = make_bars([day * DAY for day in range(18_000, 18_400)])
    await store.write(TENANT, [batch(bars)])
    found = await store.aggregate(TENANT, "AAPL", Timeframe.D1, target, zone="America/New_York", limit=ALL)
    np.testing.assert_equal(rows(found), build(bars, target, ZoneInfo("UTC"), sessions=False))


async def test_readers_and_writers_at_once_see_whole_writes(store: TimeSeries) -> None:
    times = [day * DAY for day in range(500)]
    versions = [make_bars(times, seed=seed) for seed in range(6)]
    await store.write(TENANT, [batch(versions[0])])
    known = {tuple(version.close) for version in versions}
    jobs = [store.write(TENANT, [batch(version)]) for version in versions]
    reads = [store.read(TENANT, "AAPL", Timeframe.D1, limit=ALL) for _ in range(20)]
    results = await asyncio.gather(*jobs, *reads)
    for found in results[len(jobs) :]:
        assert isinstance(found, Bars)
        assert tuple(found.close) in known
    assert [c.count for c in await store.coverage(TENANT)] == [500]


async def test_after_close_every_call_says_unavailable(tmp_path: Path) -> None:
    store = DuckdbTimeSeries(tmp_path / "m.duckdb")
    await store.close()
    await store.close()
    with pytest.raises(UnavailableError, match="closed"):
        await store.coverage(TENANT)


async def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    bars = make_bars([0, DAY, 5 * DAY])
    first = DuckdbTimeSeries(tmp_path / "m.duckdb")
    await first.write(TENANT, [batch(bars)])
    await first.close()
    second = DuckdbTimeSeries(tmp_path / "m.duckdb")
    assert_equal(await second.read(TENANT, "AAPL", Timeframe.D1, limit=ALL), bars)
    await second.close()


async def test_a_store_open_in_another_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.duckdb"
    holder = f"import duckdb, sys\nc = duckdb.connect({str(path)!r})\nprint('open', flush=True)\nsys.stdin.read()\n"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    with pytest.raises(UnavailableError, match="another Outcry process"):
        DuckdbTimeSeries(path)
    process.stdin.close()
    await process.wait()


@pytest.mark.parametrize(("name", "text"), [("torn.duckdb", "hello" * 2000), ("none/market.duckdb", None)])
async def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str, text: str | None) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(UnavailableError, match=name.split("/")[-1]):
        DuckdbTimeSeries(path)
