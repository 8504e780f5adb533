"""Faults that are put into good bars are found where they are, and nothing else is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Bars, Timeframe
from outcry.ports.time_series import Batch
from outcry.services.charts.errors import InstrumentNotFoundError, TimeframeNotRecordedError
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions
from outcry.services.charts.instruments import Found
from outcry.services.charts.listing.sessions import session_days, session_hours
from outcry.services.charts.quality.queries import QualityQueries, judge
from tests.services.charts.bar_files import SHARED, needs_shared, write
from tests.services.charts.conftest import DAY, Charts, make_instrument

MINUTE = 60_000_000


def make_good(times: np.ndarray[tuple[int], np.dtype[np.int64]], *, seed: int = 1) -> Bars:
    """Bars without a fault at these times."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, len(times))))
    opened = np.r_[100.0, close[:-1]]
    return Bars(
        time=times.astype(np.int64),
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        volume=random.integers(1, 1000, len(times)).astype(np.float64),
        adjusted_close=np.full(len(times), np.nan),
    )


def found(*, calendar: str = "XNYS", zone: str = "America/New_York") -> Found:
    return Found(tenant_id=uuid4(), instrument=replace(make_instrument("AAPL", zone=zone), calendar=calendar))


DAYS = session_days("XNYS", date(2015, 1, 1), date(2016, 12, 31))
GOOD = make_good(DAYS)


def without(bars: Bars, rows: list[int]) -> Bars:
    """The bars but for these."""
    names = ("time", "open", "high", "low", "close", "volume", "adjusted_close")
    return Bars(**{name: np.delete(getattr(bars, name), rows) for name in names})


def test_good_bars_have_no_fault_and_the_full_score() -> None:
    quality = judge(found(), Timeframe.D1, GOOD, frozenset())
    assert (quality.score, quality.faults, quality.expected) == (100.0, (), len(GOOD))


@pytest.mark.parametrize("timeframe", [Timeframe.W1, Timeframe.MN1])
def test_good_weeks_and_months_have_no_fault(timeframe: Timeframe) -> None:
    days = DAYS.astype("datetime64[us]").astype("datetime64[D]")
    if timeframe is Timeframe.MN1:
        times = np.unique(days.astype("datetime64[M]")).astype("datetime64[us]").astype(np.int64)
    else:
        number = DAYS // DAY
        times = np.unique(number - (number + 3) % 7) * DAY
    quality = judge(found(), timeframe, make_good(times), frozenset())
    assert (quality.score, quality.faults) == (100.0, ())
    assert judge(found(), timeframe, without(make_good(times), [5]), frozenset()).counts == {"gap": 1}


