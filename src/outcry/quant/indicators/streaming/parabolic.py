"""Wilder's parabolic stop and reverse."""

from math import nan

from outcry.quant.indicators.streaming.rounding import multiply_add
from outcry.quant.indicators.streaming.saving import Saved

# The first acceleration, what each new extreme adds to it, and the most it may be.
Acceleration = tuple[float, float, float]


class Parabolic(Saved):
    """The parabolic stop (Wilder 1978).

    A falling trend is a rising one seen in a mirror, in which all prices have the other sign. So there is one side
    only: ``_stop`` and ``_extreme``, its highest price so far, stand in the mirror in which the trend rises.

    Args:
        long: how it accelerates while the trend is up.
        short: the same while it is down.
        start: the first stop, above 0 of a rising trend, below 0 of a falling one; 0 lets the first two bars tell.
        offset: how much of the price the stop moves away when the trend turns.
        signed: give the stop of a falling trend as a negative number.
    """

    __slots__ = (
        "_bars",
        "_down",
        "_extreme",
        "_factor",
        "_high",
        "_low",
        "_offset",
        "_rising",
        "_signed",
        "_start",
        "_stop",
        "_up",
    )

    def __init__(
        self, long: Acceleration, short: Acceleration, start: float = 0.0, offset: float = 0.0, *, signed: bool = False
    ) -> None:
        self._up, self._down = _bounded(long), _bounded(short)
        self._start, self._offset, self._signed = start, offset, signed
        self._bars = 0
        self._rising = True
        self._stop = self._extreme = self._factor = self._high = self._low = 0.0

    def push(self, high: float, low: float) -> tuple[float]:
        """Take the next bar."""
        if self._bars < 2:
            self._bars += 1
            if self._bars == 2:
                self._begin(high, low)
            self._high, self._low = high, low
            if self._bars == 1:
                return (nan,)
        found = self._follow(high, low)
        self._high, self._low = high, low
        return (-found if self._signed and not self._rising else found,)

    def _begin(self, high: float, low: float) -> None:
        rise, fall = high - self._high, self._low - low
        self._rising = self._start > 0.0 if self._start else not (fall > rise and fall > 0.0)
        if self._rising:
            self._extreme, self._stop = high, abs(self._start) or self._low
        else:
            self._extreme, self._stop = -low, -(abs(self._start) or self._high)
        self._factor = (self._up if self._rising else self._down)[0]

    def _follow(self, high: float, low: float) -> float:
        if self._rising:
            top, bottom, last_top, last_bottom = high, low, self._high, self._low
        else:
            top, bottom, last_top, last_bottom = -low, -high, -self._low, -self._high
        rising, found = self._rising, self._stop
        if bottom > found:
            self._go_on(top, min(last_bottom, bottom))
        else:
            found = self._turn(max(last_top, top), bottom)
        return found if rising else -found

    def _go_on(self, top: float, floor: float) -> None:
        if top > self._extreme:
            _, more, most = self._up if self._rising else self._down
            self._extreme = top
            self._factor = min(self._factor + more, most)
        self._stop = min(multiply_add(self._factor, self._extreme - self._stop, self._stop), floor)

    def _turn(self, ceiling: float, bottom: float) -> float:
        """Begin the other trend; return its first stop, in the old trend's mirror."""
        self._rising = not self._rising
        found = max(self._extreme, ceiling)
        if self._offset:
            found += abs(found) * self._offset
        self._factor, self._extreme = (self._up if self._rising else self._down)[0], -bottom
        self._stop = -max(multiply_add(self._factor, bottom - found, found), ceiling)
        return found


def _bounded(one: Acceleration) -> Acceleration:
    first, more, most = one
    return min(first, most), min(more, most), most
