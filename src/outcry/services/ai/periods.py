"""Periods as people say them, counted from the newest bar: "this year", "last 30 days", "in March 2017"."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
} | {"a": 1, "an": 1, "couple of": 2, "twenty": 20, "thirty": 30, "fifty": 50, "ninety": 90, "hundred": 100}
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH}),? (\d{{4}})")
_MONTH_FIRST = re.compile(rf"({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})")
_MONTH_YEAR = re.compile(rf"({_MONTH})(?: of)?,? (\d{{4}})")
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_QUARTER = re.compile(r"(?:q([1-4])|(first|second|third|fourth) quarter)(?: of)?,? (\d{4})")
_HALF = re.compile(r"(?:h([12])|(first|second) half)(?: of)?,? (\d{4})")
_YEAR = re.compile(r"(?:the year |all of |calendar year )?((?:19|20)\d{2})")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_SPAN = re.compile(
    r"(?:(?:the )?(?:last|past|previous|prior|trailing|recent|latest) )?"
    rf"(\d{{1,5}}|{'|'.join(_WORDS)})[ -]?"
    r"(trading days?|sessions?|bars?|days?|d|weeks?|wks?|w|months?|mos?|m|quarters?|years?|yrs?|y|decades?)"
)
_BETWEEN = (
    re.compile(r"(?:from )(.+?) (?:to|until|till|through|up to|and) (.+)"),
    re.compile(r"(?:between )(.+?) (?:and|to) (.+)"),
    re.compile(r"(.+?) (?:to|until|till|through|-|–|\.\.) (.+)"),
    re.compile(r"(.+?)(?:\.\.|–)(.+)"),
)


class PeriodError(ValueError):
    """A period cannot be understood or lies outside of any calendar; the message says so to the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch of sessions, both ends included.

    ``base`` is the day whose close (or the last close before it) changes are counted from; None means the first
    bar. ``first`` and ``last`` bound the bars inside; None is open. ``sessions``, where set, asks for that many of
    the newest bars instead, after leaving out the newest ``skip``.
    """

    label: str
    base: date | None = None
    first: date | None = None
    last: date | None = None
    sessions: int | None = None
    skip: int = 0


def parse_period(text: str, *, newest: date) -> Period:
    """Return the period that ``text`` names, counted from ``newest``, the date of the newest bar.

    "This year" reaches from the last close before 1 January of the newest bar's year to the newest bar. Raises
    PeriodError with a plain sentence for what is not a period.
    """
    phrase = " ".join(text.lower().replace("'s", "").split()).strip(" ?!.,;:")
    phrase = re.sub(r"^(?:so far )?(?:in|over|during|for|within|throughout|on|across|at) (?=\S)", "", phrase)
    phrase = re.sub(r"(?<=\S) so far$", "", phrase)
    for reader in (_named, _trailing, _since, _between, _single):
        period = reader(phrase, newest)
        if period is not None:
            return _checked(period, newest)
    raise PeriodError(
        f"“{text.strip()[:60]}” is not a period I can read. Try “this year”, “last 30 days”, “March 2017”, "
        "“since 2015” or “from 2014-01-02 to 2015-03-01”."
    )


def _checked(period: Period, newest: date) -> Period:
    if period.first is not None and period.first > newest:
        raise PeriodError(f"The newest data is of {newest.isoformat()}; {period.label} begins after it.")
    if period.first is not None and period.last is not None and period.first > period.last:
        raise PeriodError(f"{period.label.capitalize()} ends before it begins.")
    return period


def _window(label: str, first: date, last: date | None) -> Period:
    """A period of whole days; its change is counted from the last close before it."""
    return Period(label=label, base=first - timedelta(days=1), first=first, last=last)


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, or that month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        raise PeriodError("That period reaches back before any calendar.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _quarter_start(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def _whole_quarter_before(newest: date) -> Period:
    start = _quarter_start(newest)
    return _window("last quarter", months_before(start, 3), start - timedelta(days=1))


def _whole_month_before(newest: date) -> Period:
    start = newest.replace(day=1)
    return _window("the previous month", months_before(start, 1), start - timedelta(days=1))


def _whole_week_before(newest: date) -> Period:
    monday = newest - timedelta(days=newest.weekday())
    return _window("the previous week", monday - timedelta(days=7), monday - timedelta(days=1))


def _back(label: str, base: date) -> Period:
    return Period(label=label, base=base, first=base + timedelta(days=1))


_NAMED: tuple[tuple[str, Callable[[date], Period]], ...] = (
    (
        r"all[- ]time|max|ever|all|since (?:the )?(?:beginning|start|inception)"
        r"|(?:the )?(?:whole|entire|full) (?:history|period|record)|all (?:the )?(?:data|history)",
        lambda newest: Period(label="all time"),
    ),
    (
        r"today|now|(?:the )?(?:latest|last|newest) (?:session|trading day|bar|day)|1d",
        lambda newest: Period(label="the newest session", sessions=1),
    ),
    (
        r"yesterday|(?:the )?(?:previous|prior) (?:session|trading day|day)",
        lambda newest: Period(label="the session before the newest", sessions=1, skip=1),
    ),
    (
        r"ytd|year[- ]to[- ]date|(?:this|the current) year",
        lambda newest: _window("this year", date(newest.year, 1, 1), None),
    ),
    (
        r"qtd|quarter[- ]to[- ]date|(?:this|the current) quarter",
        lambda newest: _window("this quarter", _quarter_start(newest), None),
    ),
    (
        r"mtd|month[- ]to[- ]date|(?:this|the current) month",
        lambda newest: _window("this month", newest.replace(day=1), None),
    ),
    (
        r"wtd|week[- ]to[- ]date|(?:this|the current) week",
        lambda newest: _window("this week", newest - timedelta(days=newest.weekday()), None),
    ),
    (
        r"last year|(?:the )?(?:previous|prior) year|(?:the )?year before",
        lambda newest: _window("last year", date(newest.year - 1, 1, 1), date(newest.year - 1, 12, 31)),
    ),
    (r"last quarter|(?:the )?(?:previous|prior) quarter", _whole_quarter_before),
    (r"(?:the )?(?:previous|prior) month", _whole_month_before),
    (r"(?:the )?(?:previous|prior) week", _whole_week_before),
    (
        r"(?:the )?(?:last|past) year|(?:the )?(?:last|past) twelve months",
        lambda newest: _back("the last year", months_before(newest, 12)),
    ),
    (r"(?:the )?past quarter|the last quarter", lambda newest: _back("the last 3 months", months_before(newest, 3))),
    (r"(?:the )?(?:last|past) month", lambda newest: _back("the last month", months_before(newest, 1))),
    (r"(?:the )?(?:last|past) week", lambda newest: _back("the last week", newest - timedelta(days=7))),
    (r"(?:the )?(?:last|past) decade", lambda newest: _back("the last 10 years", months_before(newest, 120))),
)


def _named(phrase: str, newest: date) -> Period | None:
    for pattern, make in _NAMED:
        if re.fullmatch(pattern, phrase):
            return make(newest)
    return None


def _trailing(phrase: str, newest: date) -> Period | None:
    match = _SPAN.fullmatch(phrase)
    if match is None:
        return None
    count = int(match[1]) if match[1].isdigit() else _WORDS[match[1]]
    if count < 1:
        raise PeriodError("A period has to be at least one day long.")
    unit = match[2].rstrip("s")
    plural = "" if count == 1 else "s"
    if unit in ("trading day", "session", "bar"):
        return Period(label=f"the last {count} session{plural}", sessions=count)
    if unit in ("day", "d", "week", "wk", "w"):
        days = count if unit in ("day", "d") else 7 * count
        word = "day" if unit in ("day", "d") else "week"
        if days >= newest.toordinal():
            raise PeriodError("That period reaches back before any calendar.")
        return _back(f"the last {count} {word}{plural}", newest - timedelta(days=days))
    months, word = {"m": (1, "month"), "q": (3, "quarter"), "y": (12, "year"), "d": (120, "decade")}[unit[0]]
    return _back(f"the last {count} {word}{plural}", months_before(newest, months * count))


def _since(phrase: str, newest: date) -> Period | None:
    match = re.fullmatch(
        r"(?:ever )?(?:since|from|starting(?: in| from)?|after) (?:the )?(?:start of |beginning of )?(.+)", phrase
    )
    if match is None:
        return None
    span = _point(match[1], newest)
    if span is None:
        return None
    first, last = span
    label = f"since {_spelled(match[1])}" if first != last else f"since {first.isoformat()}"
    base = first if first == last else first - timedelta(days=1)
    return Period(label=label, base=base, first=first)


def _between(phrase: str, newest: date) -> Period | None:
    for pattern in _BETWEEN:
        match = pattern.fullmatch(phrase)
        if match is None:
            continue
        start = _point(match[1], newest)
        now = match[2] in ("now", "today", "date", "the newest bar")
        end = (newest, newest) if now else _point(match[2], newest)
        if start is None or end is None:
            continue
        base = start[0] if start[0] == start[1] else start[0] - timedelta(days=1)
        label = f"{start[0].isoformat()} to {end[1].isoformat()}"
        return Period(label=label, base=base, first=start[0], last=end[1])
    return None


def _single(phrase: str, newest: date) -> Period | None:
    span = _point(phrase, newest)
    if span is None:
        return None
    label = span[0].isoformat() if span[0] == span[1] else _spelled(phrase)
    return _window(label, *span)


def _spelled(phrase: str) -> str:
    """A phrase with its months and quarters in capitals, as they are written."""
    return re.sub(rf"\b(?:{_MONTH}|[qh][1-4]\b)", lambda match: match[0].capitalize(), phrase)


def parse_day(text: str, *, newest: date) -> date:
    """Return the last day of what ``text`` names (a date, a month, a year, "yesterday"); raises PeriodError."""
    phrase = re.sub(r"^(?:on|at|in|of) ", "", " ".join(text.lower().split()).strip(" ?!.,;:"))
    if phrase in ("today", "now", ""):
        return newest
    if phrase == "yesterday":
        return newest - timedelta(days=1)
    span = _point(phrase, newest)
    if span is None:
        raise PeriodError(f"“{text.strip()[:40]}” is not a date I can read. Write it as 2017-03-31.")
    return span[1]


def _day(year: str, month: int, day: str) -> tuple[date, date]:
    try:
        found = date(int(year), month, int(day))
    except ValueError as error:
        raise PeriodError(f"There is no such date: {year}-{month:02d}-{int(day):02d}.") from error
    return found, found


def _months(year: str, first: int, count: int) -> tuple[date, date]:
    if not 1 <= first <= 12 or int(year) < 1:
        raise PeriodError(f"There is no such month: {year}-{first:02d}.")
    last = first + count - 1
    return date(int(year), first, 1), date(int(year), last, monthrange(int(year), last)[1])


def _month_number(word: str) -> int:
    return MONTHS[word.rstrip(".")]


def _exact_day(phrase: str) -> tuple[date, date] | None:
    if match := _ISO.fullmatch(phrase):
        return _day(match[1], int(match[2]), match[3])
    if match := _DAY_FIRST.fullmatch(phrase):
        return _day(match[3], _month_number(match[2]), match[1])
    if match := _MONTH_FIRST.fullmatch(phrase):
        return _day(match[3], _month_number(match[1]), match[2])
    return None


def _point(phrase: str, newest: date) -> tuple[date, date] | None:
    """The first and last day of a date, month, quarter, half or year, None when it is none of them."""
    phrase = phrase.strip()
    if day := _exact_day(phrase):
        return day
    if match := _MONTH_YEAR.fullmatch(phrase):
        return _months(match[2], _month_number(match[1]), 1)
    if match := _YEAR_MONTH.fullmatch(phrase):
        return _months(match[1], int(match[2]), 1)
    if match := _QUARTER.fullmatch(phrase):
        quarter = int(match[1]) if match[1] else _ORDINALS[match[2]]
        return _months(match[3], 3 * quarter - 2, 3)
    if match := _HALF.fullmatch(phrase):
        half = int(match[1]) if match[1] else _ORDINALS[match[2]]
        return _months(match[3], 6 * half - 5, 6)
    if match := _YEAR.fullmatch(phrase):
        return _months(match[1], 1, 12)
    if re.fullmatch(_MONTH, phrase):
        month = _month_number(phrase)
        return _months(str(newest.year - (month > newest.month)), month, 1)
    return None
