"""Candle patterns bar by bar: each finds its picture, and agrees with TA-Lib on every bar, ties included."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.streaming.candle_patterns import PATTERNS, STREAMS
from outcry.quant.indicators.streaming.candles import LONG_BODY, Candle, Pattern, PatternStream
from outcry.quant.indicators.streaming.stream import Stream
from outcry.samples.market import read_sample_batches
from tests.quant.indicators.streaming.candle_pictures import ORDINARY, PICTURES, Row, random_walk, redrawn

DAILY = Path(__file__).parents[5] / "shared" / "data" / "market" / "daily"
CONFIRMED = {"hikkake", "hikkake_modified"}
NAMES = sorted(PATTERNS)


def opened(name: str, penetration: float | None = None) -> Stream:
    default = PATTERNS[name].penetration
    return STREAMS[name]({} if default is None else {"penetration": default if penetration is None else penetration})


def streamed(name: str, rows: Floats, penetration: float | None = None) -> Floats:
    push = opened(name, penetration).push
    return np.array([push(*row)[0] for row in rows.tolist()])


def by_talib(name: str, rows: Floats, penetration: float | None = None) -> Floats:
    """What TA-Lib gives, with NaN where it has not begun."""
    chosen = {} if PATTERNS[name].penetration is None or penetration is None else {"penetration": penetration}
    columns = [np.ascontiguousarray(column) for column in rows.T]
    answers: Floats = getattr(talib, CATALOGUE[name].function)(*columns, **chosen).astype(float)
    answers[: look_back(name)] = np.nan
    return answers


def look_back(name: str) -> int:
    return CATALOGUE[name].warm_up({})


def assert_all_agree(rows: Floats, penetration: float | None = None) -> None:
    for name in NAMES:
        np.testing.assert_array_equal(
            streamed(name, rows, penetration), by_talib(name, rows, penetration), err_msg=name
        )


def test_every_pattern_of_the_catalogue_is_there_with_its_setting_and_a_picture() -> None:
    catalogued = {name for name, indicator in CATALOGUE.items() if indicator.group == "pattern"}
    assert catalogued == set(PATTERNS) == set(PICTURES) == set(STREAMS)
    assert len(PATTERNS) == 61
    for name, pattern in PATTERNS.items():
        defaults = [parameter.default for parameter in CATALOGUE[name].parameters]
        assert defaults == ([] if pattern.penetration is None else [pattern.penetration]), name


@pytest.mark.parametrize("name", NAMES)
def test_a_pattern_finds_its_picture_and_nothing_before_it(name: str) -> None:
    answer, rows = PICTURES[name]
    assert answer in PATTERNS[name].answers
    assert len(rows) <= PATTERNS[name].bars + (name in CONFIRMED)
    drawn = np.array(ORDINARY + rows)
    found = streamed(name, drawn)
    assert found[-1] == answer
    if PATTERNS[name].bars > 2:  # two ordinary candles may well be a pattern, three are none
        assert not np.nan_to_num(found[: len(ORDINARY)]).any()
    np.testing.assert_array_equal(found, by_talib(name, drawn))


@pytest.mark.parametrize("name", sorted(CONFIRMED))
def test_a_hikkake_is_confirmed_within_three_bars_and_not_later(name: str) -> None:
    answer, rows = PICTURES[name]
    inside = rows[-2]
    beyond = inside[1] + 0.5 if answer > 0 else inside[2] - 0.5
    # Wide and quiet bars: neither inside the one before nor beyond the inside bar.
    quiet: list[Row] = [(100.5, 110 + wider, 90 - wider, 100.5) for wider in range(3)]
    confirming: Row = (100.5, 120, 80, beyond)
    for waiting, expected in ((0, 2 * answer), (1, 2 * answer), (2, 2 * answer), (3, 0)):
        drawn = np.array(ORDINARY + rows + quiet[:waiting] + [confirming])
        found = streamed(name, drawn)
        assert found[-1] == expected, waiting
        np.testing.assert_array_equal(found, by_talib(name, drawn))


@pytest.mark.parametrize("tick", [0.0, 0.01, 0.05, 0.25])
def test_it_is_talib_on_random_walks(tick: float) -> None:
    assert_all_agree(random_walk(1200, seed=11, tick=tick))


@pytest.mark.parametrize("tick", [0.0, 0.01, 0.05, 0.1])
def test_it_is_talib_on_near_misses(tick: float) -> None:
    assert_all_agree(redrawn(90, seed=5, tick=tick))


def test_it_is_talib_on_real_bars() -> None:
    apple = next(batch for batch in read_sample_batches() if batch.symbol == "AAPL")
    bars = apple.bars
    assert_all_agree(np.stack([bars.open, bars.high, bars.low, bars.close]).T[-1500:])


def test_it_is_talib_on_flat_tiny_huge_and_broken_bars() -> None:
    walk = random_walk(400, seed=3, tick=0.05)
    broken = np.random.default_rng(8).permuted(walk, axis=1)  # a high under the low, a close outside: whatever comes
    for rows in (np.full((40, 4), 100.1), walk * 1e-8, walk * 1e6, walk - 100, broken, np.zeros((20, 4))):
        assert_all_agree(rows)


@pytest.mark.parametrize("penetration", [0.3, 0.35, 0.7])
@pytest.mark.parametrize("name", [name for name in NAMES if PATTERNS[name].penetration is not None])
def test_it_is_talib_where_a_close_meets_the_penetration_exactly(name: str, penetration: float) -> None:
    random = np.random.default_rng(4)
    answer, picture = PICTURES[name]
    drawn = []
    for _ in range(150):
        rows = np.array(ORDINARY[: random.integers(11, 16)] + picture)
        first, rest = rows[-len(picture)], slice(1 - len(picture), None)
        # The first body gets another length, the candles after it move along, and one ends at the level.
        longer = np.sign(first[3] - first[0]) * random.integers(20, 400) * 0.01
        first[3] += longer
        rows[rest] += longer
        level = first[3] - (first[3] - first[0]) * penetration
        if name == "mat_hold":
            rows[-2, [0, 3]] = level + 0.3, level
        else:
            rows[-1, 3] = level
        rows = np.round(rows + random.integers(0, 30000) * 0.01, 2)
        rows[:, 1] = np.maximum(rows[:, 1], rows.max(axis=1))
        rows[:, 2] = np.minimum(rows[:, 2], rows.min(axis=1))
        drawn.append(rows)
    found = streamed(name, np.concatenate(drawn), penetration)
    np.testing.assert_array_equal(found, by_talib(name, np.concatenate(drawn), penetration))
    assert answer in found


@pytest.mark.skipif(not DAILY.is_dir(), reason="the daily bars of 90 instruments are not beside this repository")
def test_it_is_talib_on_daily_bars_of_many_instruments() -> None:
    files = sorted(DAILY.glob("*.csv"))
    for file in files[::9]:
        with file.open(newline="") as opened_file:
            table = [{key.lower(): text for key, text in row.items()} for row in csv.DictReader(opened_file)]
        cells = [[row[part].replace("null", "nan") for part in ("open", "high", "low", "close")] for row in table]
        rows = np.array(cells, dtype=float)
        assert_all_agree(rows[~np.isnan(rows).any(axis=1)][-300:])


@pytest.mark.parametrize("name", NAMES)
def test_it_answers_what_it_says_after_as_many_bars_as_it_says(name: str) -> None:
    rows = np.concatenate([random_walk(400, seed=1, tick=0.05), redrawn(30, seed=2, tick=0.05)])
    found = streamed(name, rows)
    assert np.count_nonzero(np.isnan(found)) == look_back(name)
    assert {int(value) for value in found[look_back(name) :]} <= {0, *PATTERNS[name].answers}
    if name not in CONFIRMED:
        assert PATTERNS[name].warm_up == look_back(name)


@settings(deadline=None)  # two cores are shared by many tests
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 1000), cut=st.integers(0, 60))
def test_saving_and_restoring_in_the_middle_changes_nothing(name: str, seed: int, cut: int) -> None:
    rows = redrawn(3, seed=seed, tick=0.05)[:60].tolist()
    whole, first, second = opened(name), opened(name), opened(name)
    expected = [whole.push(*row) for row in rows]
    found = [first.push(*row) for row in rows[:cut]]
    second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found += [second.push(*row) for row in rows[cut:]]
    assert str(found) == str(expected)


@pytest.mark.parametrize("name", NAMES)
def test_no_finite_price_is_too_large_to_be_saved(name: str) -> None:
    stream, again = opened(name), opened(name)
    for row in random_walk(40, seed=1).tolist():
        stream.push(*(price * 1e306 for price in row))
    again.restore(json.loads(json.dumps(stream.state(), allow_nan=False)))
    assert again.state() == stream.state()


@pytest.mark.parametrize("name", ["doji", "three_inside", "hikkake", "hikkake_modified"])
@pytest.mark.parametrize("change", ["cut", "text", "infinite", "row", "totals", "longer", "flat"])
def test_a_state_of_another_form_is_refused_and_changes_nothing(name: str, change: str) -> None:
    stream = opened(name)
    for row in random_walk(30, seed=1).tolist():
        stream.push(*row)
    before = json.dumps(stream.state())
    with pytest.raises((ValueError, TypeError)):
        stream.restore(spoilt(json.loads(before), change))
    assert json.dumps(stream.state()) == before


def spoilt(state: list[Any], change: str) -> Any:
    rows, totals = inner = state[0] if len(state) > 2 else state
    match change:
        case "cut":
            return state[:1]
        case "text":
            rows[0][0] = "100"
        case "infinite":
            rows[0][1] = math.inf
        case "row":
            rows[0] = rows[0][:3]
        case "totals":
            totals.append(1.0)
        case "longer":
            rows.append(rows[0])
        case "flat":
            inner[0] = [1.0, 2.0]
    return state


def test_a_candle_is_measured_as_it_is_drawn() -> None:
    white, black = Candle(10.0, 15.0, 9.0, 12.0), Candle(12.0, 15.0, 9.0, 10.0)
    for candle in (white, black):
        assert (candle.body, candle.upper, candle.lower, candle.shadows, candle.range) == (2.0, 3.0, 1.0, 4.0, 6.0)
        assert (candle.top, candle.bottom) == (12.0, 10.0)
    assert (white.white, white.black, white.sign) == (True, False, 1)
    assert (black.white, black.black, black.sign) == (False, True, -1)
    assert Candle(10.0, 10.0, 10.0, 10.0).white


def test_a_limit_is_the_mean_of_the_bars_before_the_candle_it_is_for() -> None:
    seen = []

    def watch(*given: Any) -> int:
        seen.append(given[-1])
        return 0

    pattern = Pattern(name="any", looks="", bars=3, answers=(), predicate=watch, limits=(LONG_BODY.back(2),))
    stream = PatternStream(pattern)
    for body in range(14):
        stream.push(100.0, 200.0, 50.0, 100.0 + body)
    assert pattern.warm_up == 12
    # Bar 12 asks for the candle at bar 10: the bodies 0 to 9 before it; bar 13 for the one at bar 11.
    assert seen == [4.5, 5.5]
