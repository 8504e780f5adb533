"""VWAP by session and from an anchor."""

import math

import numpy as np
import pytest

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.computing import compute
from tests.quant.indicators.made_bars import DAY, make_bars

HOUR = DAY // 24


def hourly(count: int) -> Bars:
    bars = make_bars(count, tick=0.25)
    columns = {name: getattr(bars, name) for name in bars.__slots__}
    return Bars(**{**columns, "time": np.arange(count, dtype=np.int64) * HOUR + 20 * 365 * DAY})


def test_vwap_of_three_bars_by_hand() -> None:
    bars = hourly(3)
    bars.high[:], bars.low[:], bars.close[:] = [12, 15, 18], [6, 9, 12], [9, 12, 15]
    bars.volume[:] = [100, 300, 0]
    # Typical prices 9, 12, 15: (9 * 100 + 12 * 300) / 400 = 11.25, and nothing is added where nothing was traded.
    assert compute("vwap", bars, {})["vwap"].tolist() == [9, 11.25, 11.25]


@pytest.mark.parametrize("begin", [0, 22 * 60])
def test_vwap_begins_anew_with_each_session(begin: int) -> None:
    bars = hourly(100)
    found = compute("vwap", bars, {"begin": begin})["vwap"]
    traded = shares = 0.0
    for at in range(100):
        if (at - begin // 60) % 24 == 0:
            traded = shares = 0.0
        typical = (bars.high[at] + bars.low[at] + bars.close[at]) / 3.0
        traded, shares = traded + typical * bars.volume[at], shares + bars.volume[at]
        assert found[at] == traded / shares


def test_an_anchor_is_a_day_and_a_minute() -> None:
    bars = hourly(72)
    day = int(np.datetime64(int(bars.time[24]), "us").astype("datetime64[D]").astype(str).replace("-", ""))

    def since(first: int) -> Floats:
        typical = (bars.high + bars.low + bars.close)[first:] / 3.0
        shares = bars.volume[first:]
        return np.asarray(np.cumsum(typical * shares) / np.cumsum(shares))

    np.testing.assert_array_equal(compute("anchored_vwap", bars, {})["vwap"], since(0))
    found = compute("anchored_vwap", bars, {"anchor": day, "minute": 90})["vwap"]
    assert np.isnan(found[:26]).all()
    np.testing.assert_array_equal(found[26:], since(26))
    assert np.isnan(compute("anchored_vwap", bars, {"anchor": 20990101})["vwap"]).all()


def test_nothing_traded_has_no_average() -> None:
    bars = hourly(30)
    bars.volume[:26] = 0
    found = compute("vwap", bars, {})["vwap"]
    assert all(math.isnan(value) for value in found[:26])
    assert found[26] == (bars.high[26] + bars.low[26] + bars.close[26]) / 3.0
