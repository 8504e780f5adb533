"""Splits and dividends are kept apart from raw bars, and bars are read through them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Bars, Timeframe, to_micros
from outcry.services.charts.adjusting.factors import Action, from_actions, from_adjusted_close
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.importing.importer import import_files
from outcry.services.charts.importing.report import ImportOptions, UnusableFileError
from tests.services.charts.bar_files import SHARED, needs_shared, parse, write
from tests.services.charts.conftest import DAY, Charts

MONDAY = to_micros(datetime(2020, 8, 24, tzinfo=UTC))


def make_daily(closes: list[float], *, first: int = MONDAY, adjusted: list[float] | None = None) -> Bars:
    """Weekday-less daily bars that open where they close."""
    close = np.array(closes, dtype=np.float64)
    return Bars(
        time=first + np.arange(len(closes), dtype=np.int64) * DAY,
        open=close,
        high=close + 1,
        low=close - 1,
        close=close,
        volume=np.full(len(closes), 100.0),
        adjusted_close=np.full(len(closes), np.nan) if adjusted is None else np.array(adjusted),
    )


def day(number: int) -> date:
    return (datetime.fromtimestamp(MONDAY / 1e6, UTC) + timedelta(days=number)).date()


def test_a_split_and_a_dividend_by_hand() -> None:
    bars = make_daily([400, 404, 100, 98, 99])
    split = Action(date=day(2), kind="split", ratio=4.0)
    dividend = Action(date=day(3), kind="dividend", amount=2.0)
    factors, contained = from_actions([dividend, split], bars, dividends=False)
    read = factors.apply(bars, bars.time)
    assert (read.close.tolist(), read.volume.tolist(), contained) == (
        [100, 101, 100, 98, 99],
        [400, 400, 100, 100, 100],
        0,
    )
    factors, _ = from_actions([dividend, split], bars, dividends=True)
    read = factors.apply(bars, bars.time)
    # The dividend takes 2 of the 100 at which the day before closed.
    assert read.close.tolist() == pytest.approx([98, 98.98, 98, 98, 99])


def test_a_dividend_on_the_day_of_a_split_counts_in_new_shares() -> None:
    bars = make_daily([400, 99])
    actions = [Action(date=day(1), kind="dividend", amount=1.0), Action(date=day(1), kind="split", ratio=4.0)]
    factors, _ = from_actions(actions, bars, dividends=True)
    assert factors.apply(bars, bars.time).close.tolist() == pytest.approx([99, 99])


def test_a_split_that_the_bars_contain_is_not_applied_again() -> None:
    bars = make_daily([100, 101, 100])
    factors, contained = from_actions([Action(date=day(1), kind="split", ratio=4.0)], bars, dividends=True)
    assert (len(factors), contained) == (0, 1)
    outside = [Action(date=day(number), kind="split", ratio=4.0) for number in (-5, 0, 3, 40)]
    factors, contained = from_actions(outside, bars, dividends=True)
    assert (len(factors), contained) == (0, 0)


def test_an_adjusted_close_alone_gives_the_factors() -> None:
    bars = make_daily([100, 100, 100], adjusted=[90, np.nan, 100])
    read = from_adjusted_close(bars).apply(bars, bars.time)
    assert read.close.tolist() == pytest.approx([90, 100, 100])
    assert len(from_adjusted_close(make_daily([1, 2, 3]))) == 0


@settings(max_examples=60, deadline=None)
@given(
    moves=st.lists(st.floats(-0.05, 0.05), min_size=3, max_size=40),
    places=st.sets(st.integers(1, 30), max_size=4),
    ratio=st.sampled_from([2.0, 3.0, 7.0, 0.1]),
)
def test_reading_through_splits_gives_back_the_prices_without_them(
    moves: list[float], places: set[int], ratio: float
) -> None:
    """Whatever splits are put into a series, reading through them returns the returns that were there before."""
    smooth = 100 * np.exp(np.cumsum(moves))
    places = {place for place in places if place < len(moves)}
    raw = smooth.copy()
    for place in places:
        raw[place:] /= ratio
    bars = make_daily(raw.tolist())
    actions = [Action(date=day(place), kind="split", ratio=ratio) for place in places]
    factors, contained = from_actions(actions, bars, dividends=False)
    read = factors.apply(bars, bars.time)
    assert contained == 0
    assert np.diff(np.log(read.close)) == pytest.approx(np.diff(np.log(smooth)), abs=1e-12)
    assert read.close[-1] == raw[-1]
    assert read.close * read.volume == pytest.approx(bars.close * bars.volume)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Stock Splits\n2020-08-31,4:1\n2014-06-09,7/1\n",
        "Date,Dividends,Stock Splits\n2020-08-31,0.0,4.0\n2014-06-09,0,7-for-1\n",
        "symbol;date;type;value\nAAPL;2020-08-31;SPLIT;4\nAAPL;2014-06-09;Split;7:1\n",
    ],
)
def test_splits_are_read_in_common_forms(tmp_path: Path, text: str) -> None:
    found = parse(write(tmp_path, text)).actions
    assert [(one.symbol, one.action.date.year, one.action.kind, one.action.ratio) for one in found] == [
        ("AAPL", 2020, "split", 4.0),
        ("AAPL", 2014, "split", 7.0),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Date,Stock Splits\n2020-08-31,many\n", 'the split "many" is no ratio'),
        ("Date,Stock Splits\n2020-08-31,1:0\n", 'the split "1:0" is no ratio'),
        ("Date,Dividends\n2020-08-31,-1\n", 'the dividend "-1" is no amount'),
        ("Date,Dividends\n2020-08-31,inf\n", 'the dividend "inf" is no amount'),
        ("Date,Dividends\nsoon,1\n", 'the date "soon" cannot be read'),
        ("Date,Type,Value\n2020-08-31,spinoff,1\n", '"spinoff" is neither a split nor a dividend'),
        ("Date,Dividends\n2020-08-31,\n", "says neither a split nor a dividend"),
    ],
)
def test_a_bad_action_is_named(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UnusableFileError) as caught:
        parse(write(tmp_path, text))
    assert [(bad.line, bad.reason) for bad in caught.value.bad_rows] == [(2, reason)]


def test_prices_and_actions_in_one_file(tmp_path: Path) -> None:
    parsed = parse(
        write(
            tmp_path,
            "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits,type\n"
            "2020-08-28,500,505,495,500,1,0.0,0.0,x\n2020-08-31,125,130,120,126,1,0.205,4.0,y\n",
        )
    )
    assert (len(parsed.batches[0].bars), parsed.ignored_columns) == (2, ("type",))
    assert {(one.action.kind, one.action.ratio or one.action.amount) for one in parsed.actions} == {
        ("dividend", 0.205),
        ("split", 4.0),
    }


async def test_every_answer_says_how_it_was_read(charts: Charts, tmp_path: Path) -> None:
    raw = make_daily([400, 404, 100, 102, 104, 106, 108, 110])
    await charts.add("AAPL", Timeframe.D1, raw)
    path = write(tmp_path, f"Date,Stock Splits\n{day(2)},4:1\n", "AAPL-splits.csv")
    options = ImportOptions(tenant_id=charts.tenant, symbol="AAPL")
    (report,) = await import_files(charts.commands, [path], options, lambda _: None)
    assert (report.status, report.actions, report.changed) == ("imported", 1, 1)
    (again,) = await import_files(charts.commands, [path], options, lambda _: None)
    assert again.changed == 0

    async def closes(adjustment: Adjustment, timeframe: Timeframe = Timeframe.D1) -> tuple[object, ...]:
        found = await charts.queries.bars(
            tenant_id=charts.tenant,
            symbol="AAPL",
            timeframe=timeframe,
            start=None,
            end=None,
            limit=100,
            adjustment=adjustment,
        )
        return (found.adjustment, found.adjusted_by, found.close[:3], found.high[0])

    assert await closes("none") == ("none", "none", (400, 404, 100), 401)
    assert await closes("splits") == ("splits", "corporate_actions", (100, 101, 100), 100.25)
    # The week is built of adjusted days: its high is not the 405 of before the split.
    assert await closes("splits", Timeframe.W1) == ("splits", "corporate_actions", (108, 110), 109)
    assert await closes("none", Timeframe.W1) == ("none", "none", (108, 110), 405)
    indicator = await charts.queries.indicator(
        tenant_id=charts.tenant,
        symbol="AAPL",
        timeframe=Timeframe.D1,
        name="sma",
        parameters={"period": 2},
        start=None,
        end=None,
        limit=100,
    )
    assert (indicator.adjustment, indicator.adjusted_by) == ("splits", "corporate_actions")
    assert indicator.values["sma"][:3] == (None, 100.5, 100.5)


async def test_anothers_actions_change_nothing_here(charts: Charts, tmp_path: Path) -> None:
    await charts.add("AAPL", Timeframe.D1, make_daily([400, 404, 100]))
    path = write(tmp_path, f"Date,Stock Splits\n{day(2)},4:1\n", "AAPL-splits.csv")
    await import_files(charts.commands, [path], ImportOptions(tenant_id=charts.tenant, symbol="AAPL"), lambda _: None)
    found = await charts.queries.bars(
        tenant_id=uuid4(), symbol="AAPL", timeframe=Timeframe.D1, start=None, end=None, limit=9
    )
    assert (found.close[0], found.adjusted_by) == (400, "none")


@pytest.mark.parametrize(("closes", "before"), [([400, 404, 102], 101), ([100, 101, 102], 101)])
async def test_on_the_day_of_a_split_the_close_before_is_in_new_shares(
    charts: Charts, tmp_path: Path, closes: list[float], before: float
) -> None:
    """Also where the prices contain the split already."""
    await charts.add("AAPL", Timeframe.D1, make_daily(closes))
    path = write(tmp_path, f"Date,Stock Splits\n{day(2)},4:1\n", "AAPL.csv")
    await import_files(charts.commands, [path], ImportOptions(tenant_id=charts.tenant), lambda _: None)
    (quote,) = await charts.queries.quotes(tenant_id=charts.tenant, symbols=("AAPL",))
    assert (quote.price, quote.previous_close, quote.change) == (102, before, 1)
    (theirs,) = await charts.queries.quotes(tenant_id=uuid4(), symbols=("AAPL",))
    assert theirs.previous_close == closes[1]


async def test_actions_of_what_is_no_instrument_are_refused(charts: Charts, tmp_path: Path) -> None:
    path = write(tmp_path, "Date,Stock Splits\n2020-08-31,4:1\n", "NIX.csv")
    (report,) = await import_files(charts.commands, [path], ImportOptions(tenant_id=charts.tenant), lambda _: None)
    assert (report.status, "no bars are here" in report.problem) == ("refused", True)


@needs_shared
async def test_the_adjusted_close_of_a_real_file_is_used_and_said(charts: Charts) -> None:
    path = SHARED / "daily" / "AAPL.csv"
    await import_files(charts.commands, [path], ImportOptions(tenant_id=charts.tenant), lambda _: None)
    found = await charts.queries.bars(
        tenant_id=charts.tenant,
        symbol="AAPL",
        timeframe=Timeframe.D1,
        start=None,
        end=None,
        limit=5000,
        adjustment="all",
    )
    assert found.adjusted_by == "adjusted_close"
    assert found.close == pytest.approx(found.adjusted_close)
