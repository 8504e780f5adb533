"""Ichimoku, and strength beside another instrument."""

import numpy as np
import pytest

from outcry.quant.indicators.computing import compute
from tests.quant.indicators.made_bars import make_bars


def test_the_cloud_of_a_bar_was_thrown_displacement_bars_before() -> None:
    bars = make_bars(140)
    found = compute("ichimoku", bars, {})

    def middle(at: int, period: int) -> float:
        return float(bars.high[at - period + 1 : at + 1].max() + bars.low[at - period + 1 : at + 1].min()) / 2

    for at in range(77, 140):
        assert found["conversion"][at] == middle(at, 9)
        assert found["base"][at] == middle(at, 26)
        assert found["span_a"][at] == (middle(at - 26, 9) + middle(at - 26, 26)) / 2
        assert found["span_b"][at] == middle(at - 26, 52)
        assert found["lead_a"][at] == (middle(at, 9) + middle(at, 26)) / 2
        assert found["lead_b"][at] == middle(at, 52)


def test_relative_strength_is_a_ratio_and_its_distance_from_its_mean() -> None:
    bars, other = make_bars(80), make_bars(80, seed=5).close
    found = compute("relative_strength", bars, {"period": 10}, other=other)
    ratio = bars.close / other
    for at in range(9, 80):
        assert found["ratio"][at] == ratio[at]
        assert found["mansfield"][at] == pytest.approx(100 * (ratio[at] / ratio[at - 9 : at + 1].mean() - 1), abs=1e-9)


def test_a_price_of_nothing_has_no_ratio_and_harms_no_other() -> None:
    bars, other = make_bars(40), make_bars(40, seed=5).close
    broken = other.copy()
    broken[20] = 0
    found = compute("relative_strength", bars, {"period": 5}, other=broken)
    assert np.flatnonzero(np.isnan(found["mansfield"])).tolist() == [0, 1, 2, 3, 20]
    ratio = np.delete(bars.close / other, 20)
    assert found["mansfield"][24] == pytest.approx(100 * (ratio[23] / ratio[19:24].mean() - 1), abs=1e-9)
