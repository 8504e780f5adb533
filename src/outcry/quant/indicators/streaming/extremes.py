"""Highest and lowest of a window as steps."""

from collections import deque
from collections.abc import Callable
from math import inf, nan

from outcry.quant.indicators.streaming.saving import Step


def highest(period: int) -> Step:
    """Return the highest of the last ``period`` values; the window is searched only when its highest has left it."""
    ring = deque([-inf] * period, period)
    append = ring.append
    top = -inf
    left = period - 1

    def step(value: float) -> float:
        nonlocal top, left
        gone = ring[0]
        append(value)
        if value >= top:
            top = value
        elif gone == top:
            top = max(ring)
        if left:
            left -= 1
            return nan
        return top

    return step


def lowest(period: int) -> Step:
    """Return the lowest of the last ``period`` values."""
    ring = deque([inf] * period, period)
    append = ring.append
    bottom = inf
    left = period - 1

    def step(value: float) -> float:
        nonlocal bottom, left
        gone = ring[0]
        append(value)
        if value <= bottom:
            bottom = value
        elif gone == bottom:
            bottom = min(ring)
        if left:
            left -= 1
            return nan
        return bottom

    return step


def since_highest(period: int, *, newest: bool) -> Callable[[float], int]:
    """Return a step that tells how many bars ago the highest of the window was.

    Of equal ones the newest is meant; without ``newest`` a search of the window, which the first full one and the loss
    of the highest call for, takes the oldest, as TA-Lib's functions of places do.
    """
    ring = deque([-inf] * period, period)
    append = ring.append
    top = -inf
    ago = 0
    strict = 0 if newest else period

    def step(value: float) -> int:
        nonlocal top, ago, strict
        append(value)
        ago += 1
        if ago == period:
            top = max(ring)
            ago = 0 if newest else period - 1
            toward = 1 if newest else -1
            while ring[-1 - ago] != top:
                ago += toward
        elif value > top or (value == top and not strict):
            top = value
            ago = 0
        if strict:
            strict -= 1
        return ago

    return step


def since_lowest(period: int, *, newest: bool) -> Callable[[float], int]:
    """Return a step that tells how many bars ago the lowest of the window was, of equal ones the newest or oldest."""
    highest_of = since_highest(period, newest=newest)
    return lambda value: highest_of(-value)
