"""What a step does one bar at a time where it remembers something: O(1) or a window of numbers, saved as JSON."""

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from outcry.quant.indicators.streaming.saving import Saved


class Cell(Saved):
    """A step that remembers; ``push`` takes the next value and returns the result."""

    __slots__ = ()

    def push(self, value: Any) -> Any:  # a number or a truth: a cell knows which
        """Take the next value; return the result."""
        raise NotImplementedError


class Past(Cell):
    """The value so many bars ago; unknown on the first ones."""

    __slots__ = ("_ring",)

    def __init__(self, bars: float, unknown: float) -> None:
        self._ring = deque([unknown] * int(bars), int(bars))

    def push(self, value: float) -> float:
        """Take the next value; return the oldest one."""
        oldest = self._ring[0]
        self._ring.append(value)
        return oldest


class Became(Cell):
    """Whether a condition holds and did not a bar ago."""

    __slots__ = ("_before",)

    def __init__(self) -> None:
        self._before = 0

    def push(self, value: int) -> int:
        """Take the next truth."""
        opposite, self._before = -self._before, value
        return value if value < opposite else opposite


class Extreme(Cell):
    """The highest of a window, or with ``sign`` -1 the lowest: numbers that newer and higher ones outdo are dropped."""

    __slots__ = ("_bars", "_known", "_places", "_seen", "_sign", "_values")

    def __init__(self, bars: float, sign: float) -> None:
        self._bars, self._sign = int(bars), sign
        self._seen = self._known = 0
        self._places: deque[float] = deque()
        self._values: deque[float] = deque()

    def push(self, value: float) -> float:
        """Take the next number."""
        self._seen = seen = self._seen + 1
        value *= self._sign
        values, places = self._values, self._places
        if value != value:
            self._known = 0
            values.clear()
            places.clear()
            return math.nan
        self._known += 1
        while values and values[-1] <= value:
            values.pop()
            places.pop()
        values.append(value)
        places.append(seen)
        if places[0] <= seen - self._bars:
            values.popleft()
            places.popleft()
        return values[0] * self._sign if self._known >= self._bars else math.nan


class Within(Cell):
    """Whether a condition held in a window, or with ``sign`` -1 whether it always did."""

    __slots__ = ("_bars", "_doubted", "_held", "_sign")

    def __init__(self, bars: float, sign: int) -> None:
        self._bars, self._sign = int(bars), sign
        # How many bars ago it held, and was unknown: it was, on all those before the first one.
        self._held, self._doubted = self._bars, 0

    def push(self, value: int) -> int:
        """Take the next truth."""
        value *= self._sign
        self._held = 0 if value > 0 else self._held + 1
        self._doubted = self._doubted + 1 if value else 0
        if self._held < self._bars:
            return self._sign
        return 0 if self._doubted < self._bars else -self._sign


class Count(Cell):
    """On how many bars of a window a condition held."""

    __slots__ = ("_doubted", "_held", "_ring")

    def __init__(self, bars: float) -> None:
        self._ring = deque([0.0] * int(bars), int(bars))
        self._held, self._doubted = 0, int(bars)

    def push(self, value: int) -> float:
        """Take the next truth."""
        oldest = self._ring[0]
        self._ring.append(float(value))
        self._held += (value > 0) - (oldest > 0)
        self._doubted += (value == 0) - (oldest == 0)
        return math.nan if self._doubted else float(self._held)


class Since(Cell):
    """How many bars ago a condition held last."""

    __slots__ = ("_bars",)

    def __init__(self) -> None:
        self._bars = math.nan

    def push(self, value: int) -> float:
        """Take the next truth; after one that is unknown nobody can say."""
        self._bars = self._bars + 1.0 if value < 0 else (0.0 if value else math.nan)
        return self._bars


CELLS: Mapping[str, Callable[..., Cell]] = {
    "became": Became,
    "highest": lambda bars: Extreme(bars, 1.0),
    "lowest": lambda bars: Extreme(bars, -1.0),
    "within": lambda bars: Within(bars, 1),
    "always": lambda bars: Within(bars, -1),
    "count": Count,
    "since": Since,
}


def open_past(bars: float, *, condition: bool) -> Cell:
    """Return the cell for a value so many bars ago."""
    return Past(bars, 0.0 if condition else math.nan)
