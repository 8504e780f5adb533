"""What a step does over whole arrays: numbers as float64 (NaN is unknown), truth as int8 (1, -1, 0 is unknown).

The values are those of arithmetic.py and cells.py, bit for bit: each operation rounds once, in the same order.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Floats, Micros

Truths = NDArray[np.int8]
Values = NDArray[Any]


def _finite(function: np.ufunc) -> Callable[..., Floats]:
    """Make what is not finite NaN. The processor's own flags say whether there is any: looking costs nothing."""

    def calculate(*inputs: Floats) -> Floats:
        try:
            with np.errstate(over="raise", divide="raise", under="ignore", invalid="ignore"):
                result: Floats = function(*inputs)
        except FloatingPointError:
            with np.errstate(all="ignore"):
                result = function(*inputs)
            result[np.isinf(result)] = np.nan
        return result

    return calculate


def _quiet(function: np.ufunc) -> Callable[..., Floats]:
    def calculate(*inputs: Floats) -> Floats:
        with np.errstate(all="ignore"):
            result: Floats = function(*inputs)
        return result

    return calculate


def _comparison(holds: np.ufunc, fails: np.ufunc) -> Callable[[Floats, Floats], Truths]:
    """What neither holds nor fails has an unknown side."""

    def compare(a: Floats, b: Floats) -> Truths:
        result: Truths = holds(a, b).view(np.int8)
        result -= fails(a, b).view(np.int8)
        return result

    return compare


def _equal(a: Floats, b: Floats) -> Truths:
    result: Truths = np.equal(a, b).view(np.int8)
    result -= (np.less(a, b) | np.greater(a, b)).view(np.int8)
    return result


def _unequal(a: Floats, b: Floats) -> Truths:
    return np.negative(_equal(a, b))


def _choose(condition: Truths, a: Floats, b: Floats) -> Floats:
    result = np.where(condition > 0, a, b)
    result[condition == 0] = np.nan
    return result


def _choose_condition(condition: Truths, a: Truths, b: Truths) -> Truths:
    result = np.where(condition > 0, a, b)
    result[condition == 0] = 0
    return result


def unknown(count: int, like: Values) -> Values:
    """Return so many unknown values of the type of an array."""
    return np.zeros(count, np.int8) if like.dtype == np.int8 else np.full(count, np.nan)


def past(values: Values, bars: float) -> Values:
    """Return each value as many bars later; the first ones are unknown."""
    count = min(int(bars), len(values))
    return np.concatenate([unknown(count, values), values[: len(values) - count]])


def became(truth: Truths) -> Truths:
    """Say where a condition holds and did not a bar before."""
    return np.minimum(truth, np.negative(past(truth, 1)))


def _over_window(function: np.ufunc) -> Callable[[Values, float], Values]:
    """Fold each window of bars by a minimum or maximum in three passes, whatever its length.

    M. van Herk, A fast algorithm for local minimum and maximum filters (1992); J. Gil and M. Werman (1993): every
    window is the end of one block and the beginning of the next. An unknown number makes its windows unknown.
    """

    def fold(values: Values, bars: float) -> Values:
        length = int(bars)
        before, after = unknown(length - 1, values), unknown(-(len(values) + length - 1) % length, values)
        blocks = np.concatenate([before, values, after]).reshape(-1, length)
        heads = function.accumulate(blocks, axis=1).ravel()
        tails = function.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
        folded: Values = function(tails[: len(values)], heads[length - 1 : length - 1 + len(values)])
        return folded

    return fold


def _count(truth: Truths, bars: float) -> Floats:
    held = _windowed_sum(truth > 0, int(bars)).astype(np.float64)
    held[_windowed_sum(truth == 0, int(bars)) > 0] = np.nan
    held[: int(bars) - 1] = np.nan
    return held


def _windowed_sum(flags: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    total = np.cumsum(flags, dtype=np.int64)
    total[length:] -= total[:-length].copy()
    return total


def _since(truth: Truths) -> Floats:
    place = np.arange(len(truth), dtype=np.int64)
    held = np.maximum.accumulate(np.where(truth > 0, place, -1))
    doubted = np.maximum.accumulate(np.where(truth == 0, place, -1))
    since = (place - held).astype(np.float64)
    since[held <= doubted] = np.nan
    return since


def lift(values: Values, ends: Micros, moments: Micros) -> Values:
    """Return at each moment the value of the last bar that was over by then; ``ends`` says when each was."""
    places = np.searchsorted(ends, moments, side="right") - 1
    known = places >= 0
    if known.all():
        lifted: Values = values[places]
        return lifted
    lifted = unknown(len(moments), values)
    lifted[known] = values[places[known]]
    return lifted


ARRAYS: Mapping[str, Callable[..., Values]] = {
    "add": _finite(np.add),
    "subtract": _finite(np.subtract),
    "multiply": _finite(np.multiply),
    "divide": _finite(np.divide),
    "power": _finite(np.power),
    "negative": np.negative,
    "abs": np.abs,
    "sqrt": _quiet(np.sqrt),
    "log": _finite(np.log),
    "log10": _finite(np.log10),
    "exp": _finite(np.exp),
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "sign": np.sign,
    "min": _quiet(np.minimum),
    "max": _quiet(np.maximum),
    ">": _comparison(np.greater, np.less_equal),
    ">=": _comparison(np.greater_equal, np.less),
    "<": _comparison(np.less, np.greater_equal),
    "<=": _comparison(np.less_equal, np.greater),
    "==": _equal,
    "!=": _unequal,
    "and": np.minimum,
    "or": np.maximum,
    "not": np.negative,
    "choose": _choose,
    "choose_condition": _choose_condition,
    "past": past,
    "became": became,
    "highest": _over_window(np.maximum),
    "lowest": _over_window(np.minimum),
    "within": _over_window(np.maximum),
    "always": _over_window(np.minimum),
    "count": _count,
    "since": _since,
}
