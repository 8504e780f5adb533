"""Pivot points, ZigZag, and support and resistance."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.computing import compute
from outcry.quant.indicators.levels import cluster
from tests.quant.indicators.made_bars import make_bars, to_bars

# A session of high 110, low 100 and close 108, then one that opens at 107: the pivot is 106 by either formula.
KINDS: dict[int, list[float]] = {
    0: [106, 112, 116, 122, 128, 102, 96, 92, 88],
    1: [106, 109.82, 112.18, 116, math.nan, 102.18, 99.82, 96, math.nan],
    2: [106, 108 + 11 / 12, 108 + 11 / 6, 108 + 11 / 4, 113.5, 108 - 11 / 12, 108 - 11 / 6, 108 - 11 / 4, 102.5],
    3: [106, 112, 116, 122, 132, 102, 96, 92, 82],
}


@pytest.mark.parametrize("kind", KINDS)
def test_pivot_points_by_hand(kind: int) -> None:
    opened, high, low, close = np.array([[103, 107], [110, 109], [100, 104], [108, 105]], dtype=np.float64)
    found = compute("pivot_points", to_bars(opened, high, low, close, np.ones(2)), {"kind": kind})
    assert all(math.isnan(values[0]) for values in found.values())
    np.testing.assert_allclose([values[1] for values in found.values()], KINDS[kind])


def test_pivot_points_of_weeks_hold_for_all_of_the_next_week() -> None:
    bars = make_bars(30)
    found = compute("pivot_points", bars, {"span": 1})["pivot"]
    # 1970 began on a Thursday: the first Monday is bar 4.
    assert np.isnan(found[:4]).all()
    first = (bars.high[:4].max() + bars.low[:4].min() + bars.close[3]) / 3
    assert found[4:11].tolist() == [first] * 7
    assert found[11] == (bars.high[4:11].max() + bars.low[4:11].min() + bars.close[10]) / 3


def slow_zigzag(high: Floats, low: Floats, percent: float) -> list[tuple[int, float, int, int]]:
    """Give (bar, price, how far back, direction), one bar after the other."""
    found, direction = [], 0
    up, down = 1 + percent / 100, 1 - percent / 100
    top, bottom, top_at, bottom_at = high[0], low[0], 0, 0
    for at in range(1, len(high)):
        falls = direction >= 0 and high[at] <= top and low[at] <= top * down
        rises = direction <= 0 and low[at] >= bottom and high[at] >= bottom * up
        if falls:
            found.append((at, top, at - top_at, 1))
            direction, bottom, bottom_at = -1, low[at], at
        elif rises:
            found.append((at, bottom, at - bottom_at, -1))
            direction, top, top_at = 1, high[at], at
        else:
            if direction >= 0 and high[at] > top:
                top, top_at = high[at], at
            if direction <= 0 and low[at] < bottom:
                bottom, bottom_at = low[at], at
    return found


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("percent", [0.5, 3, 10])
def test_zigzag_confirms_each_turn_when_it_can_be_known(seed: int, percent: float) -> None:
    bars = make_bars(900, seed=seed, tick=0.5 * (seed % 2))
    found = compute("zigzag", bars, {"deviation": percent})
    at = np.flatnonzero(~np.isnan(found["pivot"]))
    columns = (at, *(values[at] for values in found.values()))
    expected = slow_zigzag(bars.high, bars.low, percent)
    assert [tuple(float(value) for value in row) for row in zip(*columns, strict=True)] == [
        tuple(float(value) for value in row) for row in expected
    ]
    assert len(expected) > 1
    directions = found["direction"][at]
    assert (directions[1:] != directions[:-1]).all()


def slow_levels(bars: Bars, strength: int, memory: int, touches: int) -> list[tuple[float, float]]:
    found, known = [], []
    for at in range(len(bars)):
        middle = at - strength
        if middle >= strength:
            for prices, sign in ((bars.high, 1), (bars.low, -1)):
                before = sign * prices[middle - strength : middle]
                after = sign * prices[middle + 1 : at + 1]
                if sign * prices[middle] > before.max() and sign * prices[middle] >= after.max():
                    known.append(float(prices[middle]))
        marks = cluster(known[-memory:], 0.01, touches)
        close = bars.close[at]
        found.append(
            (
                max((mark for mark in marks if mark <= close), default=math.nan),
                min((mark for mark in marks if mark > close), default=math.nan),
            )
        )
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strength", [1, 2, 5])
def test_levels_are_known_when_their_turns_are(seed: int, strength: int) -> None:
    bars = make_bars(300, seed=seed, tick=0.5 * (seed % 2))
    found = compute("levels", bars, {"strength": strength, "memory": 12})
    expected = np.array(slow_levels(bars, strength, 12, 2))
    expected[: 2 * strength] = math.nan
    np.testing.assert_array_equal(np.column_stack(list(found.values())), expected)
    assert np.isfinite(expected).any()


@settings(deadline=None)
@given(prices=st.lists(st.floats(0.01, 1000), max_size=30), tolerance=st.floats(0.0001, 0.2), touches=st.integers(1, 4))
def test_clusters_are_ascending_and_within_the_prices(prices: list[float], tolerance: float, touches: int) -> None:
    found = cluster(prices, tolerance, touches)
    assert found == sorted(found)
    assert len(found) * touches <= len(prices)
    assert all(min(prices) * (1 - 1e-12) <= mark <= max(prices) * (1 + 1e-12) for mark in found)
    assert cluster(prices, tolerance, 1) or not prices


def test_three_turns_near_one_price_make_a_level() -> None:
    assert cluster([100.0, 120.0, 100.5, 99.9], 0.01, 2) == [(99.9 + 100.0 + 100.5) / 3]
