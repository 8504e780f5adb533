"""From what was read to what to look up: names become symbols, follow-ups lean on earlier turns, parts become calls."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from outcry.adapters.models.desk.reading import Ask, Clause, Name, Question

MOST_SEARCHES = 14
MOST_SYMBOLS = 4
MOST_CALLS = 10
_RETURNS = ("performance", "volatility", "drawdown", "total_return")
_BARS = ("high", "low", "range", "volume", "summary")
_DATE_LIKE = re.compile(r"\d{4}")

Searches = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One tool call: the tool's name and its arguments."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the answer: what is asked of which symbols, and the calls that it needs."""

    asks: tuple[Ask, ...]
    symbols: tuple[str, ...]
    period: str
    on: str
    unknown: tuple[str, ...] = ()
    beyond: str = ""
    lookups: tuple[Lookup, ...] = ()


def wanted_searches(questions: Sequence[Question]) -> list[str]:
    """Return the words to search for, those of the newest question first."""
    phrases: dict[str, None] = {}
    for question in reversed(questions):
        for clause in question.clauses:
            for name in (*clause.links, *clause.names):
                for phrase in _phrases(name):
                    phrases[phrase] = None
    return list(phrases)[:MOST_SEARCHES]


def _phrases(name: Name) -> list[str]:
    words = name.words[:5]
    if " and " in f" {name.phrase} " or " of " in f" {name.phrase} ":
        return [name.phrase]
    whole = [" ".join(words)]
    parts = [" ".join(words[start : start + size]) for size in (2, 1) for start in range(len(words) - size + 1)]
    return whole + [part for part in parts if part not in whole and part != "&" and not part.isdigit()]


def leans(question: Question) -> bool:
    """Say whether a question can only be understood from the turns before it."""
    if not question.clauses:
        return False
    first = question.clauses[0]
    return not first.names or bool(first.refers) or not first.asks


def plan(questions: Sequence[Question], searches: Searches) -> tuple[Part, ...]:
    """Return the parts of the answer to the last question; those before it are context only."""
    state: Part | None = None
    parts: list[Part] = []
    for question in questions:
        parts = []
        for clause in question.clauses:
            state = _merge(state, clause, searches)
            parts.append(state)
    return _fill_back(parts)


def _fill_back(parts: list[Part]) -> tuple[Part, ...]:
    """A part that names nothing is about what the next part names: "What is the RSI? For AAPL"."""
    filled: list[Part] = []
    for position, part in enumerate(parts):
        later = next((after.symbols for after in parts[position + 1 :] if after.symbols), ())
        filled.append(replace(part, symbols=later) if not part.symbols and not part.unknown else part)
    calls = 0
    done: list[Part] = []
    for part in filled:
        lookups = tuple(_lookups(part))[: max(0, MOST_CALLS - calls)]
        calls += len(lookups)
        done.append(replace(part, lookups=lookups))
    return tuple(done)


def _merge(before: Part | None, clause: Clause, searches: Searches) -> Part:
    symbols, unknown = _resolve(clause, searches)
    known = before.symbols if before else ()
    if clause.refers == "one" and known:
        symbols = tuple(dict.fromkeys((known[0], *symbols)))
    elif clause.refers == "all" and known:
        symbols = tuple(dict.fromkeys((*known, *symbols)))
    elif not symbols and not unknown:
        symbols = known
    elif clause.comparing and len(symbols) == 1 and known and known[0] != symbols[0]:
        symbols = (known[0], *symbols)
    asks, period, on = clause.asks, clause.period, clause.on
    if not asks and before:
        asks = before.asks
        if clause.comparing and len(symbols) > 1:
            asks = (Ask(kind="performance"),)
    if not period and not on and before:
        period, on = before.period, before.on
    if not asks:
        asks = (Ask(kind="performance"),) if clause.comparing or clause.period else _overview(clause)
    return Part(asks=asks, symbols=symbols[:MOST_SYMBOLS], period=period, on=on, unknown=unknown, beyond=clause.beyond)


def _overview(clause: Clause) -> tuple[Ask, ...]:
    return (Ask(kind="quote"), Ask(kind="performance")) if clause.names or clause.refers else ()


