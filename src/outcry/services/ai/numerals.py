"""Finds every figure in an answer's text: numbers as people write them, dates, months and years."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from outcry.services.ai.periods import MONTHS

_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?:1[89]|20|21)\d\d"
_DATE = re.compile(
    rf"(?P<iso>(?<![\d.])\d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}})?Z?)?(?![\d%]))"
    rf"|(?P<day_first>(?<![\w.])\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})(?:,? \d{{4}})?(?!\d))"
    rf"|(?P<month_first>\b(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?(?![\d.%])(?:,? (?:{_YEAR})(?![\d%]))?)"
    rf"|(?P<month>\b(?:{_MONTH}),? (?:{_YEAR})(?![\d%]))",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w.)\]])[+\-−–])?"
    r"(?P<currency>(?:US)?[$€£¥] ?)?"
    r"(?P<inner>[+\-−])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+)"
    r"(?P<exponent>e[+-]?\d{1,3}(?![\w]))?"
    r"(?P<scale> ?(?:thousand|million|billion|trillion)s?\b| ?(?:[KMBT]|bn|mn|tn|mm)(?![\w.-]))?"
    r"(?P<percent> ?%| ?per ?cent\b| ?pct\b| ?percentage points?\b| ?pp\b)?",
    re.IGNORECASE,
)
_ODD = re.compile(r"[¼½¾⅐-⅞⁰¹²³⁴-⁹₀-₉①-⓿]+")
_NUMBER_WORD = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half"
)
_SPELLED = re.compile(
    rf"\b(?:{_NUMBER_WORD})(?:(?:[ -]| and | point )(?:{_NUMBER_WORD}))* (?:per ?cent|percentage points?|dollars?|%)",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"^[ \t>]{0,8}(\d{1,2})[.)][ \t]", re.MULTILINE)
_SCALES = {"k": 3, "t": 12, "m": 6, "b": 9}

Kind = Literal["number", "day", "month", "year_day", "spelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """One figure in a text: characters ``start`` up to ``end``.

    ``value`` is the number with its scale, ``step`` the worth of its last shown digit (both in the scale's units);
    ``sign`` is what was written before it. A ``day`` has a whole date, a ``month`` year and month in ``day`` with any
    day, a ``year_day`` month and day without a year.
    """

    kind: Kind
    start: int
    end: int
    value: Decimal = Decimal(0)
    step: Decimal = Decimal(1)
    digits: int = 0
    sign: Literal["", "+", "-"] = ""
    percent: bool = False
    points: bool = False
    currency: bool = False
    scaled: bool = False
    day: date | None = None


def find_numerals(text: str) -> list[Numeral]:
    """Return all figures of a text in order; only the numbering of a list that counts up from 1 is left out."""
    taken = list(_dates(text))
    covered = bytearray(len(text))
    for numeral in taken:
        covered[numeral.start : numeral.end] = b"\x01" * (numeral.end - numeral.start)
    skipped = _list_numbers(text)
    for finder in (_spelled, _numbers):
        for numeral in finder(text):
            if not any(covered[numeral.start : numeral.end]) and numeral.start not in skipped:
                taken.append(numeral)
                covered[numeral.start : numeral.end] = b"\x01" * (numeral.end - numeral.start)
    return sorted(taken, key=lambda each: each.start)


def _list_numbers(text: str) -> set[int]:
    """Where list numbers stand. A number that does not continue the count is a figure, wherever it stands."""
    expected, found = 1, set()
    for match in _LIST_ITEM.finditer(text):
        number = int(match[1])
        if number not in (1, expected):
            continue
        found.add(match.start(1))
        expected = number + 1
    return found


def _dates(text: str) -> Iterator[Numeral]:
    for match in _DATE.finditer(text):
        numeral = _date_numeral(match)
        if numeral is not None:
            yield numeral


def _date_numeral(match: re.Match[str]) -> Numeral | None:
    words = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|\bof\b|[.,]", " ", match[0].lower()).split()
    start, end = match.span()
    try:
        if match["iso"]:
            return Numeral(kind="day", start=start, end=end, day=date.fromisoformat(match[0][:10]))
        if match["month"]:
            return Numeral(kind="month", start=start, end=end, day=date(int(words[1]), MONTHS[words[0]], 1))
        day, month = (words[0], words[1]) if match["day_first"] else (words[1], words[0])
        if len(words) == 3:
            return Numeral(kind="day", start=start, end=end, day=date(int(words[2]), MONTHS[month], int(day)))
        return Numeral(kind="year_day", start=start, end=end, day=date(2000, MONTHS[month], int(day)))
    except ValueError:
        return None


def _spelled(text: str) -> Iterator[Numeral]:
    for match in _SPELLED.finditer(text):
        yield Numeral(kind="spelled", start=match.start(), end=match.end())
    for match in _ODD.finditer(text):
        yield Numeral(kind="spelled", start=match.start(), end=match.end())


def _numbers(text: str) -> Iterator[Numeral]:
    for match in _NUMBER.finditer(text):
        digits = match["digits"].replace(",", "")
        try:
            exponent = int(match["exponent"][1:]) if match["exponent"] else 0
            scale = match["scale"] or ""
            power = exponent + (_SCALES[scale.strip().lower()[0]] if scale else 0)
            value = Decimal(digits).scaleb(power)
        except (InvalidOperation, ValueError):
            yield Numeral(kind="spelled", start=match.start(), end=match.end())
            continue
        decimals = len(digits.partition(".")[2])
        written = match["sign"] or match["inner"] or ""
        percent = (match["percent"] or "").strip().lower()
        yield Numeral(
            kind="number",
            start=match.start("currency") if match["currency"] and not match["sign"] else _start(match),
            end=match.end(),
            value=value,
            step=Decimal(1).scaleb(power - decimals),
            digits=len(digits.replace(".", "").lstrip("0")),
            sign="" if not written else "+" if written == "+" else "-",
            percent=bool(percent),
            points="point" in percent or percent == "pp",
            currency=bool(match["currency"]),
            scaled=bool(scale) or bool(match["exponent"]),
        )


def _start(match: re.Match[str]) -> int:
    return match.start("sign") if match["sign"] else match.start()
