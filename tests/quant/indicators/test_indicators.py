"""The best known indicators against their published formulas, written out once more."""

import itertools
import math

import numpy as np
import pytest

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.computing import compute
from tests.quant.indicators.made_bars import flat_bars, make_bars, to_bars


def assert_close(found: Floats, expected: list[float], warm: int) -> None:
    np.testing.assert_allclose(found[warm:], expected[warm:], rtol=1e-9, atol=1e-9)


def test_rsi_is_wilders() -> None:
    bars = make_bars(120)
    closes, period = bars.close.tolist(), 14
    changes = [after - before for before, after in itertools.pairwise(closes)]
    gain = sum(max(c, 0) for c in changes[:period]) / period
    loss = sum(max(-c, 0) for c in changes[:period]) / period
    expected = [math.nan] * period + [100 - 100 / (1 + gain / loss)]
    for change in changes[period:]:
        gain = (gain * (period - 1) + max(change, 0)) / period
        loss = (loss * (period - 1) + max(-change, 0)) / period
        expected.append(100 - 100 / (1 + gain / loss))
    assert_close(compute("rsi", bars, {})["rsi"], expected, period)


def test_rsi_of_a_published_example() -> None:
    # Fourteen changes done by hand: gains 0.06 + 0.72 + 0.50 + 0.27 + 0.32 + 0.42 + 0.24 + 0.14 + 0.67 = 3.34,
    # losses 0.25 + 0.54 + 0.19 + 0.42 = 1.40; RSI = 100 * 3.34 / 4.74 = 70.4641...
    closes = [44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28]
    assert compute("rsi", flat_bars(np.array(closes)), {})["rsi"][-1] == pytest.approx(100 * 3.34 / 4.74, abs=1e-6)


def test_rsi_of_the_worksheet_that_everybody_compares_with() -> None:
    # The 14-day worksheet of StockCharts' ChartSchool: prices with four decimals, values with two.
    closes = [
        *(44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931),
        *(46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521),
        *(45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314),
    ]
    printed = [
        *(70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87),
        *(45.46, 37.30, 33.08, 37.77),
    ]
    found = compute("rsi", flat_bars(np.array(closes)), {})["rsi"][14:]
    np.testing.assert_allclose(found, printed, atol=0.006)


def _averages(closes: list[float], period: int) -> tuple[list[float], list[float], list[float]]:
    sma, ema, wma = [], [], []
    for at in range(len(closes)):
        window = closes[max(0, at - period + 1) : at + 1]
        enough = at + 1 >= period
        sma.append(sum(window) / period if enough else math.nan)
        weighted = sum(weight * price for weight, price in enumerate(window, start=1))
        wma.append(weighted / (period * (period + 1) / 2) if enough else math.nan)
        if at + 1 == period:
            ema.append(sma[-1])
        else:
            ema.append(ema[-1] + (closes[at] - ema[-1]) * 2 / (period + 1) if enough else math.nan)
    return sma, ema, wma


@pytest.mark.parametrize("period", [2, 20, 37])
def test_the_moving_averages_are_their_definitions(period: int) -> None:
    bars = make_bars(150)
    for name, expected in zip(("sma", "ema", "wma"), _averages(bars.close.tolist(), period), strict=True):
        assert_close(compute(name, bars, {"period": period})[name], expected, period - 1)


def test_bollinger_bands_are_population_deviations_around_the_mean() -> None:
    bars = make_bars(80)
    found = compute("bbands", bars, {"period": 10, "deviations": 1.5})
    for at in range(9, 80):
        window = bars.close[at - 9 : at + 1]
        middle, width = window.mean(), 1.5 * window.std()
        assert found["upper"][at] == pytest.approx(middle + width, rel=1e-9)
        assert found["middle"][at] == pytest.approx(middle, rel=1e-9)
        assert found["lower"][at] == pytest.approx(middle - width, rel=1e-9)


def _true_ranges(bars: Bars) -> list[float]:
    rows = zip(bars.high.tolist()[1:], bars.low.tolist()[1:], bars.close.tolist(), strict=False)
    return [max(high - low, abs(high - before), abs(low - before)) for high, low, before in rows]


def test_atr_is_wilders() -> None:
    bars, period = make_bars(90), 14
    ranges = _true_ranges(bars)
    expected = [math.nan] * period + [sum(ranges[:period]) / period]
    for value in ranges[period:]:
        expected.append((expected[-1] * (period - 1) + value) / period)
    assert_close(compute("atr", bars, {})["atr"], expected, period)


