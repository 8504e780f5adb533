"""What makes a row unusable, in the order in which it is told: the first fault of a row is the one that is named."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from outcry.kit.market import Floats
from outcry.kit.text import clean_line, shorten
from outcry.services.charts.importing.columns import PRICES
from outcry.services.charts.importing.dates import Moments
from outcry.services.charts.importing.numbers import Mask, Numbers

# Prices are rounded when they are published or adjusted: so far, relative to the price, open and close may leave the
# range of low and high. The range is then widened to hold them.
ROUNDING = 1e-5

Reason = Callable[[int], str]


class Findings:
    """The first fault of each row."""

    def __init__(self, rows: int) -> None:
        self._codes: NDArray[np.int32] = np.zeros(rows, dtype=np.int32)
        self._reasons: list[Reason] = []

    @property
    def good(self) -> Mask:
        """Rows without a fault so far."""
        return np.equal(self._codes, 0)

    @property
    def bad_rows(self) -> NDArray[np.int64]:
        """Positions of the rows with a fault."""
        return np.flatnonzero(self._codes)

    def add(self, where: Mask, reason: str | Reason) -> None:
        """Note a fault of these rows, but where one is noted already."""
        if not where.any():
            return
        self._reasons.append(reason if callable(reason) else lambda _: reason)
        self._codes[where & (self._codes == 0)] = len(self._reasons)

    def reason(self, row: int) -> str:
        """Return what is wrong with a row."""
        return self._reasons[int(self._codes[row]) - 1](row)


def quoted(column: pa.ChunkedArray, row: int) -> str:
    """Return a value as it stands in the file, short enough for a sentence."""
    return '"' + shorten(clean_line(str(column[row].as_py())), 40) + '"'


def check_times(findings: Findings, moments: Moments, text: pa.ChunkedArray) -> None:
    """Note rows that have no usable date."""
    findings.add(moments.missing, "the date is missing")
    findings.add(moments.time_only, lambda row: f"the date {quoted(text, row)} is a time of day without a date")
    findings.add(moments.unreadable, lambda row: f"the date {quoted(text, row)} cannot be read")


def check_numbers(findings: Findings, name: str, numbers: Numbers, text: pa.ChunkedArray) -> None:
    """Note rows in which a number that is needed is missing, unreadable or infinite."""
    findings.add(numbers.missing, f"the {name} is missing")
    check_readable(findings, name, numbers, text)


def check_readable(findings: Findings, name: str, numbers: Numbers, text: pa.ChunkedArray) -> None:
    """Note rows in which a number that may be missing is unreadable or infinite."""
    findings.add(numbers.unreadable, lambda row: f"the {name} {quoted(text, row)} is not a number")
    findings.add(np.isinf(numbers.values), f"the {name} is infinite")


def check_prices(findings: Findings, prices: dict[str, Floats]) -> None:
    """Note rows whose prices cannot be: zero, negative, high under low, open or close outside the range."""
    for name in PRICES:
        values = prices[name]
        findings.add(values < 0, _says(name, values, "is negative"))
        findings.add(values == 0, f"the {name} is zero")
    high, low = prices["high"], prices["low"]
    findings.add(high < low, lambda row: f"the high {high[row]:.10g} is below the low {low[row]:.10g}")
    for name in ("open", "close"):
        values = prices[name]
        slack = np.abs(values) * ROUNDING
        findings.add(values > high + slack, _beyond(name, values, "above the high", high))
        findings.add(values < low - slack, _beyond(name, values, "below the low", low))


def check_volume(findings: Findings, volume: Floats) -> None:
    """Note rows with a negative volume."""
    findings.add(volume < 0, _says("volume", volume, "is negative"))


def check_adjusted(findings: Findings, adjusted: Floats) -> None:
    """Note rows whose adjusted close is no price."""
    findings.add(adjusted <= 0, _says("adjusted close", adjusted, "is not above zero"))


def _says(name: str, values: Floats, what: str) -> Reason:
    return lambda row: f"the {name} {values[row]:.10g} {what}"


def _beyond(name: str, values: Floats, where: str, edge: Floats) -> Reason:
    return lambda row: f"the {name} {values[row]:.10g} is {where} {edge[row]:.10g}"
