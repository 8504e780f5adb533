"""The three indicators that are used most, as generators: the quickest form that plain Python has.

A generator keeps its numbers in local variables, which cost less to read and write than those that a function closes
over, and takes the next bar by ``send``. It keeps undefined values out by itself, and mostly for nothing: NaN and
infinity show in a number that it compares anyhow.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from itertools import islice
from math import inf, nan, sqrt
from typing import Any

from outcry.quant.indicators.streaming.saving import Saved, from_plain, of_length, to_plain
from outcry.quant.indicators.streaming.spreads import LOST, WINDOWS
from outcry.quant.indicators.streaming.stream import Outputs, State

Run = Generator[Any, float, None]


class ExchangeError(Exception):
    """Thrown into a generator: it takes the variables over, if there are any, and yields those that it has."""

    def __init__(self, variables: tuple[Any, ...] = ()) -> None:
        super().__init__()
        self.variables = variables


class Running(Saved):
    """A stream that is a generator."""

    __slots__ = ("_run", "push")

    def __init__(self, run: Run) -> None:
        next(run)
        self._run = run
        self.push: Callable[[float], Outputs] = run.send

    def state(self) -> State:
        """Return what the generator's variables hold."""
        return tuple(map(to_plain, self._run.throw(ExchangeError())))

    def restore(self, state: State) -> None:
        """Go on from ``state``; raises ValueError if it has another form, and changes nothing then."""
        present = self._run.throw(ExchangeError())
        values = of_length(state, len(present))
        self._run.throw(ExchangeError(tuple(map(from_plain, present, values))))

    def names(self) -> Iterator[str]:
        """Go through the names of the generator's variables."""
        yield from self._run.gi_code.co_varnames  # type: ignore[attr-defined] # the type of generators leaves it out


def rsi(period: int) -> Running:
    """Return the relative strength index: mean gain over mean gain and loss, smoothed by 1 / period (Wilder 1978)."""
    return Running(_rsi(period))


def _rsi(period: int) -> Run:
    share, before, most, undefined, still = 1.0 / period, period - 1.0, inf, (nan,), (0.0,)
    seen, last, gain, loss = 0, 0.0, 0.0, 0.0
    given: Any = undefined
    while True:
        try:
            while seen <= period:
                value = yield given
                given = undefined
                if value - value != 0.0:
                    continue
                move, last = value - last, value
                gain += max(move, 0.0) if seen else 0.0
                loss += max(-move, 0.0) if seen else 0.0
                seen += 1
                if seen > period:
                    gain *= share
                    loss *= share
                    given = (100.0 * (gain / (gain + loss)) if gain else 0.0,)
            value = yield given
            while True:
                move = value - last
                if move < 0.0:
                    up = gain * before * share
                    down = (loss * before - move) * share
                else:
                    up = (gain * before + move) * share
                    down = loss * before * share
                both = up + down
                if not both < most:
                    value = yield undefined
                    continue
                last, gain, loss = value, up, down
                value = yield (100.0 * (up / both),) if both > 0.0 else still
        except ExchangeError as told:
            given = seen, last, gain, loss = told.variables or (seen, last, gain, loss)


def macd(fast: int, slow: int, signal: int, fast_weight: float = 0.0, slow_weight: float = 0.0) -> Running:
    """Return Appel's MACD, its signal and the histogram (Appel 1979, Aspray 1986).

    The fast average begins later, so that both have their first values on one bar. The weights of a new value are
    2 / (period + 1) if they are not given.
    """
    weights = fast_weight or 2.0 / (fast + 1), slow_weight or 2.0 / (slow + 1), 2.0 / (signal + 1)
    return Running(_macd((fast, slow, signal), weights))


def _macd(periods: tuple[int, int, int], weights: tuple[float, float, float]) -> Run:
    fast, slow, signal = periods
    first, second, third = weights
    ready, undefined = slow + signal - 1, (nan, nan, nan)
    seen, quick, far, mean = 0, 0.0, 0.0, 0.0
    given: Any = undefined
    while True:
        try:
            while seen < ready:
                value = yield given
                given = undefined
                if value - value != 0.0:
                    continue
                if seen >= slow:
                    quick += (value - quick) * first
                    far += (value - far) * second
                else:
                    quick += value if seen >= slow - fast else 0.0
                    far += value
                seen += 1
                if seen == slow:
                    quick /= fast
                    far /= slow
                mean += quick - far if seen >= slow else 0.0
                if seen == ready:
                    mean /= signal
                    given = quick - far, mean, quick - far - mean
            value = yield given
            while True:
                up = quick + (value - quick) * first
                down = far + (value - far) * second
                line = up - down
                if line == line:
                    quick, far = up, down
                    mean += (line - mean) * third
                    value = yield (line, mean, line - mean)
                else:
                    value = yield undefined
        except ExchangeError as told:
            given = seen, quick, far, mean = told.variables or (seen, quick, far, mean)


def bollinger(period: int, deviations: float) -> Running:
    """Return Bollinger's bands around the simple average, with population deviations (Bollinger 2001).

    The variance is that of ``spreads.variance``, with the same fresh starts.
    """
    return Running(_bands(period, deviations))


def _bands(period: int, deviations: float) -> Run:
    size, part, least, lost = float(period), 1.0 / period, LOST / period, LOST
    root, undefined = sqrt, (nan, nan, nan)
    ring = deque([0.0] * period, period)
    seen, until = 0, WINDOWS * period - 1
    total = center = plain = squares = 0.0
    given: Any = undefined
    while True:
        try:
            append = ring.append
            while seen < period - 1:
                value = yield given
                given = undefined
                if value - value == 0.0:
                    center = center if seen else value
                    append(value)
                    total += value
                    away = value - center
                    plain += away
                    squares += away * away
                    seen += 1
            value = yield given
            while True:
                away = value - center
                around = plain + away
                square = squares + away * away
                mean = around * part
                variance = square * part - mean * mean
                oldest = ring[1]
                away = oldest - center
                dropped = away * away
                left = square - dropped
                bound = lost * square
                # Well within the bounds no digits are lost, and the value is a number.
                if not (variance >= bound and left >= bound and until > 0):
                    if value - value != 0.0:
                        value = yield undefined
                        continue
                    if not until or variance < least * left or left < lost * dropped:
                        until = WINDOWS * period
                        center, around, square = begin(ring, value, part)
                        mean = around * part
                        variance = max(square * part - mean * mean, 0.0)
                        away = oldest - center
                        left = square - away * away
                append(value)
                until -= 1
                plain = around - away
                squares = left
                total += value
                middle = total / size
                total -= oldest
                width = root(variance) * deviations
                value = yield (middle + width, middle, middle - width)
        except ExchangeError as told:
            given = told.variables or (seen, until, ring, total, center, plain, squares)
            seen, until, ring, total, center, plain, squares = given


def begin(ring: "deque[float]", value: float, share: float) -> tuple[float, float, float]:
    """Return a center, the mean of the window that ends with ``value``, and the sums of distances and squares."""
    window = [*islice(ring, 1, None), value]
    center = plain = squares = 0.0
    for item in window:
        center += item
    center *= share
    for item in window:
        away = item - center
        plain += away
        squares += away * away
    return center, plain, squares
