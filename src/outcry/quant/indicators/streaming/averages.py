"""Moving averages, one value at a time, summed in the order in which TA-Lib sums."""

from collections import deque
from math import nan

from outcry.quant.indicators.streaming.saving import Single


class Sma(Single):
    """Simple moving average: a running total that takes the new value in before it drops the oldest."""

    __slots__ = ("_left", "_period", "_ring", "_total")

    def __init__(self, period: int) -> None:
        self._period = float(period)
        self._left = period - 1
        self._total = 0.0
        # Zeros stand for what came before the first bar: taking them away changes nothing.
        self._ring = deque([0.0] * (period - 1), period - 1)

    def step(self, value: float) -> float:
        total = self._total + value
        ring = self._ring
        self._total = total - ring[0]
        ring.append(value)
        if self._left:
            self._left -= 1
            return nan
        return total / self._period


class Ema(Single):
    """Exponential moving average, seeded with the simple mean of the first period (Haurlan 1968)."""

    __slots__ = ("_factor", "_last", "_left", "_period")

    def __init__(self, period: int, factor: float = 0.0) -> None:
        """``factor``: the weight of a new value; 2 / (period + 1) if it is not given."""
        self._factor = factor or 2.0 / (period + 1)
        self._period = float(period)
        self._left = period
        self._last = 0.0

    def step(self, value: float) -> float:
        if self._left:
            return self._seed(value)
        last = self._last
        self._last = last = (value - last) * self._factor + last
        return last

    def _seed(self, value: float) -> float:
        self._last += value
        self._left -= 1
        if self._left:
            return nan
        self._last /= self._period
        return self._last
