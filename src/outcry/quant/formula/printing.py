"""The canonical text: how tightly signs bind, where brackets are needed, how numbers and symbols are written."""

import re

from outcry.quant.formula.words import is_indicator

# The higher, the tighter.
OR, AND, NOT, COMPARED, SUM, PRODUCT, SIGNED, POWER, POSTFIX, ATOM = range(1, 11)
LEVELS = {
    "or": OR, "and": AND, ">": COMPARED, ">=": COMPARED, "<": COMPARED, "<=": COMPARED, "==": COMPARED,
    "!=": COMPARED, "crosses_above": COMPARED, "crosses_below": COMPARED, "+": SUM, "-": SUM, "*": PRODUCT,
    "/": PRODUCT, "^": POWER,
}  # fmt: skip
_PLAIN = re.compile(r"(?!(?:AND|OR|NOT)$)[A-Z_][A-Z0-9_]*")


def wrap(text: str, level: int, least: int) -> str:
    """Put brackets around a text whose outermost sign binds less tightly than its place asks for."""
    return text if level >= least else f"({text})"


def to_text(value: float) -> str:
    """Write a number so that reading it gives the same one."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def quote(symbol: str) -> str:
    """Write a symbol between quotes."""
    return f'"{symbol}"'


def needs_quotes(symbol: str) -> str:
    """Write a symbol, between quotes where it could be read as something else."""
    return symbol if _PLAIN.fullmatch(symbol) and not is_indicator(symbol.lower()) else quote(symbol)
