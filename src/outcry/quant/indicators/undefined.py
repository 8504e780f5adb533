"""Which bars an indicator sees: those on which all of its inputs are defined, neither NaN nor infinite."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Floats


@dataclass(frozen=True, slots=True)
class Defined:
    """The ``count`` bars that are seen, as an index into a column: a slice where they are the last ones."""

    at: slice | NDArray[np.intp]
    count: int


def find_defined(columns: Sequence[Floats]) -> Defined | None:
    """Return which bars have all of their inputs; None when all bars have.

    The sum of squares of a column is finite only if all of it is, and a tenth as dear to find as looking at each
    number; a column whose squares overflow is looked at number by number.
    """
    if all(math.isfinite(np.dot(column, column)) for column in columns):
        return None
    mask = np.isfinite(columns[0])
    for column in columns[1:]:
        mask &= np.isfinite(column)
    found = np.flatnonzero(mask)
    if len(found) == len(mask):
        return None
    if len(found) and found[0] == len(mask) - len(found):
        return Defined(slice(int(found[0]), None), len(found))
    return Defined(found, len(found))


def scatter(values: Floats, defined: Defined, count: int) -> Floats:
    """Return values of the bars that were seen in their places among ``count`` bars, NaN elsewhere."""
    placed = np.full(count, np.nan)
    placed[defined.at] = values
    return placed
