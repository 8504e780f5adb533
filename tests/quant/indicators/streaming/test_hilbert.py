"""The dominant cycle bar by bar: bit for bit what TA-Lib gives, and the cycle that was put in."""

import json
import math

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import Floats
from outcry.quant.indicators.streaming.hilbert import STREAMS
from outcry.quant.indicators.streaming.stream import Stream
from tests.quant.indicators.streaming.candle_pictures import random_walk

LIMITS = {"fast_limit": 0.5, "slow_limit": 0.05}
NAMES = sorted(STREAMS)
WALK = random_walk(700, seed=2)[:, 3]
SERIES = {
    "walk": WALK,
    "cents": random_walk(700, seed=6, tick=0.01)[:, 3],
    "quarters": random_walk(700, seed=7, tick=0.25)[:, 3],
    "steps": np.round(WALK / 5) * 5,
    # A flat series leaves nothing but what rounding leaves: it agrees only if every operation does.
    "flat": np.full(300, 100.1),
    "flat, then not": np.concatenate([np.full(200, 100.1), WALK]),
    "zeros": np.zeros(150),
    "squares": np.repeat(np.array([100.0, 101.0] * 30), 7),
    "sine": 100 + 10 * np.sin(np.arange(500) / 3.1),
    "around zero": WALK - 100,
    "tiny": WALK * 1e-8,
    "huge": WALK * 1e6,
    "short": WALK[:20],
}


def opened(name: str) -> Stream:
    return STREAMS[name](LIMITS)


def streamed(name: str, values: Floats) -> Floats:
    """A row for each output."""
    push = opened(name).push
    return np.array([push(value) for value in values.tolist()]).T


def by_talib(name: str, values: Floats) -> Floats:
    found = getattr(talib, name.upper())(values, *(LIMITS.values() if name == "mama" else ()))
    rows = np.array(found if isinstance(found, tuple) else [found], dtype=float)
    if name == "ht_trendmode":  # integers have no NaN
        rows[:, :63] = np.nan
    return rows


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("name", NAMES)
def test_it_is_talib_to_the_last_bit(name: str, series: str) -> None:
    np.testing.assert_array_equal(streamed(name, SERIES[series]), by_talib(name, SERIES[series]))


@pytest.mark.parametrize(("fast", "slow"), [(0.99, 0.01), (0.01, 0.01), (0.2, 0.4)])
def test_mama_is_talib_with_other_limits(fast: float, slow: float) -> None:
    push = STREAMS["mama"]({"fast_limit": fast, "slow_limit": slow}).push
    found = np.array([push(value) for value in WALK.tolist()]).T
    np.testing.assert_array_equal(found, np.array(talib.MAMA(WALK, fast, slow)))


@pytest.mark.parametrize("length", [10, 16, 25, 40])
def test_the_period_of_a_pure_cycle_is_found(length: int) -> None:
    values = 100 + 5 * np.sin(2 * np.pi * np.arange(400) / length)
    (period,) = streamed("ht_dcperiod", values)
    assert period[-100:] == pytest.approx(length, rel=0.1)


def test_the_sine_wave_of_a_pure_cycle_leads_by_an_eighth_and_its_trendline_is_flat() -> None:
    values = 100 + 5 * np.sin(2 * np.pi * np.arange(400) / 20)
    sine, lead = streamed("ht_sine", values)[:, -100:]
    cosine = np.sqrt(1 - sine**2)
    assert np.minimum(abs(lead - (sine + cosine) / 2**0.5), abs(lead - (sine - cosine) / 2**0.5)).max() < 1e-9
    (trend,) = streamed("ht_trendline", values)
    assert np.ptp(trend[-100:]) < 1.0


@settings(deadline=None)  # two cores are shared by many tests
@given(name=st.sampled_from(NAMES), cut=st.integers(0, 120))
def test_saving_and_restoring_in_the_middle_changes_nothing(name: str, cut: int) -> None:
    values = WALK[:120].tolist()
    whole, first, second = opened(name), opened(name), opened(name)
    expected = [whole.push(value) for value in values]
    found = [first.push(value) for value in values[:cut]]
    second.restore(json.loads(json.dumps(first.state(), allow_nan=False)))
    found += [second.push(value) for value in values[cut:]]
    assert str(found) == str(expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1e160, 1e300, 5e-324])
def test_no_finite_number_is_too_large_or_too_small(name: str, size: float) -> None:
    push = opened(name).push
    for value in (math.sin(bar) * size for bar in range(200)):
        push(value)
