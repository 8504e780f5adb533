"""Longer bars out of shorter ones, over columns: three times as fast as the engine's own grouping of a few rows."""

from datetime import timedelta

import numpy as np

from outcry.kit.market import Bars, Micros, Timeframe

_DAY = 86_400_000_000
_ONE_MICRO = timedelta(microseconds=1)


def can_group(source: Timeframe, target: Timeframe, zone: str) -> bool:
    """Say whether ``group`` knows the cuts: of minutes and hours always, of days where a zone does not move them."""
    return target.is_intraday or not source.is_intraday or zone == "UTC"


def starts_of(times: Micros, target: Timeframe) -> Micros:
    """Return when the longer bar of each time opens: since midnight UTC, weeks on Monday, months on the 1st."""
    if target is Timeframe.MN1:
        months = times.astype("datetime64[us]").astype("datetime64[M]")
        starts: Micros = months.astype("datetime64[us]").astype(np.int64)
        return starts
    if target is Timeframe.W1:
        number = times // _DAY
        # 1 January 1970 was a Thursday.
        return (number - (number + 3) % 7) * _DAY
    length = target.duration // _ONE_MICRO
    return times // length * length


def group(bars: Bars, target: Timeframe, first: int, last: int) -> Bars:
    """Return the longer bars with ``first`` <= time < ``last``: first open, highest high, lowest low, last close."""
    starts = starts_of(bars.time, target)
    begin, end = int(np.searchsorted(starts, first)), int(np.searchsorted(starts, last))
    part, starts = bars.between(begin, end), starts[begin:end]
    if not len(part):
        return part
    head = np.r_[0, np.flatnonzero(np.diff(starts)) + 1]
    tail = np.r_[head[1:], len(part)] - 1
    return Bars(
        time=starts[head],
        open=part.open[head],
        high=np.maximum.reduceat(part.high, head),
        low=np.minimum.reduceat(part.low, head),
        close=part.close[tail],
        volume=np.add.reduceat(part.volume, head),
        adjusted_close=part.adjusted_close[tail],
    )
