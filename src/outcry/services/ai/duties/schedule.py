"""When a duty is due: a time of day in somebody's zone, on some days of the week. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outcry.kit.errors import InvalidInputError

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_WEEKDAYS, _EVERY_DAY = 0b0011111, 0b1111111


@dataclass(frozen=True, slots=True)
class Schedule:
    """Days of the week as bits (the lowest is Monday's), the minute of the day, and the zone both are meant in."""

    days: int
    minute: int
    zone: str

    @property
    def at(self) -> str:
        """The time of day, such as 17:00."""
        return f"{self.minute // 60:02}:{self.minute % 60:02}"

    @property
    def day_numbers(self) -> tuple[int, ...]:
        """The days, 1 for Monday."""
        return tuple(number for number in range(1, 8) if self.days >> (number - 1) & 1)

    def describe(self) -> str:
        """Return it in words: every weekday at 17:00."""
        if self.days == _EVERY_DAY:
            return f"every day at {self.at}"
        if self.days == _WEEKDAYS:
            return f"every weekday at {self.at}"
        names = [DAY_NAMES[number - 1] for number in self.day_numbers]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        return f"every {listed} at {self.at}"

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time after a moment, in UTC.

        A time that a spring night leaves out comes as much later as the clocks go forward; one that an autumn night has
        twice comes the first time only.
        """
        zone = ZoneInfo(self.zone)
        day = moment.astimezone(zone).date()
        # The day itself and the seven after it: one of them is among the days, and later than the moment.
        for _ in range(9):
            if self.days >> day.weekday() & 1:
                local = datetime.combine(day, time(self.minute // 60, self.minute % 60), tzinfo=zone)
                due = local.astimezone(UTC)
                if due > moment:
                    return due
            day += timedelta(days=1)
        raise ValueError("a schedule without days")


def read_schedule(days: Iterable[int], at: str, zone: str) -> Schedule:
    """Return a schedule of what somebody typed; raises InvalidInputError naming the field."""
    bits = 0
    for day in days:
        if not 1 <= day <= 7:
            raise _refusal("days", "are 1 for Monday to 7 for Sunday")
        bits |= 1 << (day - 1)
    if not bits:
        raise _refusal("days", "names at least one day")
    found = _TIME.fullmatch(at)
    if found is None:
        raise _refusal("at", "is a time such as 17:00")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _refusal("zone", "is a time zone such as Europe/Berlin") from error
    return Schedule(bits, 60 * int(found[1]) + int(found[2]), zone)


def _refusal(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"A duty's {field} {message}.", errors=({"field": field, "message": message},))
