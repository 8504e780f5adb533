"""Streams of momentum over one series."""

from collections.abc import Mapping
from math import nan

from outcry.quant.indicators.streaming.saving import Single
from outcry.quant.indicators.streaming.stream import Open


class Rsi(Single):
    """Relative strength index (Wilder 1978): mean gain over mean gain and loss, both smoothed by 1 / period."""

    __slots__ = ("_before", "_gain", "_last", "_left", "_loss", "_share")

    def __init__(self, period: int) -> None:
        self._share = 1.0 / period
        self._before = period - 1.0
        self._left = period + 1
        self._last = self._gain = self._loss = 0.0

    def step(self, value: float) -> float:
        if self._left:
            return self._seed(value)
        change = value - self._last
        self._last = value
        gain = self._gain * self._before
        loss = self._loss * self._before
        if change < 0.0:
            loss -= change
        else:
            gain += change
        self._gain = gain = gain * self._share
        self._loss = loss = loss * self._share
        both = gain + loss
        return 100.0 * (gain / both) if both else 0.0

    def _seed(self, value: float) -> float:
        change, self._last = value - self._last, value
        self._left -= 1
        if self._left == self._before + 1.0:
            return nan
        if change < 0.0:
            self._loss -= change
        else:
            self._gain += change
        if self._left:
            return nan
        self._gain *= self._share
        self._loss *= self._share
        both = self._gain + self._loss
        return 100.0 * (self._gain / both) if both else 0.0


STREAMS: Mapping[str, Open] = {
    "rsi": lambda settings: Rsi(int(settings["period"])),
}
