"""The three indicators that are used most, as generators: the quickest form that plain Python has.

A generator keeps its numbers in local variables, which cost less to read and write than those that a function closes
over, and takes the next bar by ``send``. It keeps undefined values out by itself, and mostly for nothing: NaN and
infinity show in a number that it compares anyhow.
"""

from collections import deque
from collections.abc import Callable, Generator
from functools import partial
from itertools import islice
from math import inf, nan, sqrt
from typing import Any

from outcry.quant.indicators.streaming.saving import Saved, from_plain, of_length, to_plain
from outcry.quant.indicators.streaming.spreads import LOST, WINDOWS
from outcry.quant.indicators.streaming.stream import Outputs, State

Run = Generator[Outputs, float, None]


class Running(Saved):
    """A stream that is a generator; its arguments by name are what it remembers.

    ``restore`` begins a new generator: take ``push`` again after it.
    """

    __slots__ = ("_begin", "_names", "_run", "push")

    def __init__(self, begin: Callable[..., Run], **start: Any) -> None:
        self._begin = begin
        self._names = tuple(start)
        self._start(start)

    def state(self) -> State:
        """Return what the generator's variables hold."""
        kept = self._variables()
        return tuple(to_plain(kept[name]) for name in self._names)

    def restore(self, state: State) -> None:
        """Begin again from ``state``; raises ValueError if it has another form, and changes nothing then."""
        kept = self._variables()
        values = of_length(state, len(self._names))
        self._start({name: from_plain(kept[name], value) for name, value in zip(self._names, values, strict=True)})

    def _variables(self) -> dict[str, Any]:
        frame = self._run.gi_frame  # type: ignore[attr-defined] # the type of generators leaves it out
        variables: dict[str, Any] = frame.f_locals
        return variables

    def _start(self, values: dict[str, Any]) -> None:
        self._run = self._begin(**values)
        next(self._run)
        self.push = self._run.send


def rsi(period: int) -> Running:
    """Return the relative strength index: mean gain over mean gain and loss, smoothed by 1 / period (Wilder 1978)."""

    def run(seen: int, last: float, gain: float, loss: float) -> Run:
        share, before, most = 1.0 / period, period - 1.0, inf
        undefined = given = (nan,)
        while seen <= period:
            value = yield given
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
            if both < most:
                last, gain, loss = value, up, down
                value = yield (100.0 * (up / both) if both else 0.0,)
            else:
                value = yield undefined

    return Running(run, seen=0, last=0.0, gain=0.0, loss=0.0)


def macd(fast: int, slow: int, signal: int, fast_weight: float = 0.0, slow_weight: float = 0.0) -> Running:
    """Return Appel's MACD, its signal and the histogram (Appel 1979, Aspray 1986).

    The fast average begins later, so that both have their first values on one bar. The weights of a new value are
    2 / (period + 1) if they are not given.
    """
    ready = slow + signal - 1
    k_quick, k_far, k_mean = fast_weight or 2.0 / (fast + 1), slow_weight or 2.0 / (slow + 1), 2.0 / (signal + 1)

    def run(seen: int, quick: float, far: float, mean: float) -> Run:
        first, second, third = k_quick, k_far, k_mean
        undefined: Outputs = (nan, nan, nan)
        given = undefined
        while seen < ready:
            value = yield given
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

    return Running(run, seen=0, quick=0.0, far=0.0, mean=0.0)


def bollinger(period: int, deviations: float) -> Running:
    """Return Bollinger's bands around the simple average, with population deviations (Bollinger 2001).

    The variance is that of ``spreads.variance``, with the same fresh starts.
    """
    ring, until = deque([0.0] * period, period), WINDOWS * period - 1
    run = partial(_bands, period, deviations)
    return Running(run, seen=0, ring=ring, total=0.0, center=0.0, plain=0.0, squares=0.0, until=until)


def _bands(
    period: int,
    deviations: float,
    seen: int,
    ring: "deque[float]",
    total: float,
    center: float,
    plain: float,
    squares: float,
    until: int,
) -> Run:
    # Local names for all that each bar needs; a float, for a division by a whole number takes longer.
    size, part, least, lost = float(period), 1.0 / period, LOST / period, LOST
    root, append = sqrt, ring.append
    undefined: Outputs = (nan, nan, nan)
    given = undefined
    while seen < period - 1:
        value = yield given
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
        if not (variance >= bound <= left and until):
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
