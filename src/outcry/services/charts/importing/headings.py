"""Names for the columns of a table without a header line, by what stands in them."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from outcry.services.charts.importing.date_shapes import PATTERNS, TIME_OF_DAY
from outcry.services.charts.importing.numbers import to_numbers
from outcry.services.charts.importing.report import UnusableFileError
from outcry.services.charts.naming import to_symbol

_SAMPLE = 500
_NUMBER = re.compile(r"[+-]?[$€£¥]?(\d[\d., ']*|\.\d+)([eE][+-]?\d{1,3})?[KMBkmb]?")
# Arrow's patterns name groups as Python's do.
_DATES = [re.compile(PATTERNS[name]) for name in ("ymd", "numeric", "day name", "name day", "compact", "epoch")]
_TIME = re.compile(TIME_OF_DAY)
_PRICES = 4


def is_data(cells: Sequence[str]) -> bool:
    """Say whether a line is a row of bars and no header: it has a date or time and at least four numbers."""
    values = [cell.strip() for cell in cells]
    dates = sum(_is_date(value) for value in values)
    return dates > 0 and sum(bool(_NUMBER.fullmatch(value)) for value in values) >= _PRICES


def guess_names(columns: Sequence[pa.ChunkedArray], delimiter: str) -> tuple[str, ...]:
    """Return a name for each column; raises UnusableFileError when there is no date or there are no four prices.

    The first column of dates is the date. Of the first four columns of numbers the one that is highest on average is
    the high, the lowest the low, and of the other two the first is the open. Of further numbers those near the close
    are the adjusted close where another column is left for the volume.
    """
    samples = [[str(value or "").strip() for value in column[:_SAMPLE].to_pylist()] for column in columns]
    names = [""] * len(columns)
    date = next((place for place, values in enumerate(samples) if _mostly(values, _is_date)), None)
    if date is None:
        raise UnusableFileError("It has no header line, and none of its columns holds dates.")
    names[date] = "date"
    numbers = []
    for place, values in enumerate(samples):
        if place == date:
            continue
        if "time" not in names and _mostly(values, lambda text: bool(_TIME.fullmatch(text))):
            names[place] = "time"
        elif _mostly(values, lambda text: bool(_NUMBER.fullmatch(text))):
            numbers.append(place)
        elif "symbol" not in names and _mostly(values, lambda text: to_symbol(text) is not None):
            names[place] = "symbol"
    if len(numbers) < _PRICES:
        raise UnusableFileError("It has no header line, and fewer than four of its columns hold numbers.")
    _name_numbers(names, numbers, {place: _mean(columns[place], delimiter) for place in numbers})
    return tuple(name or f"column {place + 1}" for place, name in enumerate(names))


def _name_numbers(names: list[str], numbers: list[int], means: Mapping[int, float]) -> None:
    prices, others = numbers[:_PRICES], numbers[_PRICES:]
    high, low = max(prices, key=lambda place: means[place]), min(prices, key=lambda place: means[place])
    if high == low:
        high, low = prices[1], prices[2]
    rest = [place for place in prices if place not in (high, low)]
    for place, name in zip((high, low, *rest), ("high", "low", "open", "close"), strict=True):
        names[place] = name
    close = means[rest[1]]
    for place in others[:2]:
        near = bool(close) and 0.01 < means[place] / close < 1.5
        wanted = "adj close" if near and len(others) > 1 and "adj close" not in names else "volume"
        if wanted not in names:
            names[place] = wanted


def _is_date(text: str) -> bool:
    return any(pattern.match(text) for pattern in _DATES)


def _mostly(values: Sequence[str], holds: Callable[[str], bool]) -> bool:
    present = [value for value in values if value]
    return bool(present) and sum(holds(value) for value in present) > 0.8 * len(present)


def _mean(column: pa.ChunkedArray, delimiter: str) -> float:
    values = to_numbers(column[:_SAMPLE], "", delimiter=delimiter).values
    present = values[np.isfinite(values)]
    return float(present.mean()) if len(present) else 0.0
