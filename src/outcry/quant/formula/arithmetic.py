"""What a step does with the values of one bar, where it remembers nothing: numbers, and truth of three values.

Truth is 1 (true), -1 (false) or 0 (unknown), so that Kleene's strong logic is arithmetic: ``and`` is the smaller of
two, ``or`` the larger, ``not`` the negative. A number is unknown when it is NaN; what is not finite becomes NaN.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_NAN, _INF = math.nan, math.inf


def _finite(value: float) -> float:
    return value if -_INF < value < _INF else _NAN


def _divide(a: float, b: float) -> float:
    return _finite(a / b) if b else _NAN


def _smaller(a: float, b: float) -> float:
    return (a if a < b else b) if a == a and b == b else _NAN


def _larger(a: float, b: float) -> float:
    return (a if a > b else b) if a == a and b == b else _NAN


def _whole(rounding: Callable[[float], int]) -> Callable[[float], float]:
    return lambda a: float(rounding(a)) if a == a else _NAN


def _by_numpy(function: Any) -> Callable[..., float]:  # one of NumPy's ufuncs
    """The function whose last digit differs between libraries: taken from where the arrays take it."""

    def calculate(*values: float) -> float:
        with np.errstate(all="ignore"):
            return _finite(float(function(*values)))

    return calculate


def _choose(condition: int, a: float, b: float) -> float:
    if condition:
        return a if condition > 0 else b
    return _NAN


def _choose_condition(condition: int, a: int, b: int) -> int:
    if condition:
        return a if condition > 0 else b
    return 0


SIMPLE: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: _finite(a + b),
    "subtract": lambda a, b: _finite(a - b),
    "multiply": lambda a, b: _finite(a * b),
    "divide": _divide,
    "power": _by_numpy(np.power),
    "negative": lambda a: -a,
    "abs": abs,
    "sqrt": lambda a: math.sqrt(a) if a >= 0 else _NAN,
    "log": _by_numpy(np.log),
    "log10": _by_numpy(np.log10),
    "exp": _by_numpy(np.exp),
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "round": _whole(round),
    "sign": lambda a: (a > 0) - (a < 0) + 0.0 * a,
    "min": _smaller,
    "max": _larger,
    ">": lambda a, b: (a > b) - (a <= b),
    ">=": lambda a, b: (a >= b) - (a < b),
    "<": lambda a, b: (a < b) - (a >= b),
    "<=": lambda a, b: (a <= b) - (a > b),
    "==": lambda a, b: (a == b) - (a < b or a > b),
    "!=": lambda a, b: (a < b or a > b) - (a == b),
    "and": lambda a, b: a if a < b else b,
    "or": lambda a, b: a if a > b else b,
    "not": lambda a: -a,
    "choose": _choose,
    "choose_condition": _choose_condition,
}
