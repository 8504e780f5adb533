"""Checks an answer: every figure in its text is traced to the tool result that contains it, or marked unverified.

A figure stands for a result's value when rounding that value to the figure's shown decimals gives it. A figure in
percent stands only for values in percent, a sum of money never for one; what a person wrote in the question counts for
nothing. Where several values fit, the exact one nearest in the text's own terms is taken.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from outcry.services.ai.facts import Fact, Facts, is_period
from outcry.services.ai.numerals import Numeral, find_numerals
from outcry.services.chat.contracts import Figure, Source

_DOWN = re.compile(
    r"\b(?:fell|fall(?:s|en|ing)?|drop(?:s|ped|ping)?|los(?:t|e|es|s|ing)|declin\w+|down|decreas\w+|slid|slipped|sank|lower"
    r"|below|under|drawdown|behind|trail\w*|negative|minus|off|short of)\b",
    re.IGNORECASE,
)
_ABOUT = r"(?: (?:by|about|around|just|only|some|roughly|nearly))*[ *_`]*$"
_RIGHT_DOWN = re.compile(
    r"\b(?:fell|fallen|dropped|lost|declined|slid|slipped|sank|down|decreased|loss of)" + _ABOUT,
    re.IGNORECASE,
)
_RIGHT_UP = re.compile(
    r"\b(?:rose|risen|gained|climbed|grew|up|added|increased|advanced|gain of)" + _ABOUT,
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|of|since|year|for|from|to|until|through|throughout|during|and|between|early|late|mid|end|start|calendar|all"
    r"|whole)[ *_`]*|[(\-–—][ ]?|\|[ *_]*)$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"[.!?;](?=\s)|\n")
_COUNTS = {"bars", "count", "limit", "warm_up", "overbought_above", "oversold_below"}
_SIGNED = ("change", "return", "change_percent", "total_return_percent")


def check_figures(text: str, sources: Sequence[Source]) -> tuple[Figure, ...]:
    """Return every figure of a Markdown text with where its value stands; code points, in order, never overlapping."""
    facts = Facts(sources)
    context = _Context(text, facts)
    figures = []
    for numeral in find_numerals(text):
        fact = _find(numeral, text, facts, context)
        figures.append(
            Figure(
                start=numeral.start,
                end=numeral.end,
                source_id=fact.source_id if fact else None,
                path=fact.path if fact else None,
            )
        )
    return tuple(figures)


class _Context:
    """Which instrument a place of the text is about: the one last named before it, in a table its column's or row's."""

    def __init__(self, text: str, facts: Facts) -> None:
        self.text = text
        spellings = {spelling: symbol for symbol, names in facts.names.items() for spelling in names if spelling}
        self._mentions: list[tuple[int, str]] = []
        if spellings:
            longest = sorted(spellings, key=len, reverse=True)
            pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)", re.IGNORECASE)
            self._mentions = [(match.start(), spellings[match[0].lower()]) for match in pattern.finditer(text)]
        self._starts = [start for start, _ in self._mentions]
        self._breaks = [0, *(match.end() for match in _BREAK.finditer(text)), len(text)]

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence (or line) around a position begins and ends."""
        index = bisect_right(self._breaks, at)
        return self._breaks[index - 1], self._breaks[min(index, len(self._breaks) - 1)]

    def symbol(self, at: int) -> str:
        """The instrument that a figure is about, empty when none was named."""
        if column := self._column_symbol(at):
            return column
        index = bisect_right(self._starts, at)
        start, end = self.sentence(at)
        if index and self._starts[index - 1] >= start:
            return self._mentions[index - 1][1]
        if index < len(self._starts) and self._starts[index] < end:
            return self._mentions[index][1]
        return self._mentions[index - 1][1] if index else ""

    def _column_symbol(self, at: int) -> str:
        line_start = self.text.rfind("\n", 0, at) + 1
        if not self.text.startswith("|", line_start):
            return ""
        column = self.text.count("|", line_start, at)
        header_start = line_start
        while header_start and self.text.startswith("|", previous := self.text.rfind("\n", 0, header_start - 1) + 1):
            header_start = previous
        header = self.text[header_start : self.text.find("\n", header_start)]
        cells = header.split("|")
        if column >= len(cells) or header_start == line_start:
            return ""
        begin = header_start + sum(len(cell) + 1 for cell in cells[:column])
        end = begin + len(cells[column])
        return next((symbol for start, symbol in self._mentions if begin <= start < end), "")


def _find(numeral: Numeral, text: str, facts: Facts, context: _Context) -> Fact | None:
    if numeral.kind == "spelled":
        return None
    if numeral.kind != "number":
        return _best_day(numeral, facts, context)
    return (
        _number_fact(numeral, text, facts, context)
        or _named(numeral, text, facts)
        or _year(numeral, text, facts, context)
    )


