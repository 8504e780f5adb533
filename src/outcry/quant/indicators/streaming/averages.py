"""Moving averages as steps, summed in the order in which TA-Lib sums.

Each function returns a step: it takes the next value and returns the average, NaN inside the warm-up. Rings begin with
zeros, which stand for what came before the first value: taking them away changes no total.
"""

from collections import deque
from collections.abc import Callable
from math import isqrt, nan

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


def average(kind: int, period: int) -> Step:
    """Return a moving average by TA-Lib's number of its kind; over one value it is the value."""
    return _KINDS[kind](period) if period > 1 else identity()


def wait(kind: int, period: int) -> int:
    """Return after how many bars an average of this kind has its first value."""
    return _WAITS[kind](period) if period > 1 else 0


def apart(kinds: tuple[int, int], periods: tuple[int, int]) -> tuple[Step, Step]:
    """Return two averages of which the quicker one begins later, so that their first values fall on one bar."""
    waits = [wait(kind, period) for kind, period in zip(kinds, periods, strict=True)]
    first, second = (
        late(average(kind, period), max(waits) - own) for kind, period, own in zip(kinds, periods, waits, strict=True)
    )
    return first, second


def _mama(_: int) -> Step:
    # Imported here, for it is seldom wanted and stands beside the other transforms of cycles.
    from outcry.quant.indicators.streaming.hilbert import Mama

    mean = Mama(0.5, 0.05)
    return lambda value: mean.push(value)[0]


_KINDS: tuple[Callable[[int], Step], ...] = (sma, ema, wma, dema, tema, trima, kama, _mama, t3)
_WAITS: tuple[Callable[[int], int], ...] = (
    lambda period: period - 1,
    lambda period: period - 1,
    lambda period: period - 1,
    lambda period: 2 * (period - 1),
    lambda period: 3 * (period - 1),
    lambda period: period - 1,
    lambda period: period,
    lambda _: 32,
    lambda period: 6 * (period - 1),
)
