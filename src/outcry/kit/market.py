"""The two nouns that both the mathematics and the engines speak: a timeframe, and bars as columns (ADR 3)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Micros = NDArray[np.int64]


class Timeframe(StrEnum):
    """The length of a bar. ``M`` is a calendar month, ``w`` an ISO week (Monday first)."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"
    W1 = "1w"
    MN1 = "1M"

    @property
    def duration(self) -> timedelta:
        """The nominal length; a month counts 30 days."""
        return _DURATIONS[self]

    @property
    def is_intraday(self) -> bool:
        """Whether a bar is shorter than a day."""
        return self.duration < timedelta(days=1)


_DURATIONS = {
    Timeframe.M1: timedelta(minutes=1),
    Timeframe.M5: timedelta(minutes=5),
    Timeframe.M15: timedelta(minutes=15),
    Timeframe.H1: timedelta(hours=1),
    Timeframe.H4: timedelta(hours=4),
    Timeframe.D1: timedelta(days=1),
    Timeframe.W1: timedelta(weeks=1),
    Timeframe.MN1: timedelta(days=30),
}


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970-01-01 UTC."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970-01-01."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(micros))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bars:
    """Bars of one symbol and timeframe, oldest first, as columns of equal length.

    ``time`` is each bar's open time in microseconds since 1970-01-01 UTC, strictly increasing; a daily, weekly or
    monthly bar is stamped with midnight UTC of its first session date. ``adjusted_close`` is NaN where unknown.
    """

    time: Micros
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    adjusted_close: Floats

    def __len__(self) -> int:
        return len(self.time)

    def tail(self, count: int) -> "Bars":
        """Return the newest ``count`` bars."""
        return self.between(max(0, len(self) - count), len(self))

    def between(self, first: int, last: int) -> "Bars":
        """Return the bars at positions ``first`` up to, not including, ``last``."""
        cut = slice(first, last)
        return Bars(
            time=self.time[cut],
            open=self.open[cut],
            high=self.high[cut],
            low=self.low[cut],
            close=self.close[cut],
            volume=self.volume[cut],
            adjusted_close=self.adjusted_close[cut],
        )
