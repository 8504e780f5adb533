"""Whether 11/5/2019 is in November or in May: decided over the whole column, or not at all."""

from typing import Protocol

import numpy as np
import pyarrow as pa

from outcry.kit.market import Micros
from outcry.services.charts.importing.calendars import DAY, SECOND, from_civil
from outcry.services.charts.importing.numbers import Mask
from outcry.services.charts.importing.report import UnusableFileError

ORDERS = ("ymd", "mdy", "dmy")
_LONGEST_CLOSURE_DAYS = 7


class Parts(Protocol):
    """The two unclear numbers ``a`` and ``b``, the sign between them, the year and the clock of each row."""

    found: Mask

    def whole(self, name: str) -> Micros:
        """Return a group as whole numbers."""
        ...

    def text(self, name: str) -> pa.Array:
        """Return a group as text."""
        ...


def choose_order(parts: Parts, name: str, order: str | None) -> tuple[Micros, Micros, str]:
    """Return day, month and a note on how the column was read; raises UnusableFileError when it stays unclear.

    A number over 12 decides; 1.2.2019 with points is the day first wherever it is written so; else the reading in
    which time runs in one direction does; else, of bars within days, the one in which days follow each other.
    """
    first, second = parts.whole("a"), parts.whole("b")
    if order == "ymd":
        raise UnusableFileError(f"The dates in {name!r} do not begin with the year; say mdy or dmy.")
    chosen = order or _decide(parts, first, second)
    if chosen is None:
        example = _example(parts)
        raise UnusableFileError(
            f"The dates in {name!r}, such as {example}, can be read with the day or the month first. "
            "Say which with --date-format dmy or --date-format mdy.",
            field="date_format",
        )
    if chosen == "dmy":
        return first, second, f"dates such as {_example(parts)} were read as day, month, year"
    return second, first, f"dates such as {_example(parts)} were read as month, day, year"


def _decide(parts: Parts, first: Micros, second: Micros) -> str | None:
    found = parts.found
    day_first, month_first = int(((first > 12) & found).sum()), int(((second > 12) & found).sum())
    if day_first != month_first and not (day_first and month_first):
        return "dmy" if day_first else "mdy"
    if day_first and month_first:
        # Both occur: the rows of the rarer kind are faults, and will be named as such, if they are few.
        rare, common = sorted((day_first, month_first))
        return None if rare * 20 > common else ("dmy" if day_first > month_first else "mdy")
    if set(parts.text("sep").filter(pa.array(found)).unique().to_pylist()) == {"."}:
        return "dmy"
    return _by_sequence(parts, first, second)


def _by_sequence(parts: Parts, first: Micros, second: Micros) -> str | None:
    year, hour, minute = parts.whole("y"), parts.whole("H"), parts.whole("M")
    readings = {}
    for order, day, month in (("dmy", first, second), ("mdy", second, first)):
        date, _ = from_civil(year, month, day)
        readings[order] = (date + (hour * 60 + minute) * 60 * SECOND)[parts.found]
    running = [order for order, times in readings.items() if _runs_one_way(times)]
    if len(running) == 1:
        return running[0]
    if not (hour + minute).any():
        return None
    close = [order for order, times in readings.items() if _days_follow(times)]
    return close[0] if len(close) == 1 else None


def _runs_one_way(times: Micros) -> bool:
    steps = np.diff(times)
    return bool(len(steps)) and bool((steps >= 0).all() or (steps <= 0).all()) and bool((steps != 0).any())


def _days_follow(times: Micros) -> bool:
    gaps = np.diff(np.unique(times // DAY))
    return bool(len(gaps)) and bool(np.median(gaps) <= _LONGEST_CLOSURE_DAYS)


def _example(parts: Parts) -> str:
    row = int(np.argmax(parts.found))
    return str(parts.text("sep")[row].as_py()).join(str(int(parts.whole(name)[row])) for name in ("a", "b", "y"))
