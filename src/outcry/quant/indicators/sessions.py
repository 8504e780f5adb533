"""Where sessions begin among bars, and sums that begin anew with each."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Parameter
from outcry.quant.indicators.library import load_talib

DAY = 86_400_000_000
MINUTE = 60_000_000

# The settings of everything that begins anew with a session, in this order.
SESSION = (
    Parameter(name="span", default=0, least=0, most=2, choices=("day", "week", "month")),
    Parameter(name="begin", default=0, least=0, most=1439),
)

_LONG = 64


def session_starts(time: Floats, span: int, begin: int) -> NDArray[np.intp]:
    """Return the position of the first bar of each session, oldest first; there is at least one bar.

    ``time`` are open times in microseconds since 1970 UTC. A session is a day, a week from Monday on, or a calendar
    month; its first day begins ``begin`` minutes after midnight UTC.
    """
    shift = begin * MINUTE
    first, last = (int(each) - shift for each in (time[0], time[-1]))
    if span == 0:
        edges = np.arange(first // DAY, last // DAY + 1) * DAY
    elif span == 1:
        # Day 0 of 1970 was a Thursday.
        edges = (np.arange((first // DAY + 3) // 7, (last // DAY + 3) // 7 + 1) * 7 - 3) * DAY
    else:
        months = np.arange(month_of(first), month_of(last) + 1).astype("datetime64[M]")
        edges = months.astype("datetime64[us]").astype(np.int64)
    return np.unique(np.searchsorted(time, (edges + shift).astype(np.float64))[: len(edges)])


def month_of(micros: int) -> int:
    """Return the number of the calendar month, counted from January 1970, of a time in microseconds since 1970 UTC."""
    moment = np.datetime64(micros, "us").astype("datetime64[M]")
    return int(moment.astype(np.int64))


def session_sums(values: Floats, starts: NDArray[np.intp], out: Floats | None = None) -> Floats:
    """Return the running sum of values, begun anew at each start; added one by one, as they come.

    ``out`` takes the sums, and may be the values themselves. TA-Lib's running sum is five times as fast as NumPy's.
    """
    talib = load_talib()

    sums = np.empty_like(values) if out is None else out
    ends = np.append(starts[1:], len(values))
    lengths = ends - starts
    for start, end in zip(starts[lengths > _LONG].tolist(), ends[lengths > _LONG].tolist(), strict=True):
        sums[start:end] = talib.CUMSUM(values[start:end])
    # Many short ones go together, a bar of each at a time.
    short, lengths = starts[lengths <= _LONG], lengths[lengths <= _LONG]
    sums[short] = values[short]
    for step in range(1, int(lengths.max(initial=0))):
        at = short[lengths > step] + step
        sums[at] = sums[at - 1] + values[at]
    return sums


def spread(values: Floats, starts: NDArray[np.intp], count: int) -> Floats:
    """Return one value a session as one value a bar."""
    return np.repeat(values, np.diff(np.append(starts, count)))


def anchor_time(day: int, minute: int) -> float:
    """Return the time, in microseconds since 1970 UTC, of a day written as 20250131 and a minute after its midnight.

    A day past the end of its month runs on into the next one, so that every number is a time.
    """
    year, month, day_of_month = day // 10_000, min(max(day // 100 % 100, 1), 12), day % 100
    first = datetime(min(max(year, 1), 9999), month, 1, tzinfo=UTC)
    days = (first - datetime(1970, 1, 1, tzinfo=UTC)).days + max(day_of_month, 1) - 1
    return float(days * DAY + minute * MINUTE)
