"""Which instrument and which timeframe a piece of a formula asks for."""

from outcry.kit.market import Timeframe
from outcry.quant.formula.errors import Fault
from outcry.quant.formula.nodes import At, Member, Name, Node, Quoted
from outcry.quant.formula.words import COLUMNS, MEANS, is_indicator
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.definition import Indicator

_TIMEFRAMES = {"daily": "1d", "weekly": "1w", "monthly": "1M", "hourly": "1h", "d": "1d", "w": "1w"}


def symbol_of(node: Member) -> str:
    """Return the instrument that stands before the dot; nothing if an indicator does."""
    owner = node.owner
    if isinstance(owner, Quoted):
        return _check_symbol(owner.symbol, owner)
    if not isinstance(owner, Name):
        return ""
    word, inner = owner.word.lower(), node.word
    if is_indicator(word) and isinstance(inner, Name) and _is_output(CATALOGUE[word], inner.word.lower()):
        return ""
    return _check_symbol(owner.word, owner)


def _is_output(indicator: Indicator, word: str) -> bool:
    """Say whether a word behind an indicator's dot is meant as its output: what is no series can be nothing else."""
    return word in indicator.outputs or not (word in COLUMNS or word in MEANS or is_indicator(word))


def _check_symbol(symbol: str, node: Node) -> str:
    """Return a symbol in capitals; raises Fault if it can be none."""
    if not 0 < len(symbol) <= 32 or not all((one.isalnum() and one.isascii()) or one in ".-_=^/" for one in symbol):
        raise Fault(
            "syntax", node.start, node.end, "A symbol has 1 to 32 letters, digits and signs of . - _ = ^ / alone."
        )
    return symbol.upper()


def timeframe_of(node: At) -> Timeframe:
    """Return the timeframe that stands behind ``@``; raises Fault for one that there is not."""
    written = node.timeframe
    for spelling in (written, _TIMEFRAMES.get(written.lower(), ""), written.lower()):
        if spelling in list(Timeframe):
            return Timeframe(spelling)
    known = ", ".join(Timeframe)
    start = node.end - len(written)
    raise Fault("unknown_word", start, node.end, f"{written} is not a timeframe; there are {known}.", "1d")
