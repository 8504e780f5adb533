"""Windows, averages and ranges written plainly, as definitions have them: slow, and nobody's code but ours."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from outcry.kit.market import Bars, Floats

Numbers = Sequence[float]
NAN = math.nan


def rolling(values: Numbers, period: int, reduce: Callable[[Floats], float]) -> list[float]:
    """Reduce each window that is whole; a window with an undefined value is undefined."""
    column = np.asarray(values, dtype=np.float64)
    return [NAN] * (period - 1) + [float(reduce(column[at - period : at])) for at in range(period, len(column) + 1)]


def mean(values: Numbers, period: int) -> list[float]:
    return rolling(values, period, np.mean)


def smooth(values: Numbers, period: int, constant: float) -> list[float]:
    """An exponential average seeded with the mean of the first period of defined values."""
    skipped = next(at for at, value in enumerate(values) if not math.isnan(value))
    result = [NAN] * (skipped + period - 1) + [float(np.mean(values[skipped : skipped + period]))]
    for value in values[skipped + period :]:
        result.append(result[-1] + constant * (value - result[-1]))
    return result


def ema(values: Numbers, period: int) -> list[float]:
    return smooth(values, period, 2 / (period + 1))


def wilder(values: Numbers, period: int) -> list[float]:
    return smooth(values, period, 1 / period)


def wma(values: Numbers, period: int) -> list[float]:
    weights = np.arange(1, period + 1)
    return rolling(values, period, lambda window: float((window * weights).sum() / weights.sum()))


def true_range(bars: Bars) -> list[float]:
    rows = zip(bars.high[1:], bars.low[1:], bars.close, strict=False)
    return [NAN, *(float(max(high, before) - min(low, before)) for high, low, before in rows)]


def plus(*terms: tuple[float, Numbers]) -> Floats:
    """Return the sum of multiples."""
    return np.asarray(sum(factor * np.asarray(values) for factor, values in terms))


def highest(values: Numbers, period: int) -> Floats:
    return np.array(rolling(values, period, np.max))


def lowest(values: Numbers, period: int) -> Floats:
    return np.array(rolling(values, period, np.min))


def line_through(window: Floats) -> tuple[float, float]:
    slope, start = np.polyfit(np.arange(len(window)), window, 1)
    return float(slope), float(start)


def changes(values: Numbers) -> Floats:
    return np.concatenate([[NAN], np.diff(np.asarray(values))])
