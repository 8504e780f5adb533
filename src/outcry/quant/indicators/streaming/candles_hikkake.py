"""Hikkake: an inside bar, a false break out of it, and its confirmation.

D. L. Chesler, Trading False Moves with the Hikkake Pattern, Active Trader, April 2004.
"""

import math

from outcry.quant.indicators.streaming.candles import NEAR, Candle, Pattern, PatternStream, to_number
from outcry.quant.indicators.streaming.stream import Outputs, State

_BARS_TO_CONFIRM = 3


def _inside(before: Candle, after: Candle) -> bool:
    return after.high < before.high and after.low > before.low


def _breaks(before: Candle, after: Candle) -> int:
    """The trap: 100 when both ends fall (the break is down, the turn is up), -100 when both rise, else 0."""
    if after.high < before.high and after.low < before.low:
        return 100
    return -100 if after.high > before.high and after.low > before.low else 0


def _hikkake(first: Candle, inside: Candle, last: Candle) -> int:
    return _breaks(inside, last) if _inside(first, inside) else 0


def _hikkake_modified(context: Candle, first: Candle, inside: Candle, last: Candle, near: float) -> int:
    if not (_inside(context, first) and _inside(first, inside)):
        return 0
    answer = _breaks(inside, last)
    # The first bar inside has to close near the end that is then broken.
    weak = first.close <= first.low + near if answer > 0 else first.close >= first.high - near
    return answer if weak else 0


HIKKAKE = Pattern(
    name="hikkake",
    looks="An inside bar and a break out of it; 200 when one of the next three bars closes beyond its other end.",
    bars=3,
    answers=(200, 100, -100, -200),
    predicate=_hikkake,
)
MODIFIED_HIKKAKE = Pattern(
    name="hikkake_modified",
    looks="A hikkake of two bars, each inside the one before, the first of them closing near the end that breaks.",
    bars=4,
    answers=(200, 100, -100, -200),
    predicate=_hikkake_modified,
    limits=(NEAR.back(2),),
    waits=7,
)


class HikkakeStream:
    """A hikkake and the wait for its confirmation: the answer doubles when it comes in time."""

    __slots__ = ("_answer", "_left", "_level", "_trap", "_unsaid")

    def __init__(self, pattern: Pattern) -> None:
        self._trap = PatternStream(pattern)
        self._unsaid = pattern.warm_up + _BARS_TO_CONFIRM
        self._answer = 0.0
        self._left = 0
        self._level = 0.0

    def push(self, opened: float, high: float, low: float, close: float) -> Outputs:
        """Take a bar; return 100 for a hikkake, 200 for a confirmation, below 0 for a bearish one, 0 for neither."""
        (found,) = self._trap.push(opened, high, low, close)
        answer = self._find(found, close)
        if self._unsaid:
            # A trap inside the warm-up is not told, but what comes after may confirm it.
            self._unsaid -= 1
            return (math.nan,)
        return (answer,)

    def _find(self, found: float, close: float) -> float:
        if found in (100.0, -100.0):
            before = self._trap.before
            self._answer, self._left = found, _BARS_TO_CONFIRM
            self._level = before.high if found > 0 else before.low
            return found
        if not self._left:
            return 0.0
        self._left -= 1
        if close > self._level if self._answer > 0 else close < self._level:
            self._left = 0
            return 2 * self._answer
        return 0.0

    def state(self) -> State:
        """Return the trap's state and what waits to be confirmed."""
        return (self._trap.state(), self._unsaid, self._answer, self._left, self._level)

    def restore(self, state: State) -> None:
        """Go on from ``state``; raises ValueError, changing nothing, if no stream of this pattern gave it."""
        trap, *numbers = state
        if isinstance(trap, str | float | int):
            raise ValueError("a hikkake begins with the state of its trap")
        unsaid, answer, left, level = (to_number(number) for number in numbers)
        self._trap.restore(trap)
        self._unsaid, self._answer, self._left, self._level = int(unsaid), answer, int(left), level


PATTERNS = (HIKKAKE, MODIFIED_HIKKAKE)
