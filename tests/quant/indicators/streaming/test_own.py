"""The indicators of our own, bar by bar: each gives what its batch gives, also over gaps and after a restart."""

import json
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import calculate, complete
from outcry.quant.indicators.streaming import own_channels, own_pairs, own_sessions, own_turns
from outcry.quant.indicators.streaming.opening import open_stream
from tests.quant.indicators.streaming.candle_pictures import random_walk

NAMES = sorted(name for group in (own_channels, own_pairs, own_sessions, own_turns) for name in group.STREAMS)
# Their averages are smoothed with one rounding more than TA-Lib's; all others are the batch to the last bit.
ROUNDED = {"keltner", "supertrend"}
DAY = 86_400e6
# A Sunday's last minutes, in microseconds since 1970: days, weeks and months all turn soon.
START = 1_740_957_300e6

SETTINGS: dict[str, list[Mapping[str, float]]] = {
    "donchian": [{"period": 2}, {"period": 55}],
    "keltner": [{"period": 5, "atr_period": 30}, {"period": 7, "atr_period": 7, "multiplier": 0.5}],
    "supertrend": [{"period": 2, "multiplier": 0.1}, {"period": 21, "multiplier": 1}],
    "ichimoku": [{"conversion": 30, "base": 5, "span": 2, "displacement": 1}],
    "heikin_ashi": [],
    "vwap": [{"span": 1}, {"span": 2, "begin": 1439}, {"begin": 870}],
    "anchored_vwap": [{"anchor": 20250304, "minute": 30}, {"anchor": 29991231}],
    "pivot_points": [{"kind": kind, "span": kind % 3, "begin": 60 * kind} for kind in (1, 2, 3)],
    "zigzag": [{"deviation": 0.1}, {"deviation": 1}, {"deviation": 50}],
    "levels": [{"strength": 1, "touches": 1}, {"strength": 3, "tolerance": 0.05, "touches": 3, "memory": 9}],
    "relative_strength": [{"period": 2}, {"period": 20}],
}


def market(kind: str, count: int = 500) -> dict[str, Floats]:
    """Return every column that an indicator may read."""
    random = np.random.default_rng(12)
    rows = random_walk(count, seed=4, tick=0.25 if kind == "ticks" else 0.0)
    match kind:
        case "flat":
            rows[:] = 100.1
        case "tiny":
            rows *= 1e-8
        case "around zero":
            rows -= 100
    columns = dict(zip(("open", "high", "low", "close"), np.ascontiguousarray(rows.T), strict=True))
    columns["time"] = START + np.cumsum(random.choice([60e6, 3600e6, DAY / 4, 3 * DAY], count))
    columns["volume"] = random.integers(0, 3, count) * random.choice([0.0, 1.0, 2.5], count)
    columns["other"] = np.round(random_walk(count, seed=5, tick=0.25)[:, 0] - 100)  # also 0, of which there is no ratio
    if kind == "holes":
        for name in ("high", "close", "volume", "other"):
            columns[name][random.random(count) < 0.05] = random.choice([np.nan, np.inf])
    return columns


def inputs(name: str, columns: Mapping[str, Floats]) -> list[Floats]:
    return [columns[each] for each in CATALOGUE[name].inputs]


def streamed(name: str, columns: Mapping[str, Floats], parameters: Mapping[str, float]) -> Floats:
    """A row for each output."""
    push = open_stream(name, parameters).push
    rows = zip(*(column.tolist() for column in inputs(name, columns)), strict=True)
    return np.array([push(*row) for row in rows]).T


def test_they_are_all_of_the_catalogue_that_talib_has_not_and_four_that_it_has() -> None:
    ours = {name for name, indicator in CATALOGUE.items() if not indicator.function}
    assert set(NAMES) == ours | {"donchian", "keltner", "supertrend", "heikin_ashi"} == set(SETTINGS)


@pytest.mark.parametrize("kind", ["walk", "ticks", "flat", "tiny", "around zero", "holes"])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_batch(name: str, kind: str) -> None:
    columns = market(kind)
    for parameters in [{}, *SETTINGS[name]]:
        expected = np.array(calculate(CATALOGUE[name], inputs(name, columns), complete(CATALOGUE[name], parameters)))
        tolerance = 1e-9 if name in ROUNDED else 0.0
        np.testing.assert_allclose(
            streamed(name, columns, parameters), expected, rtol=tolerance, atol=0, err_msg=str(parameters)
        )


@settings(deadline=None)  # the first example of some loads TA-Lib
@given(name=st.sampled_from(NAMES), cut=st.integers(0, 90), chosen=st.integers(0, 2))
def test_saving_and_restoring_in_the_middle_changes_nothing(name: str, cut: int, chosen: int) -> None:
    columns = market("ticks", 90)
    parameters = [{}, *SETTINGS[name]][chosen % (len(SETTINGS[name]) + 1)]
    first, second = open_stream(name, parameters), open_stream(name, parameters)
    rows = list(zip(*(column.tolist() for column in inputs(name, columns)), strict=True))
    found = [first.push(*row) for row in rows[:cut]]
    second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found += [second.push(*row) for row in rows[cut:]]
    np.testing.assert_array_equal(np.array(found).T, streamed(name, columns, parameters))


def test_a_session_begins_with_its_first_bar_whatever_it_is() -> None:
    number = own_sessions.session_number(0, 60)
    assert number(3_600e6 - 1) + 1 == number(3_600e6) == number(DAY + 3_600e6 - 1) == number(DAY + 3_600e6) - 1
    week = own_sessions.session_number(1, 0)
    # 1970-01-05 was a Monday.
    assert week(4 * DAY - 1) + 1 == week(4 * DAY) == week(11 * DAY - 1) == week(11 * DAY) - 1
    month = own_sessions.session_number(2, 0)
    assert [month(day * DAY) for day in (0, 30, 31, 58, 59, -1)] == [0, 0, 1, 1, 2, -1]


def test_a_pivot_is_told_on_the_bar_that_confirms_it() -> None:
    push = open_stream("zigzag", {"deviation": 10}).push
    told = [push(*bar) for bar in [(100, 99), (108, 103), (106, 100), (105, 97), (100, 95), (105, 100), (120, 100)]]
    assert [bar for bar, values in enumerate(told) if values[0] == values[0]] == [3, 5]
    assert told[3] == (108, 2, 1)
    assert told[5] == (95, 1, -1)
