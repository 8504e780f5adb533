"""Longer bars out of shorter ones, over columns."""

from datetime import timedelta

import numpy as np

from outcry.kit.market import Bars, Micros, Timeframe

DAY = 86_400_000_000
"""Microseconds of a day."""

_ONE_MICRO = timedelta(microseconds=1)


def starts_of(times: Micros, target: Timeframe) -> Micros:
    """Return when the longer bar of each time opens: since midnight UTC, weeks on Monday, months on the 1st."""
    if target is Timeframe.MN1:
        months = times.astype("datetime64[us]").astype("datetime64[M]")
        starts: Micros = months.astype("datetime64[us]").astype(np.int64)
        return starts
    if target is Timeframe.W1:
        number = times // DAY
        # 1 January 1970 was a Thursday.
        return (number - (number + 3) % 7) * DAY
    length = target.duration // _ONE_MICRO
    return times // length * length


def group(bars: Bars, starts: Micros) -> Bars:
    """Return one bar for each run of equal ``starts``: first open, highest high, lowest low, last close, all volume.

    ``starts`` has the open time of the longer bar for each bar, and never falls.
    """
    if not len(bars):
        return bars
    first = np.r_[0, np.flatnonzero(np.diff(starts)) + 1]
    last = np.r_[first[1:], len(bars)] - 1
    return Bars(
        time=starts[first],
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high, first),
        low=np.minimum.reduceat(bars.low, first),
        close=bars.close[last],
        volume=np.add.reduceat(bars.volume, first),
        adjusted_close=bars.adjusted_close[last],
    )
