"""Bars as sources send them, row by row, as columns."""

import math
from collections.abc import Iterable

import numpy as np

from outcry.kit.market import Bars

# Microseconds since 1970 of the bar's open, then open, high, low, close and volume.
Row = tuple[int, float, float, float, float, float]


def to_bars(rows: Iterable[Row], *, first: int, last: int) -> Bars:
    """Return the rows with first <= time < last, in order and each once; those that are no bar are left out.

    Of two rows with one time the later one counts: sources send a bar that they corrected again.
    """
    kept = {row[0]: row for row in rows if first <= row[0] < last and _is_bar(row)}
    times = sorted(kept)
    table = np.array([kept[time][1:] for time in times], dtype=np.float64).reshape(len(times), 5)
    return Bars(
        time=np.array(times, dtype=np.int64),
        open=table[:, 0].copy(),
        high=table[:, 1].copy(),
        low=table[:, 2].copy(),
        close=table[:, 3].copy(),
        volume=table[:, 4].copy(),
        adjusted_close=np.full(len(times), np.nan),
    )


def _is_bar(row: Row) -> bool:
    _, first, high, low, close, volume = row
    if not all(math.isfinite(number) for number in row[1:]):
        return False
    return 0 < low <= min(first, close) and max(first, close) <= high and volume >= 0
