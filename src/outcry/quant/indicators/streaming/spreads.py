"""How far values lie from their mean, and the line through them, as steps with running totals.

Roundings pile up in running totals, so they are begun anew from the window now and then; when, is TA-Lib's choice, and
is kept here so that the results are the same to the last bit.
"""

from collections import deque
from collections.abc import Callable
from math import atan, degrees, nan, sqrt

from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Step

# How many windows pass between two fresh starts.
WINDOWS = 32
# Below this share of what it is made from, a difference has lost too many digits.
LOST = 1e-6


def variance(period: int) -> Step:
    """Return the population variance of the last ``period`` values, from totals around a value near their mean."""
    share = 1.0 / period
    ring = deque([0.0] * period, period)
    append = ring.append
    center = plain = squares = 0.0
    seen = 0

    def begin() -> None:
        nonlocal center, plain, squares, seen
        seen = period - 1
        center = plain = squares = 0.0
        for item in ring:
            center += item
        center *= share
        for item in ring:
            away = item - center
            plain += away
            squares += away * away

    def step(value: float) -> float:
        nonlocal center, plain, squares, seen
        append(value)
        if not seen:
            center = value
        seen += 1
        away = value - center
        plain += away
        squares += away * away
        if seen < period:
            return nan
        mean = plain * share
        found = squares * share - mean * mean
        away = ring[0] - center
        dropped = away * away
        left = squares - dropped
        if seen == fresh or found * period < LOST * left or left < LOST * dropped:
            begin()
            mean = plain * share
            found = squares * share - mean * mean
            away = ring[0] - center
            left = squares - away * away
        plain -= away
        squares = left
        return found if found > 0.0 else 0.0

    fresh = period - 1 + WINDOWS * period
    return step


def deviation(period: int, times: float = 1.0) -> Step:
    """Return ``times`` the population standard deviation."""
    spread = variance(period)

    def step(value: float) -> float:
        found = spread(value)
        return sqrt(found) * times if found == found else nan

    return step


def line(period: int) -> Callable[[float], tuple[float, float]]:
    """Return a step that gives the slope of the least-squares line, and its value at the oldest of the window."""
    places = period * (period - 1) * 0.5
    divisor = places * places - period * (period * (period - 1) * (2 * period - 1) / 6.0)
    ring = deque([0.0] * period, period)
    append = ring.append
    plain = weighted = 0.0
    left = period

    def begin() -> None:
        nonlocal plain, weighted, left
        left = -WINDOWS * period
        plain = weighted = 0.0
        for place, item in enumerate(ring, 1 - period):
            plain += item
            weighted -= place * item

    def step(value: float) -> tuple[float, float]:
        nonlocal plain, weighted, left
        if left > 0:
            append(value)
            left -= 1
            if left:
                return nan, nan
            begin()
        else:
            left += 1
            oldest = ring[0]
            append(value)
            if left:
                weighted = weighted + plain - period * oldest
                plain = plain - oldest + value
            else:
                begin()
        slope = (period * weighted - places * plain) / divisor
        return slope, (plain - slope * places) / period

    return step


def forecast(period: int, ahead: int) -> Step:
    """Return the least-squares line's value ``ahead`` bars after the newest."""
    fit = line(period)
    place = float(period - 1 + ahead)

    def step(value: float) -> float:
        slope, start = fit(value)
        return multiply_add(slope, place, start)

    return step


def slope(period: int) -> Step:
    """Return the slope of the least-squares line, a bar."""
    fit = line(period)
    return lambda value: fit(value)[0]


def angle(period: int) -> Step:
    """Return the angle of the least-squares line, in degrees."""
    fit = line(period)
    return lambda value: degrees(atan(fit(value)[0]))


def intercept(period: int) -> Step:
    """Return the least-squares line's value at the oldest of the window."""
    fit = line(period)
    return lambda value: fit(value)[1]
