"""From values to heights: linear, logarithmic and in percent, with ticks that people count in."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_MINUS = "\N{MINUS SIGN}"
_ROOM = 0.06


def extent(values: Iterable[float | None], *, room: float = _ROOM) -> tuple[float, float] | None:
    """Return the least and the greatest of the defined values with a little room, None where there are none."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return None
    least, most = min(known), max(known)
    margin = (most - least or abs(most) or 1.0) * room
    return least - margin, most + margin


def round_ticks(low: float, high: float, count: int) -> list[float]:
    """Return about ``count`` round numbers within a range: multiples of 1, 2, 2.5 or 5 times a power of ten."""
    rough = (high - low) / max(1, count)
    if not (math.isfinite(rough) and rough > 0):
        return []
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((factor * power for factor in _STEPS), key=lambda each: abs(math.log(each / rough)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def decimals_of(ticks: list[float], size: float) -> int:
    """Return how many decimals tell neighbouring ticks apart; prices from 1 on have two where they need any."""
    step = min((b - a for a, b in pairwise(ticks)), default=abs(size) or 1.0)
    needed = max(0, min(10, -math.floor(math.log10(step) + 1e-9))) if step > 0 else 2
    if round(step, needed) != round(step, needed + 1):
        needed += 1
    return max(needed, 2) if needed else 0


def price_decimals(value: float) -> int:
    """Return how many decimals a price of this size is shown with."""
    size = abs(value)
    if size >= 1 or size == 0:
        return 2
    return 4 if size >= 0.01 else 8 if size < 1e-4 else 6


def plain(value: float, decimals: int) -> str:
    """Return a number as people read it: thousands apart, a real minus."""
    text = f"{abs(value):,.{decimals}f}"
    return f"{_MINUS}{text}" if value < 0 and text.strip("0.,") else text


def signed(value: float, decimals: int = 2) -> str:
    """Return a change, its sign always shown."""
    text = plain(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def compact(value: float) -> str:
    """Return a large number in few characters, such as 1.24M."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{plain(value / size, 2).rstrip('0').rstrip('.')}{letter}"
    return plain(value, 2).rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueScale:
    """Maps ``low`` to ``bottom`` and ``high`` to ``top``, pixels from the picture's upper edge.

    ``kind`` is ``log`` for equal heights of equal ratios, and ``percent`` for labels that tell the change since
    ``base``. ``short`` writes large numbers short. ``levels`` are the only ticks where there are any.
    """

    low: float
    high: float
    top: float
    bottom: float
    kind: Literal["linear", "log", "percent"] = "linear"
    base: float = 1.0
    short: bool = False
    levels: tuple[float, ...] = ()

    def y(self, value: float) -> float:
        """Return the height of a value; what a logarithm has no place for is far below."""
        if self.kind == "log":
            if value <= 0:
                return self.bottom + 10 * (self.bottom - self.top)
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.bottom - part * (self.bottom - self.top)

    def ticks(self) -> list[tuple[float, str]]:
        """Return values to draw lines at, with their labels."""
        count = max(2, int((self.bottom - self.top) / 40))
        if self.levels:
            return [(level, plain(level, 0)) for level in self.levels]
        if self.kind == "percent" and self.base:
            changes = round_ticks(100 * (self.low / self.base - 1), 100 * (self.high / self.base - 1), count)
            return [(self.base * (1 + change / 100), self._percent(change, changes)) for change in changes]
        if self.kind == "log" and self.high >= 8 * self.low:
            return [(value, plain(value, max(0, -math.floor(math.log10(value))))) for value in self._decades(count)]
        values = round_ticks(self.low, self.high, count)
        decimals = decimals_of(values, self.high)
        return [(value, compact(value) if self.short else plain(value, decimals)) for value in values]

    def label(self, value: float) -> str:
        """Return a value as the axis writes one that is no tick."""
        if self.kind == "percent" and self.base:
            return f"{signed(100 * (value / self.base - 1))}%"
        return compact(value) if self.short else plain(value, price_decimals(value))

    def _decades(self, count: int) -> list[float]:
        """Return powers of ten, with twice and five times each where there is room, else only some of them."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for factors in ((1, 2, 5), (1,)):
            found = [factor * 10.0**power for power in powers for factor in factors]
            within = [value for value in found if self.low <= value <= self.high]
            if len(within) <= 2 * count:
                return within
        return within[:: math.ceil(len(within) / (2 * count))]

    @staticmethod
    def _percent(change: float, changes: list[float]) -> str:
        step = changes[1] - changes[0] if len(changes) > 1 else 1.0
        return f"{signed(change, 0 if step >= 1 and step == int(step) else 1 if step >= 0.1 else 2)}%"
