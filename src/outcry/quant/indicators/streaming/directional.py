"""Streams of trends: Wilder's directional system, and where the extremes of a window lie."""

from collections.abc import Callable, Mapping
from math import nan

from outcry.quant.indicators.streaming.averages import total
from outcry.quant.indicators.streaming.extremes import since_highest, since_lowest
from outcry.quant.indicators.streaming.momentum import ago
from outcry.quant.indicators.streaming.saving import Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs
from outcry.quant.indicators.streaming.volatility import true_range

OfRange = Callable[[float, float], float]
OfBar = Callable[[float, float, float], float]


def moves(period: int, sign: int, after: int) -> OfRange:
    """Return Wilder's sum of upward (``sign`` 1) or downward (-1) moves, NaN for the first ``after`` bars.

    The first ``period - 1`` moves are added up; each later one takes a ``period``-th of the sum away first.
    """
    seen = 0
    summed = last_high = last_low = 0.0

    def step(high: float, low: float) -> float:
        nonlocal seen, summed, last_high, last_low
        rise, fall = high - last_high, last_low - low
        last_high, last_low = high, low
        seen += 1 if seen <= period + 1 else 0
        if seen == 1:
            return nan
        move = (rise if rise > fall else 0.0) if sign > 0 else (fall if fall > rise else 0.0)
        if seen > period:
            summed -= summed / period
        if move > 0.0:
            summed += move
        return summed if seen > after else nan

    return step


def ranges(period: int) -> OfBar:
    """Return Wilder's sum of true ranges, begun as that of the moves."""
    reach = true_range()
    seen = 0
    summed = 0.0

    def step(high: float, low: float, close: float) -> float:
        nonlocal seen, summed
        span = reach(high, low, close)
        seen += 1 if seen <= period + 1 else 0
        if seen == 1:
            return nan
        if seen > period:
            summed -= summed / period
        summed += span
        return summed if seen > period else nan

    return step


def indicator(period: int, sign: int) -> OfBar:
    """Return the directional indicator, up (``sign`` 1) or down (-1): the moves in percent of the true ranges."""
    moved, ranged = moves(period, sign, period), ranges(period)

    def step(high: float, low: float, close: float) -> float:
        move, span = moved(high, low), ranged(high, low, close)
        return 100.0 * (move / span) if span else 0.0

    return step


def directional(period: int) -> OfBar:
    """Return Wilder's DX: how far the two indicators lie apart, in percent of both; undecided bars keep the last."""
    rising, falling, ranged = moves(period, 1, period), moves(period, -1, period), ranges(period)
    last = 0.0

    def step(high: float, low: float, close: float) -> float:
        nonlocal last
        up, down, span = rising(high, low), falling(high, low), ranged(high, low, close)
        if span != span:
            return nan
        if span:
            plus, minus = 100.0 * (up / span), 100.0 * (down / span)
            both = plus + minus
            if both:
                last = 100.0 * (abs(minus - plus) / both)
        return last

    return step


def adx(period: int) -> OfBar:
    """Return Wilder's ADX: the DX, averaged over the first period and smoothed after it (Wilder 1978)."""
    index = directional(period)
    left = period
    mean = 0.0

    def step(high: float, low: float, close: float) -> float:
        nonlocal left, mean
        found = index(high, low, close)
        if found != found:
            return nan
        if not left:
            mean = (mean * (period - 1) + found) / period
            return mean
        left -= 1
        mean += found
        if left:
            return nan
        mean /= period
        return mean

    return step


def adxr(period: int) -> OfBar:
    """Return the mean of the ADX and the one of ``period - 1`` bars before (Wilder 1978)."""
    index = adx(period)
    mean = ago(period - 1, lambda value, before: (value + before) / 2.0)

    def step(high: float, low: float, close: float) -> float:
        found = index(high, low, close)
        return mean(found) if found == found else nan

    return step


def aroon(period: int) -> Callable[[float, float], Outputs]:
    """Return how fresh the lowest low and the highest high are: 100 on their bar, 0 a period later (Chande 1995)."""
    low_ago, high_ago = since_lowest(period + 1, newest=True), since_highest(period + 1, newest=True)
    share = 100.0 / period
    left = period

    def step(high: float, low: float) -> Outputs:
        nonlocal left
        down, up = low_ago(low), high_ago(high)
        if left:
            left -= 1
            return nan, nan
        return share * (period - down), share * (period - up)

    return step


def aroon_oscillator(period: int) -> OfRange:
    """Return Aroon's upper line less its lower one (Chande 1995)."""
    low_ago, high_ago = since_lowest(period + 1, newest=True), since_highest(period + 1, newest=True)
    share = 100.0 / period
    left = period

    def step(high: float, low: float) -> float:
        nonlocal left
        down, up = low_ago(low), high_ago(high)
        if left:
            left -= 1
            return nan
        return share * (down - up)

    return step


def vortex(period: int) -> Callable[[float, float, float], Outputs]:
    """Return the two lines of the vortex: moves against the bar before over the true ranges (Botes, Siepman 2010)."""
    rising, falling, ranged, reach = total(period), total(period), total(period), true_range()
    last_high = last_low = 0.0
    still = 0

    def step(high: float, low: float, close: float) -> Outputs:
        nonlocal last_high, last_low, still
        up, down = abs(high - last_low), abs(low - last_high)
        last_high, last_low = high, low
        span = reach(high, low, close)
        if span != span:
            return nan, nan
        still = 0 if span else still + 1
        plus, minus, whole = rising(up), falling(down), ranged(span)
        # Without a range in the window the totals are what rounding left of them.
        return (plus / whole, minus / whole) if still < period else (0.0, 0.0)

    return step


def accumulation() -> OfBar:
    """Return Williams' accumulation: the way of the close from the true low on rises, from the true high on falls."""
    before = nan
    summed = 0.0

    def step(high: float, low: float, close: float) -> float:
        nonlocal before, summed
        if close > before:
            summed += close - min(low, before)
        elif close < before:
            summed += close - max(high, before)
        before = close
        return summed

    return step


STREAMS: Mapping[str, Open] = {
    "plus_dm": lambda settings: Steps(moves(int(settings["period"]), 1, int(settings["period"]) - 1)),
    "minus_dm": lambda settings: Steps(moves(int(settings["period"]), -1, int(settings["period"]) - 1)),
    "plus_di": lambda settings: Steps(indicator(int(settings["period"]), 1)),
    "minus_di": lambda settings: Steps(indicator(int(settings["period"]), -1)),
    "dx": lambda settings: Steps(directional(int(settings["period"]))),
    "adx": lambda settings: Steps(adx(int(settings["period"]))),
    "adxr": lambda settings: Steps(adxr(int(settings["period"]))),
    "aroon": lambda settings: Steps(aroon(int(settings["period"]))),
    "aroonosc": lambda settings: Steps(aroon_oscillator(int(settings["period"]))),
    "vortex": lambda settings: Steps(vortex(int(settings["period"]))),
    "wad": lambda _: Steps(accumulation()),
}
