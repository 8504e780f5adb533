"""What is wrong, or looks wrong, with recorded bars: pure functions over columns."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Bars, Micros, Timeframe, from_micros
from outcry.quant.grouping import DAY, starts_of
from outcry.services.charts.listing.sessions import session_days, session_hours
from outcry.services.charts.quality.contracts import Fault, FaultKind

RULE = (
    "100 × (bars that are there ÷ bars that the calendar asks for) × "
    "(1 − bars that are wrong or repeat others ÷ bars), less 5 for each jump that looks like a split, 40 at most"
)
# Splits of shares are mostly of these ratios, or their inverse.
_RATIOS = (1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)
_NEAR = 0.03
_MICROS_PER_MS = 1_000
_STALE_DAYS, _STALE_MINUTES = 5, 30


def expected_times(calendar: str, timeframe: Timeframe, first: int, last: int) -> Micros:
    """Return when bars should open from ``first`` to ``last`` (microseconds, both included) by a calendar.

    Raises UnknownCalendarError. Bars within days are asked for from the bar that holds the opening to the close.
    """
    begin, end = _day(first), _day(last)
    if not timeframe.is_intraday:
        if timeframe is not Timeframe.D1:
            end += timedelta(days=31)
        days = session_days(calendar, begin, end)
        times = days if timeframe is Timeframe.D1 else np.unique(starts_of(days, timeframe))
        return times[(times >= first) & (times <= last)]
    length = timeframe.duration // timedelta(microseconds=1)
    # A session may belong to the date before or after that of its opening in UTC.
    opens, closes = session_hours(calendar, begin - timedelta(days=1), end + timedelta(days=1))
    starts = opens // length * length
    counts = -(-(closes - starts) // length)
    places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    times = np.unique(np.repeat(starts, counts) + places * length)
    return times[(times >= first) & (times <= last)]


def find_gaps(times: Micros, expected: Micros) -> list[Fault]:
    """Return a fault for each run of bars that should be there and are not."""
    missing = ~np.isin(expected, times)
    return [
        _fault("gap", int(expected[start]), count, f"{count} bar{'s are' if count > 1 else ' is'} missing")
        for start, count in _runs(missing)
    ]


def find_off_calendar(times: Micros, expected: Micros) -> list[Fault]:
    """Return a fault for each run of bars at times at which the market is closed."""
    outside = ~np.isin(times, expected)
    return [
        _fault("off_calendar", int(times[start]), count, "the market is closed by its calendar")
        for start, count in _runs(outside)
    ]


def find_duplicates(times: Micros, timeframe: Timeframe) -> list[Fault]:
    """Return a fault for each bar that stands in the interval of the bar before it."""
    if timeframe in (Timeframe.W1, Timeframe.MN1):
        starts = starts_of(times, timeframe)
    else:
        starts = times // (timeframe.duration // timedelta(microseconds=1))
    again = np.flatnonzero(np.diff(starts) == 0) + 1
    return [_fault("duplicate", int(times[row]), 1, "a second bar of the same interval") for row in again]


def find_wrong_prices(bars: Bars) -> list[Fault]:
    """Return a fault for each bar whose prices cannot be, each named by the first thing that is wrong with it."""
    prices = np.stack([bars.open, bars.high, bars.low, bars.close])
    none = np.logical_not(np.all(prices > 0, axis=0))
    crossed = ~none & (bars.high < bars.low)
    outside = ~none & ~crossed & ((prices > bars.high) | (prices < bars.low)).any(axis=0)
    kinds: Sequence[tuple[FaultKind, NDArray[np.bool_], str]] = (
        ("not_positive", none, "a price is zero, negative or missing"),
        ("high_below_low", crossed, "the high is below the low"),
        ("outside_range", outside, "the open or close is outside of low and high"),
    )
    return [
        _fault(kind, int(bars.time[row]), 1, detail) for kind, where, detail in kinds for row in np.flatnonzero(where)
    ]


def find_jumps(bars: Bars, days: Micros, splits: Collection[int]) -> list[Fault]:
    """Return a fault for each bar that opens at the close before times a ratio of splits, where no split is recorded.

    ``days`` are the midnights of the bars' session dates, ``splits`` those of recorded splits.
    """
    if len(bars) < 2:
        return []
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.log(bars.close[:-1]) - np.log(bars.open[1:])
    wanted = np.log(np.array(_RATIOS))
    near = np.abs(np.abs(moved)[:, None] - wanted) < _NEAR
    rows = np.flatnonzero(near.any(axis=1) & np.isfinite(moved)) + 1
    found = []
    for row in rows:
        if int(days[row]) in splits:
            continue
        ratio = _RATIOS[int(np.argmax(near[row - 1]))]
        way = f"{ratio:g}:1" if moved[row - 1] > 0 else f"1:{ratio:g}"
        detail = (
            f"opens at {bars.open[row]:.10g} after a close of {bars.close[row - 1]:.10g}, as after a split of {way}"
        )
        found.append(_fault("jump", int(bars.time[row]), 1, detail))
    return found


def find_stale(bars: Bars, timeframe: Timeframe) -> list[Fault]:
    """Return a fault for each run of bars that repeat the one before in every price and the volume."""
    same = np.ones(max(0, len(bars) - 1), dtype=np.bool_)
    for name in ("open", "high", "low", "close", "volume"):
        same &= np.diff(getattr(bars, name)) == 0
    least = _STALE_MINUTES if timeframe.is_intraday else _STALE_DAYS
    return [
        _fault("stale", int(bars.time[start + 1]), count, f"{count} bars repeat the one before them")
        for start, count in _runs(same)
        if count >= least - 1
    ]


def score_of(bars: int, expected: int | None, counts: dict[FaultKind, int]) -> float:
    """Return the score, 0 to 100, by ``RULE``; without a calendar the bars that are there are all that is asked for."""
    if not bars:
        return 0.0
    asked = expected or bars
    wrong = sum(counts.get(kind, 0) for kind in _WRONG)
    complete = max(0.0, 1 - counts.get("gap", 0) / asked)
    right = max(0.0, 1 - wrong / bars)
    return round(max(0.0, 100 * complete * right - min(40, 5 * counts.get("jump", 0))), 1)


_WRONG: Sequence[FaultKind] = (
    "off_calendar",
    "duplicate",
    "high_below_low",
    "outside_range",
    "not_positive",
    "stale",
)


def _fault(kind: FaultKind, time: int, count: int, detail: str) -> Fault:
    return Fault(kind=kind, time=time // _MICROS_PER_MS, count=count, detail=detail)


def _runs(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return start and length of each run of true values."""
    edges = np.flatnonzero(np.diff(np.r_[False, where, False].astype(np.int8)))
    return [(int(start), int(end - start)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _day(micros: int) -> date:
    return from_micros(micros // DAY * DAY).date()
