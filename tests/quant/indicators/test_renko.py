"""Renko bricks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.quant.indicators.renko import renko
from tests.quant.indicators.made_bars import DAY, flat_bars, make_bars


def test_bricks_by_hand() -> None:
    # 12.2 completes two, 10.1 is not two sizes under the last one's end, 9.9 is, and 13 turns upwards again.
    found = renko(flat_bars(np.array([10, 10.5, 12.2, 11.1, 10.1, 9.9, 13.0])), size=1)
    assert found.bar.tolist() == [2, 2, 5, 6, 6]
    assert found.time.tolist() == [2 * DAY, 2 * DAY, 5 * DAY, 6 * DAY, 6 * DAY]
    assert found.open.tolist() == [10, 11, 11, 11, 12]
    assert found.close.tolist() == [11, 12, 10, 12, 13]


def test_decimals_do_not_cost_a_brick() -> None:
    found = renko(flat_bars(np.array([0.1, 0.3, 0.1, 0.4])), size=0.1)
    np.testing.assert_allclose(found.close, [0.2, 0.3, 0.1, 0.3, 0.4])


@settings(deadline=None)
@given(seed=st.integers(0, 500), size=st.floats(0.2, 20), cut=st.integers(1, 120))
def test_bricks_join_and_later_bars_change_none(seed: int, size: float, cut: int) -> None:
    bars = make_bars(120, seed=seed)
    found = renko(bars, size=size)
    np.testing.assert_allclose(np.abs(found.close - found.open), size)
    # Each begins where the last one ended, or, against it, where the last one began.
    joined = np.isclose(found.open[1:], found.close[:-1]) | np.isclose(found.open[1:], found.open[:-1])
    assert joined.all()
    assert (np.diff(found.bar) >= 0).all()
    part = renko(bars.between(0, cut), size=size)
    np.testing.assert_array_equal(part.close, found.close[: len(part)])
    assert (found.bar[len(part) :] >= cut).all()


def test_undefined_closes_draw_nothing() -> None:
    assert len(renko(make_bars(0), size=1)) == 0
    assert len(renko(flat_bars(np.full(3, math.nan)), size=1)) == 0
    found = renko(flat_bars(np.array([math.nan, 10, math.inf, 11.0])), size=1)
    assert (found.bar.tolist(), found.close.tolist()) == ([3], [11])


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf, 1e-9])
def test_a_size_that_makes_no_sense_is_refused(size: float) -> None:
    with pytest.raises(InvalidInputError, match="size"):
        renko(make_bars(50), size=size)
