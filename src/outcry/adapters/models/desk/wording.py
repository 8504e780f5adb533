"""How the desk writes numbers and dates."""

from collections.abc import Sequence
from datetime import date
from typing import Any

MINUS = "−"
_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£"}


def number(value: float, decimals: int = 2) -> str:
    """Return a number with thousands separators; a value too small for its decimals keeps two telling digits."""
    while value and abs(value) < 10 ** (1 - decimals) and decimals < 8:
        decimals += 1
    shown = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{shown}" if value < 0 and float(shown.replace(",", "")) else shown


def price(value: float, currency: str = "") -> str:
    """Return a price with its currency's sign where it has one."""
    sign = _CURRENCIES.get(currency, "")
    return f"{MINUS if value < 0 else ''}{sign}{number(abs(value))}"


def volume(value: float) -> str:
    """Return a volume, in millions or billions where it is large."""
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:,.2f}{letter}"
    return number(value, 0) if value == round(value) else number(value)


def percent(value: float) -> str:
    """Return a percentage without its sign."""
    return f"{abs(value):,.2f}%"


def signed_percent(value: float) -> str:
    """Return a percentage with its sign, for tables."""
    shown = percent(value)
    return shown if shown == "0.00%" else f"{'+' if value > 0 else MINUS}{shown}"


def moved(value: float) -> str:
    """Return "rose 3.00%", "fell 3.00%" or "was unchanged (0.00%)"."""
    if percent(value) == "0.00%":
        return "was unchanged (0.00%)"
    return f"{'rose' if value > 0 else 'fell'} {percent(value)}"


def day(iso: str) -> str:
    """Return an ISO date as people read it, with the time of day where there is one."""
    found = date.fromisoformat(iso[:10])
    shown = f"{found.day} {found:%B %Y}"
    return f"{shown}, {iso[11:16]} UTC" if len(iso) > 10 else shown


def joined(items: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def escaped(text: str) -> str:
    """Return text from data or a person so that it is never Markdown."""
    plain = " ".join(str(text).split())[:80]
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#!~" else letter for letter in plain)


def named(entry: dict[str, Any]) -> str:
    """Return "Apple Inc. (AAPL)"."""
    symbol, name = escaped(entry["symbol"]), escaped(entry.get("name", ""))
    return f"{name} ({symbol})" if name and name != symbol else symbol


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose first column is text and whose others are numbers."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" + "---:|" * (len(header) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def escaped_sentence(text: str) -> str:
    """Return a tool's sentence so that it is never Markdown."""
    plain = " ".join(str(text).split())[:300]
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#~" else letter for letter in plain)
