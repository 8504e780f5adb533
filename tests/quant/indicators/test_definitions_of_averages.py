"""Indicators made of averages of averages, and Wilder's directions, against their published formulas."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from outcry.kit.market import Floats
from outcry.quant.indicators.computing import compute, warm_up
from tests.quant.indicators.made_bars import make_bars
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
    smooth,
    true_range,
    wilder,
    wma,
)

BARS = make_bars(200, seed=21)
H, L, C, V = (column.tolist() for column in (BARS.high, BARS.low, BARS.close, BARS.volume))


def roc(values: Numbers, period: int) -> list[float]:
    return [NAN] * period + [100 * (new / old - 1) for new, old in zip(values[period:], values, strict=False)]


def over(first: Numbers, second: Numbers) -> Floats:
    return np.asarray(np.asarray(first) / np.asarray(second))


def tillson(values: Numbers, period: int, factor: float) -> Floats:
    lines = [list(values)]
    for _ in range(6):
        lines.append(ema(lines[-1], period))
    weights = (-(factor**3), 3 * factor**2 + 3 * factor**3, -6 * factor**2 - 3 * factor - 3 * factor**3)
    last = 1 + 3 * factor + factor**3 + 3 * factor**2
    return plus((weights[0], lines[6]), (weights[1], lines[5]), (weights[2], lines[4]), (last, lines[3]))


def stochastic(high: Numbers, low: Numbers, close: Numbers, period: int) -> Floats:
    top, bottom = highest(high, period), lowest(low, period)
    return np.asarray(100 * (np.asarray(close) - bottom) / (top - bottom))


def strength(values: Numbers, period: int) -> Floats:
    up, down = (wilder(np.maximum(sign * changes(values), 0).tolist(), period) for sign in (1, -1))
    return np.asarray(100 * np.asarray(up) / (np.asarray(up) + np.asarray(down)))


def money() -> list[float]:
    share = ((BARS.close - BARS.low) - (BARS.high - BARS.close)) / (BARS.high - BARS.low)
    flow: list[float] = np.cumsum(share * BARS.volume).tolist()
    return flow


def from_the_first(values: Numbers, period: int) -> list[float]:
    """An exponential average that begins with the first value itself."""
    result = [values[0]]
    for value in values[1:]:
        result.append(result[-1] + 2 / (period + 1) * (value - result[-1]))
    return result


def moves(sign: int) -> list[float]:
    """Wilder's directional movement."""
    ups, downs = changes(H), -changes(L)
    first, second = (ups, downs) if sign > 0 else (downs, ups)
    return [NAN, *np.where((first > second) & (first > 0), first, 0.0)[1:].tolist()]


def wilder_sum(values: Numbers, period: int) -> list[float]:
    """A running sum that loses a part of itself a bar; as TA-Lib has it, the first holds period - 1 values."""
    result = [NAN] * (period - 1) + [sum(values[1:period])]
    for value in values[period:]:
        result.append(result[-1] - result[-1] / period + value)
    return result


def directional(sign: int) -> Floats:
    return 100 * over(wilder_sum(moves(sign), 14), wilder_sum(true_range(BARS), 14))


def dx() -> list[float]:
    plus_di, minus_di = directional(1), directional(-1)
    index: list[float] = (100 * np.abs(plus_di - minus_di) / (plus_di + minus_di))[14:].tolist()
    return [NAN] * 14 + index


def adx() -> list[float]:
    return wilder(dx(), 14)


def williams() -> list[float]:
    result = [0.0]
    for at in range(1, len(C)):
        low, high = min(L[at], C[at - 1]), max(H[at], C[at - 1])
        step = C[at] - low if C[at] > C[at - 1] else C[at] - high if C[at] < C[at - 1] else 0.0
        result.append(result[-1] + step)
    return result


def foretold(window: Floats) -> float:
    """The value of a line through the bars before the last, at the last."""
    slope, start = line_through(window[:-1])
    return start + slope * (len(window) - 1)


def relative_volatility(values: Numbers) -> Floats:
    """Deviations on bars that rise, smoothed, over all of them."""
    spread, steps = np.array(rolling(values, 10, np.std)), changes(values)
    up = wilder(np.where(np.isnan(spread), NAN, np.where(steps > 0, spread, 0.0)).tolist(), 14)
    down = wilder(np.where(np.isnan(spread), NAN, np.where(steps < 0, spread, 0.0)).tolist(), 14)
    return np.asarray(100 * np.asarray(up) / (np.asarray(up) + np.asarray(down)))