def _resolve(clause: Clause, searches: Searches) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The symbols that a clause names, and the words in it that name nothing known."""
    symbols: list[str] = []
    used: set[str] = set()
    for link in clause.links:
        symbol = _match(link.phrase, searches, exact_name=True)
        if symbol:
            symbols.append(symbol)
            used |= set(link.words)
    unknown: list[str] = []
    for name in clause.names:
        if set(name.words) <= used:
            continue
        found = _symbols_of(name, searches)
        symbols += found
        if not found:
            unknown.append(name.phrase) if name.deliberate or name.symbol_like else used.add(name.phrase)
    if not symbols and not unknown:
        unknown = [name.phrase for name in clause.names if not set(name.words) <= used or name.phrase in used][:2]
    return tuple(dict.fromkeys(symbols)), tuple(unknown[:3])


def _symbols_of(name: Name, searches: Searches) -> list[str]:
    """The longest words of a name that resolve, then what is left on either side of them."""
    words = name.words[:5]
    for size in range(len(words), 0, -1):
        for start in range(len(words) - size + 1):
            phrase = " ".join(words[start : start + size])
            short = len(phrase) < 3 and not name.deliberate and not phrase.isupper()
            symbol = None if short else _match(phrase, searches)
            if symbol:
                rest = [words[:start], words[start + size :]]
                return [symbol] + [
                    found for part in rest if part for found in _symbols_of(replace(name, words=part), searches)
                ]
    return []


def normal(text: str) -> str:
    """Return a name without case, punctuation and article, so that spellings of it are equal."""
    return re.sub(r"[^a-z0-9&]+", " ", text.lower().replace("'", "")).removeprefix("the ").strip()


def _match(phrase: str, searches: Searches, *, exact_name: bool = False) -> str | None:
    result = searches.get(phrase)
    if result is None:
        return None
    listed: list[dict[str, Any]] = result.get("instruments", [])
    wanted = normal(phrase)
    for entry in listed:
        if phrase.upper().replace(".", "-") == entry["symbol"] or wanted in map(normal, entry.get("aliases", ())):
            return str(entry["symbol"])
    tests = (_starts,) if exact_name else (_starts, _contains)
    for test in tests:
        for entry in listed:
            if test(wanted, normal(entry["name"])):
                return str(entry["symbol"])
    return _misspelt(wanted, [*listed, *result.get("near", ())])


def _starts(wanted: str, name: str) -> bool:
    return f"{name} ".startswith(f"{wanted} ")


def _contains(wanted: str, name: str) -> bool:
    return len(wanted) >= 4 and set(wanted.split()) <= set(name.split())


def _misspelt(wanted: str, entries: Sequence[dict[str, Any]]) -> str | None:
    """One mistyped letter in a longer name is forgiven."""
    if len(wanted) < 5:
        return None
    for entry in entries:
        for name in (entry["name"], *entry.get("aliases", ())):
            for word in (normal(name), *normal(name).split()):
                if len(word) >= 5 and SequenceMatcher(None, wanted, word).ratio() >= 0.86:
                    return str(entry["symbol"])
    return None


def _lookups(part: Part) -> list[Lookup]:
    if part.beyond or not part.symbols:
        return []
    calls: list[Lookup] = []
    for ask in part.asks:
        for call in _calls(ask, part):
            if call not in calls:
                calls.append(call)
    return calls


def _calls(ask: Ask, part: Part) -> list[Lookup]:
    if ask.kind == "indicator":
        return [_indicator_call(ask, symbol, part) for symbol in part.symbols]
    if ask.kind == "technicals":
        frame = ask.timeframe or "1d"
        return [
            Lookup(tool="technical_summary", arguments={"symbol": each, "timeframe": frame}) for each in part.symbols
        ]
    if ask.kind == "quote" and part.on:
        return [Lookup(tool="bars_summary", arguments={"symbol": each, "period": part.on}) for each in part.symbols]
    if ask.kind == "quote":
        return [Lookup(tool="quote", arguments={"symbols": list(part.symbols)})]
    if ask.kind in _BARS:
        period = part.period or part.on or "latest session"
        return [Lookup(tool="bars_summary", arguments={"symbol": each, "period": period}) for each in part.symbols]
    period = part.period or "this year"
    if ask.kind in _RETURNS and len(part.symbols) > 1:
        return [Lookup(tool="compare", arguments={"symbols": list(part.symbols), "period": period})]
    return [Lookup(tool="performance", arguments={"symbol": part.symbols[0], "period": period})]


def _indicator_call(ask: Ask, symbol: str, part: Part) -> Lookup:
    arguments: dict[str, Any] = {"symbol": symbol, "name": ask.indicator, "timeframe": ask.timeframe or "1d"}
    if ask.parameters:
        arguments["parameters"] = dict(ask.parameters)
    on = part.on or (part.period if _DATE_LIKE.search(part.period) and " to " not in part.period else "")
    day = re.sub(r"^(?:in|during|for|over|since|from|after) ", "", on)
    if day:
        arguments["on"] = day
    return Lookup(tool="indicator", arguments=arguments)


def near_matches(searches: Searches) -> dict[str, list[str]]:
    """Return, for words that named nothing, up to three symbols that may have been meant."""
    near: dict[str, list[str]] = {}
    for phrase, result in searches.items():
        entries = [*result.get("instruments", ()), *result.get("near", ())]
        near[phrase] = [str(entry["symbol"]) for entry in entries[:3]]
    return near
