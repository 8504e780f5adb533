"""Wilder's parabolic stop and reverse."""

from collections.abc import Callable
from math import nan

# The first acceleration, what each new extreme adds to it, and the most it may be.
Acceleration = tuple[float, float, float]


def parabolic(
    long: Acceleration, short: Acceleration, start: float = 0.0, offset: float = 0.0, *, signed: bool = False
) -> Callable[[float, float], float]:
    """Return the parabolic stop (Wilder 1978).

    Args:
        long: how it accelerates while the trend is up.
        short: the same while it is down.
        start: the first stop, above 0 of a rising trend, below 0 of a falling one; 0 lets the first two bars tell.
        offset: how much of the price the stop moves away when the trend turns.
        signed: give the stop of a falling trend as a negative number.
    """
    initials, steps, mosts = zip(
        *((min(first, most), min(step, most), most) for first, step, most in (short, long)), strict=True
    )
    bars = 0
    up = 1
    stop = extreme = factor = last_high = last_low = 0.0

    def begin(high: float, low: float) -> None:
        nonlocal up, stop, extreme, factor
        rise, fall = high - last_high, last_low - low
        up = 0 if fall > rise and fall > 0.0 else 1
        if start:
            up = 1 if start > 0.0 else 0
        if up:
            extreme, stop = high, last_low
        else:
            extreme, stop = low, last_high
        if start:
            stop = abs(start)
        factor = initials[up]

    def turn(high: float, low: float) -> float:
        nonlocal up, stop, extreme, factor
        was = up
        up = 1 - up
        stop = extreme
        stop = max(stop, last_high, high) if was else min(stop, last_low, low)
        if offset:
            stop += stop * offset if was else -stop * offset
        found = stop
        factor = initials[up]
        extreme = low if was else high
        stop += factor * (extreme - stop)
        stop = max(stop, last_high, high) if was else min(stop, last_low, low)
        return found

    def go_on(high: float, low: float) -> float:
        nonlocal stop, extreme, factor
        found = stop
        if (high > extreme) if up else (low < extreme):
            extreme = high if up else low
            factor = min(factor + steps[up], mosts[up])
        stop += factor * (extreme - stop)
        stop = min(stop, last_low, low) if up else max(stop, last_high, high)
        return found

    def step(high: float, low: float) -> float:
        nonlocal bars, last_high, last_low
        if bars < 2:
            bars += 1
            if bars == 1:
                last_high, last_low = high, low
                return nan
            begin(high, low)
            last_high, last_low = high, low
        turning = low <= stop if up else high >= stop
        found = turn(high, low) if turning else go_on(high, low)
        last_high, last_low = high, low
        return -found if signed and not up else found

    return step
