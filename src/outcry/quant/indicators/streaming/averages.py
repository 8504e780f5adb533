"""Moving averages as steps, summed in the order in which TA-Lib sums.

Each function returns a step: it takes the next value and returns the average, NaN inside the warm-up. Rings begin with
zeros, which stand for what came before the first value: taking them away changes no total.
"""

from collections import deque
from math import nan

from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Step

# One bit more and one bit less than a number.
_MORE, _LESS = 1.0 + 2.0**-52, 1.0 - 2.0**-52


def total(period: int) -> Step:
    """Return the sum of the last ``period`` values."""
    summed = 0.0
    left = period - 1
    ring = deque([0.0] * left, left)
    append = ring.append

    def step(value: float) -> float:
        nonlocal summed, left
        found = summed + value
        summed = found - (ring[0] if ring else value)
        append(value)
        if left:
            left -= 1
            return nan
        return found

    return step


def sma(period: int) -> Step:
    """Return a simple moving average: the total takes the new value in before it drops the oldest."""
    if period == 1:
        return identity()
    total = 0.0
    left = period - 1
    ring = deque([0.0] * left, left)
    append = ring.append

    def step(value: float) -> float:
        nonlocal total, left
        total += value
        mean = total / period
        total -= ring[0]
        append(value)
        if left:
            left -= 1
            return nan
        return mean

    return step


def late(step: Step, bars: int) -> Step:
    """Return the step as if it were begun so many bars later."""
    if not bars:
        return step
    left = bars

    def later(value: float) -> float:
        nonlocal left
        if left:
            left -= 1
            return nan
        return step(value)

    return later


def identity() -> Step:
    """Return the average over one value: the value."""
    return lambda value: value


def ema(period: int) -> Step:
    """Return an exponential moving average, seeded with the simple mean of the first period (Haurlan 1968)."""
    weight = 2.0 / (period + 1)
    last = 0.0
    left = period

    def step(value: float) -> float:
        nonlocal last, left
        if left:
            last += value
            left -= 1
            if left:
                return nan
            last /= period
            return last
        move = (value - last) * weight
        found = last + move
        # TA-Lib rounds the product and the sum at once. That is the same but near the middle of two numbers, where
        # the product's last bit tells which is nearer.
        if last + move * _MORE != found or last + move * _LESS != found:
            found = multiply_add(value - last, weight, last)
        last = found
        return found

    return step


def rma(period: int) -> Step:
    """Return Wilder's smoothed average: an exponential one whose new value weighs 1 / period (Wilder 1978)."""
    rest = (period - 1.0) / period
    return mixed(period, rest, 1.0 - rest)


def wma(period: int) -> Step:
    """Return a linearly weighted average: the newest value weighs ``period``, the oldest 1."""
    if period == 1:
        return identity()
    divisor = period * (period + 1) // 2
    weighted = plain = oldest = 0.0
    seen = 0
    fresh = 8 * period + period - 1
    ring = deque([0.0] * period, period)
    append = ring.append

    def step(value: float) -> float:
        nonlocal weighted, plain, oldest, seen
        append(value)
        seen += 1
        if seen == fresh:
            # TA-Lib sums the window anew at every 8 * period-th value, so that roundings do not pile up.
            seen = period - 1
            plain = weighted = 0.0
            for place, item in enumerate(ring, 1):
                plain += item
                weighted += place * item
        elif seen < period:
            plain += value
            weighted += value * seen
            return nan
        else:
            plain = plain + value - oldest
            weighted += value * period
        oldest = ring[0]
        mean = weighted / divisor
        weighted -= plain
        return mean

    return step


def mixed(period: int, rest: float, weight: float) -> Step:
    """Return the exponential average written as ``rest`` of the last and ``weight`` of the new: it rounds elsewhere."""
    last = 0.0
    left = period

    def step(value: float) -> float:
        nonlocal last, left
        if not left:
            last = multiply_add(rest, last, weight * value)
            return last
        last += value
        left -= 1
        if left:
            return nan
        last /= period
        return last

    return step


def then(step: Step, value: float) -> float:
    """Return the step's result for a value that may be undefined, which the step then does not see."""
    return step(value) if value == value else nan
