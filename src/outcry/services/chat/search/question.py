"""Reads what a person typed into the search box."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from outcry.kit.text import clean_line
from outcry.ports.text_search import Clause
from outcry.services.chat.search.documents import HAS, SYMBOL
from outcry.services.chat.search.errors import UnreadableSearchError

LONGEST = 400
MOST_CLAUSES = 16

_TOKEN = re.compile(
    r"""(?P<filter>[A-Za-z]+):(?!//)(?:"(?P<quoted>[^"]*)(?P<end>"?)|(?P<value>[^\s"]+))"""
    r"""|"(?P<phrase>[^"]*)(?P<closed>"?)"""
    r"""|(?P<word>[^\s"]+)"""
)
_SYMBOL = re.compile(SYMBOL)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILTERS = "from:, in:, has:, before:, after:, on:"


@dataclass
class Question:
    """A search as it was typed: names of people and rooms are not looked up yet."""

    clauses: list[Clause] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    since: datetime | None = None
    until: datetime | None = None


def read_question(text: str) -> Question:
    """Read words, ``"phrases"``, ``$symbols`` and filters; days are days of UTC. Raises UnreadableSearchError."""
    line = clean_line(text)
    if len(line) > LONGEST:
        raise UnreadableSearchError(f"A search can have {LONGEST} characters at most.")
    tokens = list(_TOKEN.finditer(line))
    if len(tokens) > MOST_CLAUSES:
        raise UnreadableSearchError(f"A search can have {MOST_CLAUSES} words, phrases and filters at most.")
    question = Question()
    for token in tokens:
        _take(question, token, going_on=token is tokens[-1] and not text[-1].isspace())
    if not tokens or question == Question():
        raise UnreadableSearchError("Type at least one word to search for.")
    return question


def _take(question: Question, token: re.Match[str], *, going_on: bool) -> None:
    if token["filter"]:
        if token["value"] is None and not token["end"]:
            raise UnreadableSearchError('A quotation mark (") is not closed.')
        _filter(question, token["filter"].lower(), (token["value"] or token["quoted"] or "").strip())
    elif token["word"] is None:
        if not token["closed"]:
            raise UnreadableSearchError('A quotation mark (") is not closed.')
        _say(question, token["phrase"], going_on=False)
    elif _SYMBOL.fullmatch(token["word"]) and not going_on:
        question.flags.add(token["word"].upper())
    else:
        _say(question, token["word"], going_on=going_on)


def _say(question: Question, text: str, *, going_on: bool) -> None:
    # Signs alone are no word of any text: "a & b" is "a b".
    if any(character.isalnum() for character in text):
        question.clauses.append(Clause(text=text, prefix=going_on))


def _filter(question: Question, name: str, value: str) -> None:
    act = _ACTS.get(name)
    if act is None:
        raise UnreadableSearchError(
            f'There is no filter {name}:, only {_FILTERS}. To search for it as text, put it in quotation marks (").'
        )
    if not value:
        raise UnreadableSearchError(f"Say what after {name}:")
    act(question, value)


def _has(question: Question, value: str) -> None:
    if value.lower() not in HAS:
        raise UnreadableSearchError(f"has:{value} is not known, only {', '.join(f'has:{one}' for one in HAS)}.")
    question.flags.add(value.lower())


def _before(question: Question, value: str) -> None:
    _until(question, _day("before", value))


def _after(question: Question, value: str) -> None:
    _since(question, _next(_day("after", value)))


def _on(question: Question, value: str) -> None:
    day = _day("on", value)
    _since(question, day)
    _until(question, _next(day))


def _since(question: Question, moment: datetime) -> None:
    question.since = max(question.since or moment, moment)


def _until(question: Question, moment: datetime) -> None:
    question.until = min(question.until or moment, moment)


def _day(name: str, value: str) -> datetime:
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError as error:
        raise UnreadableSearchError(
            f"{name}:{value} is no day. Write it as year-month-day, such as {name}:2026-01-31."
        ) from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _next(day: datetime) -> datetime:
    try:
        return day + timedelta(days=1)
    except OverflowError as error:
        raise UnreadableSearchError("This day is too far in the future.") from error


_ACTS: dict[str, Callable[[Question, str], None]] = {
    "from": lambda question, value: question.people.append(value),
    "in": lambda question, value: question.rooms.append(value),
    "has": _has,
    "before": _before,
    "after": _after,
    "on": _on,
}
