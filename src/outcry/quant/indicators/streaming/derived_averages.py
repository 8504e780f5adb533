"""Moving averages made of simple, exponential and weighted ones, as steps, or with weights of their own."""

from collections import deque
from math import isqrt, nan

from outcry.quant.indicators.streaming.averages import ema, identity, late, mixed, then, wma
from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Step


def dema(period: int) -> Step:
    """Return the double exponential average 2 E - E(E) (Mulloy 1994)."""
    first, second = ema(period), ema(period)

    def step(value: float) -> float:
        once = first(value)
        if once != once:
            return nan
        return 2.0 * once - second(once)

    return step


def tema(period: int) -> Step:
    """Return the triple exponential average 3 E - 3 E(E) + E(E(E)) (Mulloy 1994)."""
    first, second, third = ema(period), ema(period), ema(period)

    def step(value: float) -> float:
        once = first(value)
        if once != once:
            return nan
        twice = second(once)
        if twice != twice:
            return nan
        return third(twice) + (3.0 * once - 3.0 * twice)

    return step


def trima(period: int) -> Step:
    """Return the triangular average: the middle of the window weighs most."""
    if period == 1:
        return identity()
    half = period // 2
    odd = period % 2
    share = 1.0 / ((half + 1) * (half + 1) if odd else half * (half + 1))
    left = period
    older = newer = weighted = 0.0
    ring = deque([0.0] * period, period)
    append = ring.append

    def begin() -> None:
        nonlocal older, newer, weighted
        middle = half if odd else half - 1
        for place in range(middle, -1, -1):
            older += ring[place]
            weighted += older
        for place in range(middle + 1, period):
            newer += ring[place]
            weighted += newer

    def step(value: float) -> float:
        nonlocal left, older, newer, weighted
        if left:
            append(value)
            left -= 1
            if left:
                return nan
            begin()
            return weighted * share
        weighted -= older
        older -= ring[0]
        append(value)
        middle = ring[half if odd else half - 1]
        older += middle
        if odd:
            weighted += newer
            newer -= middle
        else:
            newer -= middle
            weighted += newer
        newer += value
        weighted += value
        return weighted * share

    return step


def kama(period: int) -> Step:
    """Return Kaufman's adaptive average: fast where the way is straight, slow where it is not (Kaufman 1995)."""
    if period == 1:
        return identity()
    slowest = 2.0 / 31.0
    span = 2.0 / 3.0 - slowest
    gone = last = before = 0.0
    still = 0
    left = period + 1
    ring = deque([0.0] * (period + 1), period + 1)
    append = ring.append

    def step(value: float) -> float:
        nonlocal gone, last, before, left, still
        way = abs(value - before)
        still = 0 if way else still + 1
        if left:
            if left <= period:
                gone += way
            append(value)
            left -= 1
            if left:
                before = value
                return nan
            last = before
        else:
            gone -= abs(ring[1] - ring[0])
            append(value)
            gone += way
        if still >= period:
            # Nothing moved in the window: what is left of the total is rounding.
            gone = 0.0
        before = value
        made = abs(value - ring[0])
        ratio = 1.0 if gone <= made else made / gone
        weight = multiply_add(ratio, span, slowest)
        last = multiply_add(value - last, weight * weight, last)
        return last

    return step


def t3(period: int, volume_factor: float = 0.7) -> Step:
    """Return Tillson's T3: six exponential averages in a row, the last four mixed (Tillson 1998)."""
    if period == 1:
        return identity()
    square = volume_factor * volume_factor
    sixth = -(square * volume_factor)
    fifth = 3.0 * (square - sixth)
    fourth = -6.0 * square - 3.0 * (volume_factor - sixth)
    third = multiply_add(3.0, square, 1.0 + 3.0 * volume_factor - sixth)
    weight = 2.0 / (period + 1)
    e1, e2, e3, e4, e5, e6 = (mixed(period, 1.0 - weight, weight) for _ in range(6))

    def step(value: float) -> float:
        three = then(e3, then(e2, e1(value)))
        four = then(e4, three)
        five = then(e5, four)
        six = then(e6, five)
        if six != six:
            return nan
        found = multiply_add(sixth, six, fifth * five)
        return multiply_add(third, three, multiply_add(fourth, four, found))

    return step


def hma(period: int) -> Step:
    """Return Hull's average: the weighted average of twice a short weighted average less a long one (Hull 2005)."""
    # Both begin so that their first values fall on one bar.
    half = max(1, period // 2)
    short, long, smooth = late(wma(half), period - half), wma(period), wma(isqrt(period))

    def step(value: float) -> float:
        fast = short(value)
        slow = long(value)
        if slow != slow:
            return nan
        return smooth(2.0 * fast - slow)

    return step


def zlema(period: int) -> Step:
    """Return the zero-lag average: the exponential one of values moved on by their change over half a period."""
    lag = (period - 1) // 2
    average = ema(period)
    left = lag
    ring = deque([0.0] * (lag + 1), lag + 1)
    append = ring.append

    def step(value: float) -> float:
        nonlocal left
        append(value)
        if left:
            left -= 1
            return nan
        return average(value + (value - ring[0]))

    return step
