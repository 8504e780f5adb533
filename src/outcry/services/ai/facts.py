"""What tool results contain, indexed so that a figure can be looked up: numbers, dates, and figures inside names."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from outcry.services.chat.contracts import Source

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_QUOTED = re.compile("“[^”]*”")
_PERIOD_KEYS = {"period", "error", "note", "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value of a result. ``path`` is a JSON pointer; ``symbol`` the instrument of the object it stands in."""

    source_id: str
    path: str
    key: str
    symbol: str
    order: int
    number: float = 0.0
    day: date | None = None
    text: str = ""

    @property
    def is_argument(self) -> bool:
        """Whether it is what the tool was asked, not what it answered."""
        return self.path.startswith("#/arguments")

    @property
    def is_percent(self) -> bool:
        """Whether the number is in percent or percentage points."""
        return self.key.endswith(("_percent", "_points"))


class Facts:
    """All values of some sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._order = 0
        found: list[Fact] = []
        for source in sources:
            found += self._walk(source.id, source.result, "", "", "")
            if "error" not in source.result:
                found += self._walk(source.id, source.arguments, "#/arguments", "", "")
        self.numbers = sorted((fact for fact in found if not fact.day and not fact.text), key=lambda f: abs(f.number))
        self._sizes = [abs(fact.number) for fact in self.numbers]
        self.days = [fact for fact in found if fact.day]
        self.texts = [fact for fact in found if fact.text]
        names = {fact.symbol: fact.symbol for fact in found if fact.symbol}
        self.names = {symbol: {symbol.lower()} for symbol in names}
        for fact in self.texts:
            if fact.key == "name" and fact.symbol in self.names:
                self.names[fact.symbol].add(fact.text.lower().split(",")[0].split(" inc")[0].split(" corp")[0].strip())

    def near(self, value: Decimal, step: Decimal) -> Sequence[Fact]:
        """Return the numbers whose size differs from ``value`` by half of ``step`` at most."""
        reach = float(step) / 2
        size, slip = float(value), float(value) * 1e-12 + 1e-12
        return self.numbers[
            bisect_left(self._sizes, size - reach - slip) : bisect_right(self._sizes, size + reach + slip)
        ]

    def _walk(self, source_id: str, value: Any, path: str, key: str, symbol: str) -> Iterator[Fact]:
        if isinstance(value, dict):
            symbol = value["symbol"] if isinstance(value.get("symbol"), str) else symbol
            for name, inner in value.items():
                step = str(name).replace("~", "~0").replace("/", "~1")
                yield from self._walk(source_id, inner, f"{path}/{step}", str(name), symbol)
        elif isinstance(value, list | tuple):
            for position, inner in enumerate(value):
                yield from self._walk(source_id, inner, f"{path}/{position}", key, symbol)
        else:
            yield from self._leaf(source_id, value, path, key, symbol)

    def _leaf(self, source_id: str, value: Any, path: str, key: str, symbol: str) -> Iterator[Fact]:
        self._order += 1
        where: dict[str, Any] = {
            "source_id": source_id,
            "path": path,
            "key": key,
            "symbol": symbol,
            "order": self._order,
        }
        if isinstance(value, bool) or value is None:
            return
        if isinstance(value, int | float):
            yield Fact(number=float(value), **where)
        elif isinstance(value, str) and key not in ("query", "words"):
            # Neither what was asked nor what people said is data.
            # A sentence about what went wrong may quote the question, whose figures count for nothing.
            value = _QUOTED.sub("", value) if key == "error" else value
            for match in _ISO_DAY.finditer(value):
                day = _day(match[0])
                if day:
                    yield Fact(day=day, **where)
            if value and not _ISO_DAY.match(value):
                yield Fact(text=value, **where)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_period(fact: Fact) -> bool:
    """Whether a text names a stretch of time, so that its years and counts may be repeated."""
    return fact.key in _PERIOD_KEYS