def stochastic_momentum() -> list[Floats]:
    top, bottom = highest(H, 13), lowest(L, 13)
    distance, reach = (np.asarray(C) - (top + bottom) / 2).tolist(), (top - bottom).tolist()
    index = 100 * over(ema(ema(distance, 25), 2), (np.asarray(ema(ema(reach, 25), 2)) / 2).tolist())
    return [index, np.asarray(ema(index.tolist(), 9))]


SPREAD = (BARS.high - BARS.low).tolist()
K = wilder(stochastic(H, L, C, 9).tolist(), 3)
D = wilder(K, 3)
RSI = strength(C, 14)

DEFINED: dict[str, Sequence[Numbers | Floats]] = {
    "t3": [tillson(C, 5, 0.7)],
    "ppo": [100 * (over(ema(C, 12), ema(C, 26)) - 1)],
    "pvo": [100 * (over(ema(V, 12), ema(V, 26)) - 1)],
    "coppock": [wma(plus((1, roc(C, 11)), (1, roc(C, 14))).tolist(), 10)],
    "dpo": [[NAN] * 11 + plus((1, C[:-11]), (-1, mean(C, 20)[11:])).tolist()],
    "trix": [roc(ema(ema(ema(C, 30), 30), 30), 1)],
    "cmo": [2 * RSI - 100],
    "stochrsi": [(k := stochastic(RSI.tolist(), RSI.tolist(), RSI.tolist(), 5)), mean(k.tolist(), 3)],
    "kdj": [K, D, plus((3, K), (-2, D))],
    "smi": stochastic_momentum(),
    "fosc": [100 * (np.asarray(C) - np.array(rolling(C, 6, foretold))) / np.asarray(C)],
    "adosc": [plus((1, from_the_first(money(), 3)), (-1, from_the_first(money(), 10)))],
    "cvi": [roc(ema(SPREAD, 10), 10)],
    "rvi": [relative_volatility(C)],
    "plus_dm": [wilder_sum(moves(1), 14)],
    "minus_dm": [wilder_sum(moves(-1), 14)],
    "plus_di": [directional(1)],
    "minus_di": [directional(-1)],
    "dx": [dx()],
    "adxr": [(np.array(adx()) + np.array([NAN] * 13 + adx()[:-13])) / 2],
    "wad": [williams()],
    "macdext": [
        (line := plus((1, mean(C, 12)), (-1, mean(C, 26)))),
        (signal := mean(line.tolist(), 9)),
        line - np.array(signal),
    ],
    "macdfix": [
        # The fast average begins where the slow one does, with the mean of the twelve closes before.
        (line := plus((1, [NAN] * 14 + smooth(C[14:], 12, 0.15)), (-1, smooth(C, 26, 0.075)))),
        (signal := ema(line.tolist(), 9)),
        line - np.array(signal),
    ],
}


@pytest.mark.parametrize("name", DEFINED)
def test_an_indicator_is_its_definition(name: str) -> None:
    warm = warm_up(name, {})
    found = compute(name, BARS, {})
    for (output, values), expected in zip(found.items(), DEFINED[name], strict=True):
        np.testing.assert_allclose(values[warm:], np.asarray(expected)[warm:], rtol=1e-8, atol=1e-8, err_msg=output)


def test_the_parabolic_stop_follows_wilders_rules() -> None:
    found = compute("sar", BARS, {})["sar"]
    rising = True
    # The first direction is that of the first bars' movement.
    if L[0] - L[1] > max(H[1] - H[0], 0):
        rising = False
    stop, extreme, factor = (L[0], H[1], 0.02) if rising else (H[0], L[1], 0.02)
    for at in range(1, len(C)):
        before = (L if rising else H)[max(at - 2, 0) : at]
        stop = min(stop, *before) if rising else max(stop, *before)
        if (rising and L[at] <= stop) or (not rising and H[at] >= stop):
            rising, stop, factor = not rising, extreme, 0.02
            # The new stop is not inside the last two bars.
            stop = max(stop, H[at - 1], H[at]) if not rising else min(stop, L[at - 1], L[at])
            extreme = L[at] if not rising else H[at]
            assert found[at] == pytest.approx(stop)
        else:
            assert found[at] == pytest.approx(stop)
            further = H[at] > extreme if rising else L[at] < extreme
            if further:
                extreme, factor = (H[at] if rising else L[at]), min(factor + 0.02, 0.2)
        stop += factor * (extreme - stop)
    assert math.isnan(found[0])
