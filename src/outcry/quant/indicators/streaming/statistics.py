"""Streams of statistics over a window."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Mapping
from math import ceil, nan

from outcry.quant.indicators.streaming import spreads
from outcry.quant.indicators.streaming.averages import total
from outcry.quant.indicators.streaming.extremes import highest, lowest, since_highest, since_lowest
from outcry.quant.indicators.streaming.joint import Beta, Correlation
from outcry.quant.indicators.streaming.saving import Step, Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs


def mean_deviation(period: int) -> Step:
    """Return the mean distance of the window's values from their mean."""
    ring = deque([0.0] * period, period)
    append = ring.append
    left = period - 1

    def step(value: float) -> float:
        nonlocal left
        append(value)
        if left:
            left -= 1
            return nan
        mean = spread = 0.0
        for item in reversed(ring):
            mean += item
        mean /= period
        for item in reversed(ring):
            spread += abs(item - mean)
        return spread / period

    return step


def percentile(period: int, percent: float) -> Step:
    """Return the least value of the window that at least so many percent of it do not exceed: the nearest rank."""
    ring = deque([0.0] * period, period)
    ordered: list[float] = []
    place = max(1, ceil(percent / 100.0 * period)) - 1

    def step(value: float) -> float:
        if len(ordered) == period:
            del ordered[bisect_left(ordered, ring[0])]
        ring.append(value)
        insort(ordered, value)
        return ordered[place] if len(ordered) == period else nan

    return step


def percent_rank(period: int) -> Step:
    """Return how many percent of the ``period`` values before were below the newest."""
    ring = deque([0.0] * period, period)
    left = period

    def step(value: float) -> float:
        nonlocal left
        if left:
            ring.append(value)
            left -= 1
            return nan
        below = 0
        for item in ring:
            if item < value:
                below += 1
        ring.append(value)
        return 100.0 * (below / period)

    return step


def place_of(ago: Callable[[float], int], period: int) -> Step:
    """Return the number of the bar, from 0, that ``ago`` finds."""
    seen = 0

    def step(value: float) -> float:
        nonlocal seen
        back = ago(value)
        seen += 1
        return float(seen - 1 - back) if seen >= period else nan

    return step


def pair(first: Step, second: Step) -> Callable[[float], Outputs]:
    """Return both steps' results."""
    return lambda value: (first(value), second(value))


def cumulative() -> Step:
    """Return the sum of all values."""
    summed = 0.0

    def step(value: float) -> float:
        nonlocal summed
        summed += value
        return summed

    return step


def _period(make: Callable[[int], Step]) -> Open:
    return lambda settings: Steps(make(int(settings["period"])))


def _pair(first: Callable[[int], Step], second: Callable[[int], Step]) -> Open:
    return lambda settings: Steps(pair(first(int(settings["period"])), second(int(settings["period"]))))


def _lowest_place(period: int) -> Step:
    return place_of(since_lowest(period, newest=False), period)


def _highest_place(period: int) -> Step:
    return place_of(since_highest(period, newest=False), period)


STREAMS: Mapping[str, Open] = {
    "linearreg": _period(lambda period: spreads.forecast(period, 0)),
    "linearreg_slope": _period(spreads.slope),
    "linearreg_angle": _period(spreads.angle),
    "linearreg_intercept": _period(spreads.intercept),
    "tsf": _period(lambda period: spreads.forecast(period, 1)),
    "stddev": lambda settings: Steps(spreads.deviation(int(settings["period"]), settings["deviations"])),
    "var": _period(spreads.variance),
    "avgdev": _period(mean_deviation),
    "percentile": lambda settings: Steps(percentile(int(settings["period"]), settings["percentile"])),
    "percentrank": _period(percent_rank),
    "max": _period(highest),
    "min": _period(lowest),
    "minmax": _pair(lowest, highest),
    "maxindex": _period(_highest_place),
    "minindex": _period(_lowest_place),
    "minmaxindex": _pair(_lowest_place, _highest_place),
    "sum": _period(total),
    "cumsum": lambda _: Steps(cumulative()),
    "correl": lambda settings: Correlation(int(settings["period"])),
    "beta": lambda settings: Beta(int(settings["period"])),
}
