"""Trading calendars: which days and which hours a market is open. The library is imported when first asked."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from outcry.kit.market import Micros

_DAY = 86_400_000_000
ALWAYS = "24/7"
# The library's calendars reach twenty years back unless they are told otherwise, and hold every session in memory.
_EARLIEST = date(1970, 1, 1)


class UnknownCalendarError(LookupError):
    """There is no trading calendar of this name."""


def is_calendar(name: str) -> bool:
    """Say whether a name is that of a calendar; slow the first time: run it in a thread."""
    from exchange_calendars import get_calendar_names

    return name in get_calendar_names(include_aliases=True)


def session_days(name: str, first: date, last: date) -> Micros:
    """Return midnight UTC, in microseconds, of each session's date within two dates, both included.

    Raises UnknownCalendarError. Before 1970, and more than a year ahead, every weekday counts as a session.
    """
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    if name == ALWAYS:
        return days.astype(np.int64) * _DAY
    calendar = _calendar(name, _rounded(first, back=True), _rounded(last, back=False))
    known = calendar.sessions.to_numpy().astype("datetime64[D]")
    open_days = days[np.isin(days, known)]
    outside = days[(days < known[0]) | (days > known[-1])]
    weekdays = outside[np.is_busday(outside)]
    return np.sort(np.concatenate([open_days, weekdays])).astype(np.int64) * _DAY


def session_hours(name: str, first: date, last: date) -> tuple[Micros, Micros]:
    """Return when each session within two dates opens and when it closes, UTC, in microseconds.

    Raises UnknownCalendarError. A break at noon, where a market has one, counts as open. Of ``24/7`` each day is one.
    """
    if name == ALWAYS:
        days = session_days(name, first, last)
        return days, days + _DAY
    calendar = _calendar(name, _rounded(first, back=True), _rounded(last, back=False))
    low, high = np.datetime64(first, "D"), np.datetime64(last, "D")
    known = calendar.sessions.to_numpy().astype("datetime64[D]")
    chosen = (known >= low) & (known <= high)
    return _micros(calendar.opens)[chosen], _micros(calendar.closes)[chosen]


def _micros(times: Any) -> Micros:
    plain: Micros = times.dt.tz_convert(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    return plain


def _rounded(day: date, *, back: bool) -> date:
    """Round a date to a whole decade, so that few calendars are made: each takes a second of work and a megabyte."""
    decade = day.year // 10 * 10
    return max(_EARLIEST, date(decade, 1, 1)) if back else date(max(decade + 9, 1979), 12, 31)


@lru_cache(maxsize=16)
def _calendar(name: str, first: date, last: date) -> Any:
    from exchange_calendars import get_calendar
    from exchange_calendars.calendar_utils import global_calendar_dispatcher
    from exchange_calendars.errors import InvalidCalendarName

    try:
        resolved = global_calendar_dispatcher.resolve_alias(name)
        kind = global_calendar_dispatcher._calendar_factories[resolved]
    except (InvalidCalendarName, KeyError) as error:
        raise UnknownCalendarError(name) from error
    # Some markets' calendars do not reach as far as we ask.
    least, most = kind.bound_min(), kind.bound_max()
    begin = first if least is None else max(first, least.date())
    end = min(last, date.today() + timedelta(days=364))  # noqa: DTZ011 - any zone's today will do for a year ahead
    if most is not None:
        end = min(end, most.date())
    return get_calendar(resolved, start=begin, end=max(end, begin + timedelta(days=7)))