def _best_day(numeral: Numeral, facts: Facts, context: _Context) -> Fact | None:
    fitting = [fact for fact in facts.days if _same_day(numeral, fact)]
    if numeral.kind == "month" and not fitting:
        written = context.text[numeral.start : numeral.end].lower()
        return next((fact for fact in facts.texts if is_period(fact) and written in fact.text.lower()), None)
    return _nearest(numeral, fitting, context)


def _same_day(numeral: Numeral, fact: Fact) -> bool:
    shown, held = numeral.day, fact.day
    if shown is None or held is None:
        return False
    if numeral.kind == "day":
        return shown == held
    if numeral.kind == "month":
        return (shown.year, shown.month) == (held.year, held.month)
    return (shown.month, shown.day) == (held.month, held.day)


def _number_fact(numeral: Numeral, text: str, facts: Facts, context: _Context) -> Fact | None:
    fitting = [fact for fact in facts.near(numeral.value, numeral.step) if _fits(numeral, fact, text, context)]
    return _nearest(numeral, fitting, context)


def _fits(numeral: Numeral, fact: Fact, text: str, context: _Context) -> bool:
    if numeral.percent and not fact.is_percent:
        return False
    if numeral.currency and (fact.is_percent or fact.is_argument or fact.key in _COUNTS or "/parameters/" in fact.path):
        return False
    if fact.is_percent and not numeral.percent and numeral.step == 1:
        return False
    exact = float(numeral.value) == abs(fact.number)
    if fact.is_argument:
        return exact and numeral.value < 10_000 and numeral.step == 1 and not numeral.sign and not numeral.percent
    if not exact and numeral.digits < 2 and not numeral.percent:
        return False
    return _sign_fits(numeral, fact, text, context)


def _sign_fits(numeral: Numeral, fact: Fact, text: str, context: _Context) -> bool:
    if fact.number == 0:
        return True
    before = text[max(0, numeral.start - 40) : numeral.start]
    if numeral.sign:
        return (fact.number < 0) == (numeral.sign == "-")
    if fact.number > 0:
        return not (_RIGHT_DOWN.search(before) and fact.key in _SIGNED)
    if _RIGHT_UP.search(before):
        return False
    start, end = context.sentence(numeral.start)
    return "drawdown" in fact.key or _DOWN.search(text[start:end]) is not None


def _nearest(numeral: Numeral, fitting: Sequence[Fact], context: _Context) -> Fact | None:
    if not fitting:
        return None
    symbol = context.symbol(numeral.start)
    start, end = context.sentence(numeral.start)
    words = set(re.findall(r"[a-z]+", context.text[start:end].lower()))

    def score(fact: Fact) -> tuple[bool, bool, bool, bool, bool, int, int]:
        about = bool(symbol) and fact.symbol == symbol
        named = sum(part in words for part in fact.key.lower().split("_"))
        return (
            not fact.is_argument,
            about,
            fact.is_percent == numeral.percent,
            "/rows/" not in fact.path,
            fact.day is not None or abs(fact.number) == float(numeral.value),
            named,
            -fact.order,
        )

    return max(fitting, key=score)


def _named(numeral: Numeral, text: str, facts: Facts) -> Fact | None:
    """A number that is part of a name: "S&P 500" where a result has that name, "14" of a period that it names."""
    if numeral.percent or numeral.currency:
        return None
    shown = re.sub(r"[^\d.].*$", "", text[numeral.start : numeral.end].lstrip("-−–+"))
    before = text[max(0, numeral.start - 30) : numeral.start].lower()
    after = text[numeral.end : numeral.end + 30].lower()
    for fact in facts.texts:
        for match in re.finditer(rf"(?<![\d.,]){re.escape(shown)}(?![\d,]|\.\d)", fact.text):
            if _same_words(fact.text[: match.start()].lower(), fact.text[match.end() :].lower(), before, after):
                return fact
    return None


def _same_words(held_before: str, held_after: str, before: str, after: str) -> bool:
    """Whether the text goes on around the number as the name does: the word before it, else the word after it."""
    if held_before.strip():
        last = held_before.split()[-1].lstrip("(“")
        glued = held_before[-1:].isspace()
        return before.rstrip().endswith(last) if glued else before.endswith(held_before.split()[-1])
    following = re.match(r"[\s-]*\w+", held_after)
    return following is not None and after.startswith(following[0])


def _year(numeral: Numeral, text: str, facts: Facts, context: _Context) -> Fact | None:
    """A bare year, where the text uses it as one and a result has a date in it."""
    year = numeral.value
    plain = numeral.step == 1 and not (numeral.percent or numeral.currency or numeral.scaled or numeral.sign)
    if not plain or not 1800 <= year <= 2199 or "," in text[numeral.start : numeral.end]:
        return None
    if not _YEAR_BEFORE.search(text[max(0, numeral.start - 16) : numeral.start]):
        return None
    return _nearest(numeral, [fact for fact in facts.days if fact.day and fact.day.year == year], context)
