"""Candle patterns one bar at a time: a candle, the sizes it is measured by, and the stream of one pattern.

What is "long" or "short" depends on the candles before. A pattern names the sizes that it compares with and how many
bars back each comparison stands, and has a predicate over its candles, oldest first, and those limits. Answers and
tie-breaks are TA-Lib's: a mean is a running total that begins with the first bars of the pattern's warm-up and moves
by (newest - oldest), so that a comparison at a tie falls the same way.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from outcry.quant.indicators.streaming.stream import Plain, State

_NOTHING_YET = (math.nan,)
_NOT_FINITE = ("nan", "inf", "-inf")


class Candle:
    """One bar and the parts of its picture, in prices: the body, its two ends, the shadows above and below it.

    A candle is white when its close is not below its open, else black.
    """

    __slots__ = ("black", "body", "bottom", "close", "high", "low", "lower", "open", "range", "top", "upper", "white")

    def __init__(self, opened: float, high: float, low: float, close: float) -> None:
        self.open = opened
        self.high = high
        self.low = low
        self.close = close
        self.white = close >= opened
        self.black = not self.white
        self.top, self.bottom = top, bottom = (close, opened) if self.white else (opened, close)
        self.body = top - bottom
        self.range = high - low
        self.upper = high - top
        self.lower = bottom - low

    @property
    def shadows(self) -> float:
        """Both shadows together."""
        return self.upper + self.lower

    @property
    def sign(self) -> int:
        """1 for a white candle, -1 for a black one."""
        return 1 if self.white else -1


class Limit(NamedTuple):
    """A size as it stands so many bars back: the mean of the bars before that one, times the factor."""

    part: str
    period: int
    factor: float
    back: int


@dataclass(frozen=True, slots=True)
class Size:
    """What a word of the patterns means: a part of the candle, the number of bars in its mean, and a factor."""

    part: str
    period: int
    factor: float

    def back(self, bars: int) -> Limit:
        """Return this size for the candle so many bars back."""
        return Limit(self.part, self.period, self.factor, bars)


# The words are those of S. Nison, Japanese Candlestick Charting Techniques, 1991; the proportions are TA-Lib's.
LONG_BODY = SHORT_BODY = Size("body", 10, 1.0)
DOJI_BODY = NO_SHADOW = Size("range", 10, 0.1)
SHORT_SHADOW = Size("shadows", 10, 0.5)  # the mean is of both shadows, the comparison is with one
NEAR = Size("range", 5, 0.2)
FAR = Size("range", 5, 0.6)
EQUAL = Size("range", 5, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One pattern of the literature.

    ``looks`` says in a sentence what it looks like; ``bars`` counts its candles. ``predicate`` takes that many
    candles, oldest first, then the limits in their order, and, when the pattern has one, the keyword ``penetration``;
    it returns one of ``answers`` or 0. An answer is above 0 where the pattern is bullish and below 0 where it is
    bearish; without ``directed`` it says neither, and its sign is only the candle's colour. ``waits`` is how many bars
    pass before the first answer where that does not follow from the limits.
    """

    name: str
    looks: str
    bars: int
    answers: tuple[int, ...]
    predicate: Callable[..., int]
    limits: tuple[Limit, ...] = ()
    penetration: float | None = None
    waits: int | None = None
    directed: bool = True

    @property
    def direction(self) -> str:
        """What an answer forebodes: "bullish", "bearish", "either", by its sign, or "none"."""
        if not self.directed:
            return "none"
        if min(self.answers) < 0 < max(self.answers):
            return "either"
        return "bullish" if max(self.answers) > 0 else "bearish"

    @property
    def warm_up(self) -> int:
        """How many bars pass before the first answer: the candles of the pattern, and the longest mean before them."""
        if self.waits is not None:
            return self.waits
        return max((limit.period for limit in self.limits), default=0) + self.bars - 1


class PatternStream:
    """One pattern, a bar at a time: open, high, low and close in, its answer out (0 when it is not there)."""

    __slots__ = ("_candles", "_limits", "_predicate", "_shown", "_totals", "_warm_up")

    def __init__(self, pattern: Pattern, penetration: float | None = None) -> None:
        self._predicate = pattern.predicate
        if penetration is not None:
            self._predicate = partial(pattern.predicate, penetration=penetration)
        self._shown = range(-pattern.bars, 0)
        self._warm_up = pattern.warm_up
        self._limits = [
            (attrgetter(limit.part), -1 - limit.back, -1 - limit.back - limit.period, limit.period, limit.factor)
            for limit in pattern.limits
        ]
        self._candles: deque[Candle] = deque(maxlen=self._warm_up + 1)
        self._totals: list[float] = []

    def push(self, opened: float, high: float, low: float, close: float) -> tuple[float, ...]:
        """Take a bar; return the pattern's answer, NaN inside the warm-up."""
        candles = self._candles
        candles.append(Candle(opened, high, low, close))
        if len(candles) <= self._warm_up:
            return _NOTHING_YET
        totals = self._totals or self._begin()
        limits = []
        for index, (part, newest, oldest, period, factor) in enumerate(self._limits):
            total = totals[index]
            limits.append(factor * (total / period))
            totals[index] = total + (part(candles[newest]) - part(candles[oldest]))
        return (float(self._predicate(*[candles[index] for index in self._shown], *limits)),)

    def _begin(self) -> list[float]:
        candles = self._candles
        for part, newest, oldest, _, _ in self._limits:
            total = 0.0
            for index in range(oldest, newest):
                total += part(candles[index])
            self._totals.append(total)
        return self._totals

    def state(self) -> State:
        """Return the last candles, as prices, and the running totals."""
        rows = [[candle.open, candle.high, candle.low, candle.close] for candle in self._candles]
        # Totals of prices near the largest float are infinite, for which JSON has no word.
        return (rows, [total if math.isfinite(total) else str(total) for total in self._totals])

    def restore(self, state: State) -> None:
        """Go on from ``state``; raises ValueError, changing nothing, if no stream of this pattern gave it."""
        candles, totals = _candles_and_totals(state)
        expected = len(self._limits) if len(candles) > self._warm_up else 0
        if len(candles) > self._warm_up + 1 or len(totals) != expected:
            raise ValueError("these are not the candles and totals of this pattern")
        self._candles = deque(candles, maxlen=self._warm_up + 1)
        self._totals = totals

    @property
    def before(self) -> Candle:
        """The candle before the newest: its ends are what some patterns are confirmed by."""
        return self._candles[-2]


def _candles_and_totals(state: State) -> tuple[list[Candle], list[float]]:
    rows, totals = state
    if isinstance(rows, str | float | int) or isinstance(totals, str | float | int):
        raise ValueError("candles and totals are two lists")
    candles = []
    for row in rows:
        if isinstance(row, str | float | int) or len(row) != 4:
            raise ValueError("a candle is four prices")
        candles.append(Candle(*(to_number(price) for price in row)))
    return candles, [float(total) if total in _NOT_FINITE else to_number(total) for total in totals]


def to_number(value: Plain) -> float:
    """Return a saved number; raises ValueError if it is none, or not a finite one."""
    if isinstance(value, float | int) and math.isfinite(value):
        return float(value)
    raise ValueError(f"{value!r} is no finite number")
