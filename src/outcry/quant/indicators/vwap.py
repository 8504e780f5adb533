"""The volume weighted average price, begun anew with a session or at one time."""

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Columns, Settings, Whole
from outcry.quant.indicators.sessions import anchor_time, session_starts, session_sums


def session_vwap(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """Return the average of high, low and close weighted by volume since the session began; NaN before any volume."""
    time = columns[0]
    return (_vwap(columns[1:], session_starts(time, whole["span"], whole["begin"])),)


def anchored_vwap(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """Return the same since the first bar at or after the anchor; NaN before it."""
    time = columns[0]
    first = int(np.searchsorted(time, anchor_time(whole["anchor"], whole["minute"])))
    values = np.full(len(time), np.nan)
    if first < len(time):
        since = tuple(column[first:] for column in columns[1:])
        values[first:] = _vwap(since, np.zeros(1, np.intp))
    return (values,)


def _vwap(columns: Columns, starts: NDArray[np.intp]) -> Floats:
    high, low, close, volume = columns
    # In place: new arrays of millions cost more than the arithmetic.
    traded = high + low
    traded += close
    traded /= 3.0
    traded *= volume
    session_sums(traded, starts, out=traded)
    shares = session_sums(volume, starts)
    if shares.min() > 0:
        traded /= shares
        return traded
    average: Floats = np.divide(traded, shares, out=np.full(len(close), np.nan), where=shares > 0)
    return average
