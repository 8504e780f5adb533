"""The volume profile."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.quant.indicators.profiles import volume_profile
from tests.quant.indicators.made_bars import flat_bars, make_bars, to_bars


def test_a_bars_volume_is_spread_over_its_length() -> None:
    # From 0 to 10 rising with 100, from 5 to 10 falling with 60, in rows of 2.5.
    opened, high, low, close = np.array([[0, 10], [10, 10], [0, 5], [10, 5]], dtype=np.float64)
    found = volume_profile(to_bars(opened, high, low, close, np.array([100.0, 60])), rows=4, value_share=0.6)
    assert found is not None
    assert found.edges.tolist() == [0, 2.5, 5, 7.5, 10]
    np.testing.assert_allclose(found.rising, [25, 25, 25, 25])
    np.testing.assert_allclose(found.falling, [0, 0, 30, 30])
    assert found.point_of_control == 6.25
    assert (found.value_low, found.value_high) == (5, 10)


@settings(deadline=None)
@given(seed=st.integers(0, 1000), rows=st.integers(1, 60), count=st.integers(1, 200), tick=st.sampled_from([0, 0.5, 5]))
def test_no_volume_is_lost(seed: int, rows: int, count: int, tick: float) -> None:
    bars = make_bars(count, seed=seed, tick=tick)
    found = volume_profile(bars, rows=rows)
    assert found is not None
    assert len(found.volume) == rows
    assert (found.volume >= 0).all()
    assert found.volume.sum() == pytest.approx(bars.volume.sum())
    assert found.value_low <= found.point_of_control <= found.value_high
    inside = (found.edges[:-1] >= found.value_low) & (found.edges[1:] <= found.value_high)
    assert found.volume[inside].sum() >= 0.7 * bars.volume.sum() * (1 - 1e-9)


def test_undefined_bars_count_for_nothing_and_none_have_no_profile() -> None:
    bars = make_bars(50)
    alone = volume_profile(bars.between(0, 49))
    bars.close[49], bars.high[49] = np.nan, np.inf
    found = volume_profile(bars)
    assert found is not None
    assert alone is not None
    np.testing.assert_array_equal(found.volume, alone.volume)
    assert volume_profile(bars.between(0, 0)) is None
    bars.volume[:] = 0
    assert volume_profile(bars) is None
    constant = volume_profile(flat_bars(np.full(5, 42.0)))
    assert constant is not None
    assert constant.volume.sum() == 5


@pytest.mark.parametrize(
    ("field", "chosen"), [("rows", {"rows": 0}), ("rows", {"rows": 1001}), ("value_share", {"value_share": 0})]
)
def test_a_profile_that_makes_no_sense_is_refused(field: str, chosen: dict[str, int]) -> None:
    with pytest.raises(InvalidInputError, match=field):
        volume_profile(make_bars(5), **chosen)
