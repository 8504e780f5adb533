"""Symbols and names: how they are written, compared and found."""

import re
import unicodedata
from collections.abc import Iterable

from outcry.kit.errors import InvalidInputError
from outcry.kit.text import clean_line

MOST_SYMBOL = 32
_SYMBOL = re.compile(r"[\^]?[A-Z0-9][A-Z0-9.\-_=]{0,30}")


def to_symbol(text: str) -> str | None:
    """Return a symbol in its one spelling, ``BRK-A``, or None when the text cannot be one."""
    symbol = text.strip().upper()
    return symbol if _SYMBOL.fullmatch(symbol) else None


def require_symbol(text: str) -> str:
    """Return a symbol in its one spelling; raises InvalidInputError."""
    symbol = to_symbol(text)
    if symbol is None:
        raise InvalidInputError(
            f"{clean_line(text)[:40]!r} is not a symbol: up to {MOST_SYMBOL} letters, digits and . - _ =",
            errors=({"field": "symbol", "message": "not a symbol"},),
        )
    return symbol


def fold(text: str) -> str:
    """Return text as searches compare it: one line, no case, no accents, and ``|`` nowhere."""
    plain = unicodedata.normalize("NFKD", clean_line(text))
    unaccented = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(unaccented.casefold().replace("|", " ").split())


def search_words(symbol: str, name: str, aliases: Iterable[str]) -> str:
    """Return the text that a search looks through: every name between bars, the symbol first."""
    return "|" + "|".join(fold(text) for text in (symbol, name, *aliases)) + "|"


def like(text: str) -> str:
    """Escape what LIKE would read as a wildcard; the escape character is a backslash."""
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
