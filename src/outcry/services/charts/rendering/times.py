"""Where bars stand from left to right, and which of them the time axis names.

Bars are equally far apart, whatever time lies between them: nights and weekends take no room.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from outcry.kit.market import Timeframe

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_local(milliseconds: int, zone: tzinfo) -> datetime:
    """Return a time as clocks in a zone show it."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(zone)


class TimeAxis:
    """Bars between ``left`` and ``right``, pixels from the picture's left edge; times in milliseconds."""

    def __init__(self, times: Sequence[int], timeframe: Timeframe, *, zone: str, left: float, right: float) -> None:
        self.times = times
        self.left, self.right = left, right
        self.step = (right - left) / max(1, len(times))
        # Days, weeks and months are stamped with midnight UTC of their date, whatever the exchange's zone.
        self._zone: tzinfo = ZoneInfo(zone) if timeframe.is_intraday else UTC
        gaps = [after - before for before, after in pairwise(times)]
        # Of bricks more than half may be of the bar that the one before is of.
        self._gap = (median(gaps) if gaps else 0) or timeframe.duration.total_seconds() * 1000

    def x(self, number: float) -> float:
        """Return where the middle of a bar is; between two bars for a broken number."""
        return self.left + (number + 0.5) * self.step

    def x_of(self, time: float) -> float:
        """Return where a time is: between the bars around it, and beyond the ends by the usual distance of bars."""
        times = self.times
        if not times:
            return self.left
        if time <= times[0]:
            return self.x((time - times[0]) / self._gap)
        if time >= times[-1]:
            return self.x(len(times) - 1 + (time - times[-1]) / self._gap)
        after = bisect_right(times, time)
        before = after - 1
        return self.x(before + (time - times[before]) / (times[after] - times[before]))

    def labels(self, *, apart: float = 72) -> list[tuple[int, str, bool]]:
        """Return (number of a bar, label, whether a year begins) at even distances of time, about ``apart`` pixels.

        Named are the bars at which the finest of ``_GRAINS`` begins anew of which there are not too many.
        """
        moments = [to_local(time, self._zone) for time in self.times]
        most = max(1, int((self.right - self.left) / apart))
        begins: list[int] = []
        for grain in _GRAINS:
            keys = [grain(moment) for moment in moments]
            found = [number for number in range(1, len(keys)) if keys[number] != keys[number - 1]]
            if len(found) > most:
                break
            begins = found
        chosen: list[tuple[int, str, bool]] = []
        for number in begins:
            label, year = _label(moments[number - 1], moments[number])
            near = bool(chosen) and self.x(number) - self.x(chosen[-1][0]) < 0.55 * apart
            if near and year:
                chosen.pop()
            if (not near or year) and self.left + 18 <= self.x(number) <= self.right - 18:
                chosen.append((number, label, year))
        return chosen


# What a moment belongs to, from the coarsest to the finest.
_GRAINS: tuple[Callable[[datetime], Hashable], ...] = (
    lambda moment: moment.year // 10,
    lambda moment: moment.year // 5,
    lambda moment: moment.year // 2,
    lambda moment: moment.year,
    lambda moment: (moment.year, (moment.month - 1) // 6),
    lambda moment: (moment.year, (moment.month - 1) // 3),
    lambda moment: (moment.year, moment.month),
    lambda moment: (moment.year, moment.month, moment.day > 15),
    lambda moment: (moment.year, moment.month, min((moment.day - 1) // 7, 3)),
    lambda moment: moment.toordinal(),
    lambda moment: (moment.toordinal(), moment.hour // 6),
    lambda moment: (moment.toordinal(), moment.hour // 3),
    lambda moment: (moment.toordinal(), moment.hour // 2),
    lambda moment: (moment.toordinal(), moment.hour),
    lambda moment: (moment.toordinal(), moment.hour, moment.minute // 30),
    lambda moment: (moment.toordinal(), moment.hour, moment.minute // 15),
    lambda moment: (moment.toordinal(), moment.hour, moment.minute // 5),
    lambda moment: (moment.toordinal(), moment.hour, moment.minute),
)


def _label(before: datetime, now: datetime) -> tuple[str, bool]:
    """Return what a bar is called by what begins with it, and whether that is a year."""
    if now.year != before.year:
        return f"{now.year}", True
    if now.month != before.month and now.day <= 4:
        return f"{now:%b}", False
    if now.date() != before.date():
        return f"{now.day} {now:%b}", False
    return f"{now:%H:%M}", False
