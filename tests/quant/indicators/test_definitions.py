"""Indicators against their published formulas, each written out once more, slowly, from its definition."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.computing import compute, warm_up
from tests.quant.indicators.made_bars import make_bars, to_bars
from tests.quant.indicators.plain import (
    NAN,
    Numbers,
    changes,
    ema,
    highest,
    line_through,
    lowest,
    mean,
    plus,
    rolling,
    true_range,
    wilder,
    wma,
)

BARS = make_bars(160, seed=11)


def hull(values: Numbers, period: int) -> list[float]:
    apart = plus((2, wma(values, period // 2)), (-1, wma(values, period)))
    return wma(apart.tolist(), int(period**0.5))


def kaufman(values: Floats, period: int) -> list[float]:
    result = [NAN] * period
    last = float(values[period - 1])
    for at in range(period, len(values)):
        way = np.abs(np.diff(values[at - period : at + 1])).sum()
        efficiency = abs(values[at] - values[at - period]) / way
        constant = (efficiency * (2 / 3 - 2 / 31) + 2 / 31) ** 2
        last += constant * (float(values[at]) - last)
        result.append(last)
    return result


def money_flow(bars: Bars) -> Floats:
    share = ((bars.close - bars.low) - (bars.high - bars.close)) / (bars.high - bars.low)
    flow: Floats = share * bars.volume
    return flow


def stepwise(start: float, steps: Iterable[float]) -> list[float]:
    result = [start]
    for step in steps:
        result.append(result[-1] * (1 + step))
    return result


def relative_volume_changes(bars: Bars, sign: int) -> list[float]:
    rows = zip(changes(bars.volume.tolist())[1:], bars.close[1:] / bars.close[:-1] - 1, strict=True)
    return stepwise(1000, (float(step) if sign * volume > 0 else 0.0 for volume, step in rows))


def aroon(bars: Bars, up: bool) -> list[float]:
    column = bars.high if up else -bars.low
    # The most recent of equal extremes counts.
    return rolling(column.tolist(), 15, lambda window: 100.0 * (14 - int(np.argmax(window[::-1]))) / 14)


def vortex(bars: Bars, up: bool) -> Floats:
    moves = np.abs(bars.high[1:] - bars.low[:-1]) if up else np.abs(bars.low[1:] - bars.high[:-1])
    ranges = np.array(rolling(true_range(bars), 14, np.sum))
    share: Floats = np.array(rolling([NAN, *moves.tolist()], 14, np.sum)) / ranges
    return share


def ultimate(bars: Bars) -> Floats:
    before = np.concatenate([[NAN], bars.close[:-1]])
    pressure = bars.close - np.minimum(bars.low, before)
    parts = [
        np.array(rolling(pressure.tolist(), period, np.sum)) / np.array(rolling(true_range(bars), period, np.sum))
        for period in (7, 14, 28)
    ]
    return np.asarray(100 * (4 * parts[0] + 2 * parts[1] + parts[2]) / 7)


def double_smooth(values: Numbers) -> list[float]:
    return ema(ema(values, 25), 13)


O, H, L, C, V = (column.tolist() for column in (BARS.open, BARS.high, BARS.low, BARS.close, BARS.volume))  # noqa: E741  # the field's letters
ATR = wilder(true_range(BARS), 14)
TYPICAL = ((BARS.high + BARS.low + BARS.close) / 3).tolist()
MIDDLE = ((BARS.high + BARS.low) / 2).tolist()
E1 = ema(C, 30)
E2 = ema(E1, 30)
SLOW, FAST = highest(H, 14), lowest(L, 14)
AD = np.cumsum(money_flow(BARS)).tolist()

DEFINED: dict[str, Sequence[Numbers | Floats]] = {
    "dema": [plus((2, E1), (-1, E2))],
    "tema": [plus((3, E1), (-3, E2), (1, ema(E2, 30)))],
    "trima": [mean(mean(C, 15), 16)],
    "kama": [kaufman(BARS.close, 30)],
    "hma": [hull(C, 20)],
    "zlema": [ema([NAN] * 14 + plus((2, C[14:]), (-1, C[:-14])).tolist(), 30)],
    "rma": [wilder(C, 30)],
    "vwma": [np.array(mean((BARS.close * BARS.volume).tolist(), 30)) / np.array(mean(V, 30))],
    "midpoint": [(highest(C, 14) + lowest(C, 14)) / 2],
    "midprice": [(highest(H, 14) + lowest(L, 14)) / 2],
    "donchian": [highest(H, 20), (highest(H, 20) + lowest(L, 20)) / 2, lowest(L, 20)],
    "accbands": [
        mean((BARS.high * (1 + 4 * (BARS.high - BARS.low) / (BARS.high + BARS.low))).tolist(), 20),
        mean(C, 20),
        mean((BARS.low * (1 - 4 * (BARS.high - BARS.low) / (BARS.high + BARS.low))).tolist(), 20),
    ],
    # TA-Lib seeds the range with the ten true ranges that end where the average begins.
    "keltner": [
        plus((1, ema(TYPICAL, 20)), (width, [NAN] * 10 + wilder(true_range(BARS)[10:], 10))) for width in (2, 0, -2)
    ],
    "natr": [100 * np.array(ATR) / BARS.close],
    "trange": [true_range(BARS)],
    "adr": [mean((BARS.high - BARS.low).tolist(), 14)],
    "massi": [
        rolling(
            (
                np.array(ema((BARS.high - BARS.low).tolist(), 9))
                / np.array(ema(ema((BARS.high - BARS.low).tolist(), 9), 9))
            ).tolist(),
            25,
            np.sum,
        )
    ],
    "mom": [[NAN] * 10 + plus((1, C[10:]), (-1, C[:-10])).tolist()],
    "roc": [[NAN] * 10 + (100 * (BARS.close[10:] / BARS.close[:-10] - 1)).tolist()],
    "rocp": [[NAN] * 10 + (BARS.close[10:] / BARS.close[:-10] - 1).tolist()],
    "rocr": [[NAN] * 10 + (BARS.close[10:] / BARS.close[:-10]).tolist()],
    "rocr100": [[NAN] * 10 + (100 * BARS.close[10:] / BARS.close[:-10]).tolist()],
    "apo": [plus((1, ema(C, 12)), (-1, ema(C, 26)))],
    "ao": [plus((1, mean(MIDDLE, 5)), (-1, mean(MIDDLE, 34)))],
    "ac": [
        plus(
            (1, (ao := plus((1, mean(MIDDLE, 5)), (-1, mean(MIDDLE, 34))).tolist())),
            (-1, rolling(ao, 5, np.mean)),
        )
    ],
    "tsi": [100 * np.array(double_smooth(changes(C).tolist())) / np.array(double_smooth(np.abs(changes(C)).tolist()))],
    "eri": [plus((1, H), (-1, ema(C, 13))), plus((1, L), (-1, ema(C, 13)))],
    "er": [rolling(C, 11, lambda window: float(abs(window[-1] - window[0]) / np.abs(np.diff(window)).sum()))],
    "vhf": [rolling(C, 29, lambda w: float((w[1:].max() - w[1:].min()) / np.abs(np.diff(w)).sum()))],
    "willr": [-100 * (SLOW - BARS.close) / (SLOW - FAST)],
    "stochf": [(k := 100 * (BARS.close - lowest(L, 5)) / (highest(H, 5) - lowest(L, 5))), mean(k.tolist(), 3)],
    "ultosc": [ultimate(BARS)],
    "bop": [(BARS.close - BARS.open) / (BARS.high - BARS.low)],
    "qstick": [mean((BARS.close - BARS.open).tolist(), 10)],
    "imi": [
        rolling((BARS.close - BARS.open).tolist(), 14, lambda w: 100 * float(w[w > 0].sum() / np.abs(w).sum())),
    ],
    "cmou": [rolling(changes(C).tolist(), 14, lambda w: 100 * float(w.sum() / np.abs(w).sum()))],
    "aroon": [aroon(BARS, up=False), aroon(BARS, up=True)],
    "aroonosc": [plus((1, aroon(BARS, up=True)), (-1, aroon(BARS, up=False)))],
    "vortex": [vortex(BARS, up=True), vortex(BARS, up=False)],
    "ad": [AD],
    "cmf": [np.array(rolling(money_flow(BARS).tolist(), 20, np.sum)) / np.array(rolling(V, 20, np.sum))],
    "efi": [ema((changes(C) * BARS.volume).tolist(), 13)],
    "marketfi": [(BARS.high - BARS.low) / BARS.volume],
    "nvi": [relative_volume_changes(BARS, -1)],
    "pvi": [relative_volume_changes(BARS, 1)],
    "pvt": [np.cumsum(np.r_[0, (BARS.close[1:] / BARS.close[:-1] - 1) * BARS.volume[1:]])],
    "rvol": [BARS.volume / np.array([NAN, *mean(V, 20)[:-1]])],
    "avgprice": [(BARS.open + BARS.high + BARS.low + BARS.close) / 4],
    "medprice": [MIDDLE],
    "typprice": [TYPICAL],
    "wclprice": [(BARS.high + BARS.low + 2 * BARS.close) / 4],
    "linearreg": [rolling(C, 14, lambda w: line_through(w)[1] + 13 * line_through(w)[0])],
    "linearreg_slope": [rolling(C, 14, lambda w: line_through(w)[0])],
    "linearreg_angle": [rolling(C, 14, lambda w: math.degrees(math.atan(line_through(w)[0])))],
    "linearreg_intercept": [rolling(C, 14, lambda w: line_through(w)[1])],
    "tsf": [rolling(C, 14, lambda w: line_through(w)[1] + 14 * line_through(w)[0])],
    "stddev": [rolling(C, 5, np.std)],
    "var": [rolling(C, 5, np.var)],
    "avgdev": [rolling(C, 14, lambda w: float(np.abs(w - w.mean()).mean()))],
    "percentile": [rolling(C, 30, lambda w: float(np.sort(w)[14]))],
    "percentrank": [rolling(C, 101, lambda w: float(100 * (w[:-1] < w[-1]).mean()))],
    "max": [highest(C, 30)],
    "min": [lowest(C, 30)],
    "sum": [rolling(C, 30, np.sum)],
    "cumsum": [np.cumsum(C)],
    "maxindex": [[NAN] * 29 + [float(at - 29 + np.argmax(C[at - 29 : at + 1])) for at in range(29, 160)]],
    "minindex": [[NAN] * 29 + [float(at - 29 + np.argmin(C[at - 29 : at + 1])) for at in range(29, 160)]],
}


@pytest.mark.parametrize("name", DEFINED)
def test_an_indicator_is_its_definition(name: str) -> None:
    warm = warm_up(name, {})
    found = compute(name, BARS, {})
    for (output, values), expected in zip(found.items(), DEFINED[name], strict=True):
        np.testing.assert_allclose(values[warm:], np.asarray(expected)[warm:], rtol=1e-8, atol=1e-9, err_msg=output)


def test_beta_and_correlation_are_those_of_statistics() -> None:
    market = make_bars(160, seed=12).close
    stock = 5 + BARS.close * 0.3 + market
    bars = make_bars(160)
    stock_bars = Bars(**{**{name: getattr(bars, name) for name in bars.__slots__}, "close": stock})
    beta = compute("beta", stock_bars, {"period": 20}, other=market)["beta"]
    moves, others = np.diff(stock)[-20:] / stock[-21:-1], np.diff(market)[-20:] / market[-21:-1]
    assert beta[-1] == pytest.approx(np.polyfit(others, moves, 1)[0])
    correlation = compute("correl", stock_bars, {"period": 20}, other=market)["correl"]
    assert correlation[-1] == pytest.approx(np.corrcoef(stock[-20:], market[-20:])[0, 1])


def test_supertrend_follows_its_stops() -> None:
    found = compute("supertrend", BARS, {"period": 5, "multiplier": 2})
    ranges, stop, direction = wilder(true_range(BARS), 5), NAN, 0
    lower, upper = -math.inf, math.inf
    for at in range(5, len(BARS)):
        low, high = MIDDLE[at] - 2 * ranges[at], MIDDLE[at] + 2 * ranges[at]
        lower = max(low, lower) if C[at - 1] >= lower else low
        upper = min(high, upper) if C[at - 1] <= upper else high
        if direction == 0:
            direction = int(found["direction"][at])
        elif direction == 1 and C[at] < lower:
            direction = -1
        elif direction == -1 and C[at] > upper:
            direction = 1
        stop = lower if direction == 1 else upper
        assert found["supertrend"][at] == pytest.approx(stop, rel=1e-9)
        assert found["direction"][at] == direction


def test_heikin_ashi_of_three_bars_by_hand() -> None:
    # The first opens in the middle of its body, each next one in the middle of the last averaged one.
    bars = to_bars(np.array([10.0, 12]), np.array([14.0, 15]), np.array([8.0, 11]), np.array([12.0, 14]), np.ones(2))
    found = compute("heikin_ashi", bars, {})
    assert found["open"].tolist() == [11, 11]
    assert found["close"].tolist() == [11, 13]
    assert found["high"].tolist() == [14, 15]
    assert found["low"].tolist() == [8, 11]


def test_patterns_are_seen_where_a_person_sees_them() -> None:
    # Twenty ordinary bars, then some drawn by hand.
    def seen(name: str, *rows: tuple[float, float, float, float]) -> float:
        calm = [(10.0, 10.6, 9.4, 10.3 if at % 2 else 9.7) for at in range(20)]
        opened, high, low, close = (np.array(side) for side in zip(*calm, *rows, strict=True))
        return float(compute(name, to_bars(opened, high, low, close, np.ones(len(close))), {})[name][-1])

    assert seen("doji", (10, 10.6, 9.4, 10)) == 100
    assert seen("dragonfly_doji", (10, 10, 8, 10)) == 100
    assert seen("gravestone_doji", (10, 12, 10, 10)) == 100
    assert seen("marubozu", (9, 12, 9, 12)) == 100
    assert seen("marubozu", (12, 12, 9, 9)) == -100
    assert seen("engulfing", (10, 10.1, 9.8, 9.9), (9.8, 10.5, 9.7, 10.4)) == 100
    assert seen("engulfing", (9.9, 10.1, 9.8, 10), (10.2, 10.3, 9.5, 9.6)) == -100
    assert seen("hammer", (9.6, 9.7, 9.3, 9.4), (9.35, 9.42, 8.5, 9.4)) == 100
    assert seen("harami", (12, 12.1, 9, 9.1), (10, 10.3, 9.9, 10.2)) == 100
    assert seen("three_white_soldiers", (9, 10.51, 9, 10.5), (10, 11.51, 10, 11.5), (11, 12.51, 11, 12.5)) == 100
    assert seen("morning_star", (12, 12.1, 9, 9.1), (8.8, 8.9, 8.6, 8.7), (9, 11.6, 9, 11.5)) == 100
    assert seen("doji", (9, 12, 9, 12)) == 0
