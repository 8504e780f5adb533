"""The words of the language: to complete what is being typed, and to find what was meant."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from outcry.quant.formula.functions import FUNCTIONS
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.definition import Indicator, Parameter

COLUMNS: Mapping[str, str] = {
    "open": "The first price of the bar.",
    "high": "The highest price of the bar.",
    "low": "The lowest price of the bar.",
    "close": "The last price of the bar.",
    "volume": "What was traded in the bar.",
}
MEANS: Mapping[str, tuple[str, ...]] = {
    "hl2": ("high", "low"),
    "hlc3": ("high", "low", "close"),
    "ohlc4": ("open", "high", "low", "close"),
}
SIGNS: Mapping[str, str] = {
    "and": "Both conditions hold.",
    "or": "One of two conditions holds, or both.",
    "not": "The condition does not hold.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaWord:
    """A word with the way it is written and a line of help. ``role``: series, function, indicator or operator."""

    name: str
    role: str
    signature: str
    help: str
    gives: str
    outputs: tuple[str, ...] = ()


def list_words() -> tuple[FormulaWord, ...]:
    """Return every word; a function hides an indicator of the same name."""
    return tuple(_words())


def is_indicator(word: str) -> bool:
    """Say whether the word means an indicator of the catalogue."""
    return word in CATALOGUE and word not in FUNCTIONS and word not in COLUMNS and word not in MEANS and word != "if"


def signature_of(indicator: Indicator) -> str:
    """Return how an indicator is written, with its defaults: ``sma(close, period=20)``."""
    series = ["close"] if indicator.series and "close" in indicator.inputs else []
    series += ["other"] if "other" in indicator.inputs else []
    return f"{indicator.name}({', '.join([*series, *(_default(one) for one in indicator.parameters)])})"


def nearest(word: str) -> str:
    """Return the word of the language that was probably meant, or nothing."""
    low = word.lower()
    near = difflib.get_close_matches(low, [one.name for one in _words()], n=1, cutoff=0.7)
    if near:
        return near[0]
    titled = [name for name, one in CATALOGUE.items() if len(low) > 3 and low in one.title.lower().split()]
    return next((name for name in titled if is_indicator(name)), "")


def _default(parameter: Parameter) -> str:
    if parameter.choices:
        return f"{parameter.name}={parameter.choices[int(parameter.default - parameter.least)]}"
    return f"{parameter.name}={parameter.default:g}"


def _words() -> Iterator[FormulaWord]:
    for name, text in COLUMNS.items():
        yield FormulaWord(name=name, role="series", signature=name, help=text, gives="number")
    for name, of in MEANS.items():
        yield FormulaWord(
            name=name, role="series", signature=name, help=f"The mean of {', '.join(of)}.", gives="number"
        )
    for name, text in SIGNS.items():
        yield FormulaWord(name=name, role="operator", signature=name, help=text, gives="condition")
    for function in FUNCTIONS.values():
        role = "operator" if function.infix else "function"
        yield FormulaWord(
            name=function.name, role=role, signature=function.signature, help=function.help, gives=function.gives.value
        )
    yield FormulaWord(
        name="if",
        role="function",
        signature="if(condition, a, b)",
        help="a where the condition holds, b where it does not; both numbers or both conditions.",
        gives="number",
    )
    for name, indicator in CATALOGUE.items():
        if is_indicator(name):
            yield FormulaWord(
                name=name,
                role="indicator",
                signature=signature_of(indicator),
                help=f"{indicator.title}. {indicator.summary}",
                gives="number",
                outputs=indicator.outputs if len(indicator.outputs) > 1 else (),
            )
