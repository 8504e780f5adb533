"""Understands a question: what is asked, of what, over which period, clause by clause. Pure rules, no data."""

import re
from dataclasses import dataclass, field

from outcry.adapters.models.desk import vocabulary as words

GONE = "\x00"  # stands where something was recognised, so that nothing is read twice and names do not run together
_SPLIT = re.compile(
    r"[?;!\n]+|(?<!\bvs)(?<!\binc)(?<!\bco)(?<!\bcorp)\.(?=\s|$)"
    r"|,? (?:and|but|also|then|plus) (?=(?:also |then )?(?:what|how|which|is|was|did|does|do|has|have|show|compare"
    r"|when|give|tell|by how)\b)"
    r"|, (?=(?:what|how|which|is|was|did|does|show|compare|when|give me|tell)\b)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"\$?[A-Za-z^][\w&.^'’-]*|\d+[A-Za-z]+|\d+|&|" + GONE + r"|[^\s\w]")
_REFERS_ONE = re.compile(r"\b(?:it|its|it's|that|this one|the stock|the same)\b", re.IGNORECASE)
_REFERS_ALL = re.compile(r"\b(?:they|them|their|both|these|those|the two|each other)\b", re.IGNORECASE)
_LEADING = frozenset(
    {
        "of",
        "for",
        "in",
        "on",
        "and",
        "vs",
        "versus",
        "against",
        "with",
        "to",
        "about",
        "than",
        "is",
        "does",
        "did",
        "do",
    }
    | {"was", "are", "has", "had"}
)
_LONGEST = 1_000  # reading takes a millisecond or two for this much
_UNIT_FRAMES = {"w": "1w", "mo": "1M", "h": "1h"}
_PLAIN_QUOTE = re.compile(r"\b(?:price[ds]?|quotes?|quoted|trading at|trade[sd]? at|how much)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One thing that is asked: ``kind`` is an intent of the vocabulary or ``indicator``."""

    kind: str
    indicator: str = ""
    parameters: tuple[tuple[str, float], ...] = ()
    timeframe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Words that may name an instrument. ``deliberate`` says that they can hardly mean anything else."""

    words: tuple[str, ...]
    deliberate: bool
    symbol_like: bool

    @property
    def phrase(self) -> str:
        """The words as one."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One part of a question. ``links`` are pairs of neighbouring names joined by "and" or "of"."""

    asks: tuple[Ask, ...] = ()
    names: tuple[Name, ...] = ()
    links: tuple[Name, ...] = ()
    period: str = ""
    on: str = ""
    comparing: bool = False
    refers: str = ""
    beyond: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A whole message: its ``topic`` is ``market`` unless it is a greeting, thanks, help, connect or list."""

    topic: str
    clauses: tuple[Clause, ...] = ()


@dataclass(slots=True)
class _Work:
    """A clause while it is read: what is recognised is taken out of ``text``."""

    text: str
    asks: list[Ask] = field(default_factory=list)

    def take(self, match: re.Match[str]) -> None:
        self.text = self.text[: match.start()] + GONE * (match.end() - match.start()) + self.text[match.end() :]


def read_question(text: str) -> Question:
    """Return what a message asks; what goes on for longer than a page is read up to there."""
    plain = " ".join(text.replace("’", "'").split())[:_LONGEST]
    topic = _topic(plain)
    if topic != "market":
        return Question(topic=topic)
    parts = [part for part in _SPLIT.split(plain) if part and part.strip(" ,.")]
    clauses = tuple(clause for clause in map(_read_clause, parts[:6]) if clause is not None)
    return Question(topic="market", clauses=clauses)


def _topic(text: str) -> str:
    if words.GREETING.search(text):
        return "greeting"
    if words.THANKS.search(text):
        return "thanks"
    if words.CONNECT.search(text):
        return "connect"
    if words.LISTING.search(text):
        return "list"
    if words.HELP.search(text) and not re.search(r"\b[A-Z]{2,5}\b", re.sub(r"\b(?:AI|OK)\b", "", text)):
        return "help"
    return "market"


def _read_clause(text: str) -> Clause | None:
    beyond = next((kind for pattern, kind in words.BEYOND if re.search(pattern, text + "?", re.IGNORECASE)), "")
    work = _Work(text)
    frame = _take_indicators(work)
    frame = _take_timeframe(work) or frame
    on = _take_day(work)
    period = _take_period(work)
    comparing = words.COMPARING.search(work.text) is not None
    if comparing:
        work.text = re.sub(r"\bthe market\b", "S&P 500", work.text, flags=re.IGNORECASE)
    _take_intents(work)
    refers = "all" if _REFERS_ALL.search(text) else "one" if _REFERS_ONE.search(text) else ""
    names, links = _names(work.text, whole=text)
    if on and not any(ask.kind in ("indicator", "quote") for ask in work.asks):
        period, on = period or on, ""
    asks = tuple(_framed(ask, frame) for ask in work.asks)
    clause = Clause(
        asks=asks, names=names, links=links, period=period, on=on, comparing=comparing, refers=refers, beyond=beyond
    )
    return clause if (asks or names or period or on or beyond) else None


def _framed(ask: Ask, frame: str) -> Ask:
    if ask.kind not in ("indicator", "technicals") or ask.timeframe or not frame:
        return ask
    return Ask(kind=ask.kind, indicator=ask.indicator, parameters=ask.parameters, timeframe=frame)


def _take_indicators(work: _Work) -> str:
    """Take out the indicators with their settings; return the timeframe that a setting's unit tells."""
    frame = ""
    for pattern, name in words.INDICATORS:
        number = r"(\d{1,3}(?:\.\d+)?)"
        before = (
            rf"(?:{number}(?:,? ?(?:and|&|/|,) ?{number})?[- ]?(period|days?|d|weeks?|w|months?|hours?|h"
            rf"|min(?:ute)?s?|bars?)?[- ]?)?"
        )
        after = (
            rf"(?:s\b)?(?: ?\( ?{number}(?: ?[,/] ?{number})?(?: ?[,/] ?{number})? ?\)| (?:of )?(?:period "
            rf"|length )?(\d{{1,3}})(?![\d.,/%-]|\w| ?(?:days|weeks|months|years)))?"
        )
        regex = re.compile(rf"(?<![\w$]){before}(?:the )?\b(?:{pattern}){after}", re.IGNORECASE)
        while match := regex.search(work.text):
            groups = match.groups()
            frame = _note_indicator(work, name, groups) or frame
            work.take(match)
    return frame


def _note_indicator(work: _Work, name: str, groups: tuple[str | None, ...]) -> str:
    first, second, unit, *after = groups
    settings = [float(value) for value in after[:3] if value] or [float(value) for value in after[3:] if value]
    labels = words.SETTINGS.get(name, ("period",))
    frame = next((f for start, f in _UNIT_FRAMES.items() if (unit or "").lower().startswith(start)), "")
    if settings:
        work.asks.append(_indicator(name, tuple(zip(labels, settings, strict=False)), frame))
        return frame
    lengths = [float(value) for value in (first, second) if value]
    if name in ("macd", "stoch", "obv"):
        lengths = []
    if not lengths:
        work.asks.append(_indicator(name, (), frame))
    for length in lengths:
        work.asks.append(_indicator(name, ((labels[0], length),), frame))
    return frame


def _indicator(name: str, parameters: tuple[tuple[str, float], ...], frame: str) -> Ask:
    return Ask(kind="indicator", indicator=name, parameters=parameters, timeframe=frame)


def _take_timeframe(work: _Work) -> str:
    for pattern, frame in words.TIMEFRAMES:
        if match := re.search(pattern, work.text, re.IGNORECASE):
            work.take(match)
            return frame
    return ""


def _take_day(work: _Work) -> str:
    if match := words.DAY.search(work.text):
        work.take(match)
        return match[1]
    return ""


def _take_period(work: _Work) -> str:
    for match in words.PERIOD.finditer(work.text):
        if match[0] == "3M":  # the company
            continue
        work.take(match)
        return " ".join(match[0].replace(GONE, " ").split())
    return ""


def _take_intents(work: _Work) -> None:
    for pattern, kind in words.INTENTS:
        regex = re.compile(rf"\b(?:{pattern})\b" if not pattern.startswith("(?:max") else pattern, re.IGNORECASE)
        matches = list(regex.finditer(work.text))
        if not matches or (kind == "quote" and _quote_is_meant_otherwise(work)):
            continue
        for match in matches:
            # What lies between "how did … do" names the instrument: only the frame is taken.
            inner = re.match(r"(how \w+)(.*?)(\w+)$", match[0], re.IGNORECASE)
            kept = inner[2] if inner else ""
            work.text = work.text[: match.start()] + _blank(match[0], kept) + work.text[match.end() :]
        work.asks.append(Ask(kind=kind))


def _quote_is_meant_otherwise(work: _Work) -> bool:
    """Whether "close" or "price" belongs to another ask: the highest price, the RSI at the close."""
    if any(ask.kind in ("high", "low", "range", "volume") for ask in work.asks):
        return True
    return bool(work.asks) and not _PLAIN_QUOTE.search(work.text)


def _blank(taken: str, kept: str) -> str:
    if not kept:
        return GONE * len(taken)
    at = taken.index(kept)
    return GONE * at + kept + GONE * (len(taken) - at - len(kept))


def _names(text: str, *, whole: str) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """The runs of words that may name instruments, and the pairs of neighbours joined by "and" or "of"."""
    shouting = whole.upper() == whole and len(whole.split()) > 3
    runs: list[list[str]] = [[]]
    joiners: list[str] = []
    leads = [""]
    previous = ""
    for token in _TOKEN.findall(text):
        word = re.sub(r"['’]s?$", "", token.rstrip(".'’-")) or token
        if _is_name_word(word, bool(runs[-1]), shouting=shouting):
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
            joiners.append(word.lower())
            leads.append(word.lower())
        elif token != GONE or not previous:
            joiners[-1:] = [f"{joiners[-1]} {word.lower()}"] if joiners else []
            leads[-1] = word.lower()
        previous = token
    names = tuple(_name(run, lead, shouting=shouting) for run, lead in zip(runs, leads, strict=True) if run)
    links = tuple(
        Name(words=(*left, joiner, *right), deliberate=False, symbol_like=False)
        for left, joiner, right in zip(runs, joiners, runs[1:], strict=False)
        if joiner in ("and", "of") and right
    )
    return names[:8], links[:4]


def _is_name_word(word: str, inside: bool, *, shouting: bool) -> bool:
    if word == "&" or word.isdigit():
        return inside
    if not re.match(r"[\w$^]", word):
        return False
    if word.upper() in words.NOT_SYMBOLS and (word.isupper() or word.lower() in words.SMALL_WORDS):
        return False
    is_capital = word.isupper() and len(word) > 1 and not shouting
    return word.startswith("$") or is_capital or word.lower() not in words.SMALL_WORDS


def _name(run: list[str], lead: str, *, shouting: bool) -> Name:
    text = run[0]
    capitals = len(run) == 1 and re.fullmatch(r"\$?[A-Z^][A-Z0-9]{0,5}(?:[-.][A-Z]{1,3})?", text) is not None
    deliberate = text.startswith("$") or (capitals and not shouting) or lead in _LEADING
    return Name(words=tuple(word.lstrip("$") for word in run), deliberate=deliberate, symbol_like=capitals)