@pytest.mark.parametrize("timeframe", [Timeframe.M1, Timeframe.M5, Timeframe.H1])
def test_good_minutes_and_hours_have_no_fault_also_on_short_days(timeframe: Timeframe) -> None:
    length = MINUTE * {"1m": 1, "5m": 5, "1h": 60}[timeframe.value]
    opens, closes = session_hours("XNYS", date(2020, 12, 21), date(2020, 12, 29))
    parts = [np.arange(start // length * length, end, length) for start, end in zip(opens, closes, strict=True)]
    bars = make_good(np.concatenate(parts))
    quality = judge(found(), timeframe, bars, frozenset())
    assert (quality.score, quality.faults) == (100.0, ())
    cut = judge(found(), timeframe, without(bars, [3, 4]), frozenset())
    assert [(fault.kind, fault.time, fault.count) for fault in cut.faults] == [("gap", int(bars.time[3]) // 1000, 2)]


@settings(max_examples=40, deadline=None)
@given(rows=st.sets(st.integers(1, len(GOOD) - 2), min_size=1, max_size=30))
def test_what_is_taken_out_is_what_is_missing(rows: set[int]) -> None:
    quality = judge(found(), Timeframe.D1, without(GOOD, sorted(rows)), frozenset())
    missing = {
        int(DAYS[place]) // 1000
        for fault in quality.faults
        for place in range(
            int(np.searchsorted(DAYS, fault.time * 1000)), int(np.searchsorted(DAYS, fault.time * 1000)) + fault.count
        )
    }
    assert missing == {int(DAYS[row]) // 1000 for row in rows}
    assert quality.counts["gap"] == len(rows)
    assert quality.score == pytest.approx(100 * (1 - len(rows) / len(GOOD)), abs=0.1)


@settings(max_examples=60, deadline=None)
@given(
    row=st.integers(1, len(GOOD) - 2),
    fault=st.sampled_from(["high_below_low", "outside_range", "not_positive", "jump"]),
)
def test_one_fault_is_found_at_its_bar(row: int, fault: str) -> None:
    columns = {name: getattr(GOOD, name).copy() for name in ("open", "high", "low", "close")}
    if fault == "high_below_low":
        columns["high"][row], columns["low"][row] = columns["low"][row], columns["high"][row]
    elif fault == "outside_range":
        columns["high"][row] = columns["low"][row] * 1.0001
    elif fault == "not_positive":
        columns["low"][row] = 0.0
    else:
        for values in columns.values():
            values[row:] /= 4
    bars = replace(GOOD, **columns)
    quality = judge(found(), Timeframe.D1, bars, frozenset())
    assert [(one.kind, one.time) for one in quality.faults] == [(fault, int(DAYS[row]) // 1000)]
    assert quality.score < 100
    if fault == "jump":
        assert "split of 4:1" in quality.faults[0].detail
        assert judge(found(), Timeframe.D1, bars, frozenset({int(DAYS[row])})).faults == ()


def test_repeats_duplicates_and_closed_days_are_found() -> None:
    columns = {name: getattr(GOOD, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for values in columns.values():
        values[11:15] = values[10]
    stale = judge(found(), Timeframe.D1, replace(GOOD, **columns), frozenset())
    assert [(one.kind, one.time, one.count) for one in stale.faults] == [("stale", int(DAYS[11]) // 1000, 4)]
    saturday = int(DAYS[np.argmax(np.diff(DAYS) > DAY)]) + DAY
    times = np.sort(np.r_[DAYS, saturday, DAYS[30] + 3_600_000_000])
    twice = judge(found(), Timeframe.D1, make_good(times), frozenset())
    assert {"off_calendar", "duplicate"} == set(twice.counts)
    assert twice.counts["duplicate"] == 1


def test_without_a_calendar_gaps_are_not_judged() -> None:
    for calendar in ("", "NOWHERE"):
        quality = judge(found(calendar=calendar), Timeframe.D1, without(GOOD, [5, 6]), frozenset())
        assert (quality.expected, quality.score, quality.faults) == (None, 100.0, ())


async def test_a_judgement_is_kept_until_bars_are_written(charts: Charts, monkeypatch: pytest.MonkeyPatch) -> None:
    instrument = replace(make_instrument("AAPL", zone="America/New_York"), calendar="XNYS")
    await charts.commands.import_bars(
        charts.tenant, [instrument], [Batch(symbol="AAPL", timeframe=Timeframe.D1, bars=without(GOOD, [5]))]
    )
    quality = QualityQueries(charts.queries, charts.time_series)
    reads = 0
    read = charts.time_series.read

    async def counted(*arguments: object, **named: object) -> Bars:
        nonlocal reads
        reads += 1
        return await read(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(charts.time_series, "read", counted)

    async def counts(timeframe: Timeframe = Timeframe.D1) -> dict[str, int]:
        seen = await quality.judge(tenant_id=charts.tenant, symbol="aapl", timeframe=timeframe)
        return {str(kind): count for kind, count in seen.counts.items()}

    assert await counts() == await counts(Timeframe.W1) == {"gap": 1}
    assert reads == 1
    # The same number of bars from the same first to the same last, but other ones.
    worse = replace(without(GOOD, [5]), high=without(GOOD, [5]).low * 0.5)
    batch = Batch(symbol="AAPL", timeframe=Timeframe.D1, bars=worse)
    await charts.commands.import_bars(charts.tenant, [], [batch])
    assert await counts() == {"gap": 1, "high_below_low": len(worse)}
    with pytest.raises(TimeframeNotRecordedError):
        await counts(Timeframe.M1)
    with pytest.raises(InstrumentNotFoundError):
        await quality.judge(tenant_id=charts.tenant, symbol="NIX", timeframe=Timeframe.D1)


async def test_a_recorded_split_explains_a_jump(charts: Charts, tmp_path: Path) -> None:
    columns = {name: getattr(GOOD, name).copy() for name in ("open", "high", "low", "close")}
    for values in columns.values():
        values[200:] /= 7
    instrument = replace(make_instrument("AAPL", zone="America/New_York"), calendar="XNYS")
    batch = Batch(symbol="AAPL", timeframe=Timeframe.D1, bars=replace(GOOD, **columns))
    await charts.commands.import_bars(charts.tenant, [instrument], [batch])
    quality = QualityQueries(charts.queries, charts.time_series)
    before = await quality.judge(tenant_id=charts.tenant, symbol="AAPL", timeframe=Timeframe.D1)
    assert (before.counts, before.score) == ({"jump": 1}, 95.0)
    day = datetime.fromtimestamp(int(DAYS[200]) / 1e6, UTC).date()
    path = write(tmp_path, f"Date,Stock Splits\n{day},7:1\n")
    await import_files(charts.commands, [path], ImportOptions(tenant_id=charts.tenant), lambda _: None)
    after = await quality.judge(tenant_id=charts.tenant, symbol="AAPL", timeframe=Timeframe.D1)
    assert (after.counts, after.score) == ({}, 100.0)


@needs_shared
async def test_real_bars_are_good(charts: Charts) -> None:
    files = [SHARED / "daily" / f"{symbol}.csv" for symbol in ("AAPL", "SPX", "BTC-USD")]
    await import_files(charts.commands, files, ImportOptions(tenant_id=charts.tenant), lambda _: None)
    quality = QualityQueries(charts.queries, charts.time_series)
    for symbol in ("AAPL", "SPX", "BTC-USD"):
        seen = await quality.judge(tenant_id=charts.tenant, symbol=symbol, timeframe=Timeframe.D1)
        assert seen.score > 98, seen