def test_adx_is_wilders() -> None:
    bars, period = make_bars(120), 14
    ups = [max(0.0, float(after - before)) for before, after in zip(bars.high, bars.high[1:], strict=False)]
    downs = [max(0.0, float(before - after)) for before, after in zip(bars.low, bars.low[1:], strict=False)]
    plus = [up if up > down else 0.0 for up, down in zip(ups, downs, strict=True)]
    minus = [down if down > up else 0.0 for up, down in zip(ups, downs, strict=True)]
    # As TA-Lib does it, Wilder's first sum holds period - 1 moves; the smoothing then takes each further one.
    sums = [sum(series[: period - 1]) for series in (plus, minus, _true_ranges(bars))]
    indexes = []
    for moves in list(zip(plus, minus, _true_ranges(bars), strict=True))[period - 1 :]:
        sums = [old - old / period + new for old, new in zip(sums, moves, strict=True)]
        plus_index, minus_index = sums[0] / sums[2], sums[1] / sums[2]
        indexes.append(100 * abs(plus_index - minus_index) / (plus_index + minus_index))
    adx = [sum(indexes[:period]) / period]
    for index in indexes[period:]:
        adx.append((adx[-1] * (period - 1) + index) / period)
    found = compute("adx", bars, {})["adx"]
    np.testing.assert_allclose(found[2 * period - 1 :], adx, rtol=1e-9)


def test_stochastic_cci_and_mfi_are_their_definitions() -> None:
    bars = make_bars(80)
    typical = (bars.high + bars.low + bars.close) / 3
    fast = [
        100
        * (bars.close[at] - bars.low[at - 13 : at + 1].min())
        / np.ptp(np.r_[bars.high[at - 13 : at + 1], bars.low[at - 13 : at + 1]])
        for at in range(13, 80)
    ]
    k = np.convolve(fast, np.ones(3) / 3, "valid")
    stoch = compute("stoch", bars, {})
    np.testing.assert_allclose(stoch["k"][17:], k[2:], rtol=1e-9)
    np.testing.assert_allclose(stoch["d"][17:], np.convolve(k, np.ones(3) / 3, "valid"), rtol=1e-9)
    cci, mfi = compute("cci", bars, {})["cci"], compute("mfi", bars, {})["mfi"]
    for at in range(20, 80):
        window = typical[at - 19 : at + 1]
        assert cci[at] == pytest.approx((typical[at] - window.mean()) / (0.015 * np.abs(window - window.mean()).mean()))
        moves = np.diff(typical[at - 14 : at + 1])
        flow = (typical * bars.volume)[at - 13 : at + 1]
        assert mfi[at] == pytest.approx(100 * flow[moves > 0].sum() / flow[moves != 0].sum())


def test_macd_is_the_difference_of_two_averages() -> None:
    bars = make_bars(200)
    found = compute("macd", bars, {})
    # TA-Lib starts the fast average where the slow one begins, from the mean of the 12 closes before.
    slow = compute("ema", bars, {"period": 26})["ema"]
    fast = compute("ema", bars.between(14, 200), {"period": 12})["ema"]
    line = (np.r_[np.full(14, np.nan), fast] - slow)[25:]
    signal = [line[:9].mean()]
    for value in line[9:]:
        signal.append(signal[-1] + (value - signal[-1]) * 0.2)
    np.testing.assert_allclose(found["macd"][33:], line[8:], rtol=1e-9)
    np.testing.assert_allclose(found["signal"][33:], signal, rtol=1e-9)
    np.testing.assert_allclose(found["histogram"][33:], line[8:] - signal, rtol=1e-9, atol=1e-12)


def test_obv_adds_and_takes_away() -> None:
    prices, volume = np.array([10, 11, 11, 9, 12.0]), np.array([100, 200, 300, 400, 500.0])
    bars = to_bars(prices, prices, prices, prices, volume)
    assert compute("obv", bars, {})["obv"].tolist() == [100, 300, 300, -100, 400]


@pytest.mark.parametrize(
    ("name", "chosen", "field"),
    [
        ("rsi", {"period": 1}, "period"),
        ("rsi", {"period": 1001}, "period"),
        ("rsi", {"period": 2.5}, "period"),
        ("rsi", {"period": math.nan}, "period"),
        ("rsi", {"period": math.inf}, "period"),
        ("rsi", {"length": 14}, "length"),
        ("obv", {"period": 14}, "period"),
        ("macd", {"fast": 26, "slow": 12}, "fast"),
        ("macd", {"fast": 40}, "fast"),
        ("bbands", {"deviations": 0}, "deviations"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, chosen: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidInputError, match=field) as caught:
        compute(name, make_bars(100), chosen)
    assert caught.value.errors[0]["field"] == field
