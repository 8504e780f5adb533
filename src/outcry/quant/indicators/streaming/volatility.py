"""Streams of how far prices move."""

from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.averages import ema, rma, sma, then, total
from outcry.quant.indicators.streaming.momentum import ago
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.spreads import deviation
from outcry.quant.indicators.streaming.stream import Open

OfRange = Callable[[float, float], float]
OfBar = Callable[[float, float, float], float]


def true_range() -> OfBar:
    """Return the range of the bar, widened to the close before it; NaN on the first (Wilder 1978)."""
    before = nan

    def step(high: float, low: float, close: float) -> float:
        nonlocal before
        last, before = before, close
        if last != last:
            return nan
        return max(high - low, abs(last - high), abs(last - low))

    return step


def atr(period: int) -> OfBar:
    """Return the true range, averaged over the first period and then smoothed by 1 / period (Wilder 1978)."""
    reach, mean = true_range(), rma(period)
    return lambda high, low, close: then(mean, reach(high, low, close))


def natr(period: int) -> OfBar:
    """Return the average true range in percent of the close (Forman 2006)."""
    reach = atr(period)

    def step(high: float, low: float, close: float) -> float:
        found = reach(high, low, close)
        return found / close * 100.0 if close else 0.0

    return step


def mean_range(period: int) -> OfRange:
    """Return the average range of a bar."""
    mean = sma(period)
    return lambda high, low: mean(high - low)


def chaikin(period: int, bars: int) -> OfRange:
    """Return the change, in percent, of the exponential average of the range over some bars (Chaikin)."""
    mean = ema(period)
    rate = ago(bars, lambda value, before: (value - before) / before * 100.0 if before else 0.0)
    return lambda high, low: then(rate, mean(high - low))


def mass(period: int, bars: int) -> OfRange:
    """Return the sum of the averaged range over its average (Dorsey 1992)."""
    once, twice, summed = ema(period), ema(period), total(bars)

    def step(high: float, low: float) -> float:
        first = once(high - low)
        second = then(twice, first)
        if second != second:
            return nan
        return summed(first / second if second else 1.0)

    return step


def relative_volatility(period: int, bars: int) -> Step:
    """Return the share, in percent, of the deviation that falls on rising bars (Dorsey 1993)."""
    spread, up, down = deviation(bars), rma(period), rma(period)
    before = nan

    def step(value: float) -> float:
        nonlocal before
        last, before = before, value
        width = spread(value)
        if width != width:
            return nan
        rising = up(width if value > last else 0.0)
        both = rising + down(width if value < last else 0.0)
        return (100.0 * (rising / both) if both else 50.0) if both == both else nan

    return step


STREAMS: Mapping[str, Open] = {
    "trange": lambda _: Steps(true_range()),
    "atr": lambda settings: Steps(atr(int(settings["period"]))),
    "natr": lambda settings: Steps(natr(int(settings["period"]))),
    "adr": lambda settings: Steps(mean_range(int(settings["period"]))),
    "cvi": lambda settings: Steps(chaikin(int(settings["period"]), int(settings["roc_period"]))),
    "massi": lambda settings: Steps(mass(int(settings["period"]), int(settings["sum_period"]))),
    "rvi": lambda settings: Steps(relative_volatility(int(settings["period"]), int(settings["deviation_period"]))),
}
