"""Columns of numbers as people write them: 4,787,699 and 1.234,5 and $12.30 and 3.4M."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from outcry.kit.market import Floats
from outcry.services.charts.importing.report import UnusableFileError

Mask = NDArray[np.bool_]

MISSING = ("", "null", "nan", "na", "n/a", "#n/a", "none", "nil", "-", "--")

_GROUPED = r"^[+-]?\d{1,3}([, '\x{00a0}\x{202f}]\d{3})+(\.\d*)?$"
_COMMA_DECIMAL = r"^[+-]?(\d{1,3}([. '\x{00a0}\x{202f}]\d{3})+|\d+),\d+$"
_POINT_GROUPED = r"^[+-]?\d{1,3}(\.\d{3}){2,}$"
_PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_SHORT = r"(?i)^[+-]?\d+(\.\d+)?[KMB]$"
_INFINITE = r"(?i)^[+-]?inf(inity)?$"
_POWERS = {"k": 1e3, "m": 1e6, "b": 1e9}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column read: NaN where a value is missing or unreadable, which the masks tell apart."""

    values: Floats
    missing: Mask
    unreadable: Mask


def to_numbers(column: pa.ChunkedArray, name: str, *, delimiter: str) -> Numbers:
    """Read a column of text or numbers; raises UnusableFileError for a column of another type."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _from_text(column, delimiter)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type)):
        if pa.types.is_null(column.type):
            return _from_text(column.cast(pa.string()), delimiter)
        raise UnusableFileError(f"The column {name!r} holds {column.type}, not numbers.")
    missing = to_mask(pc.is_null(column, nan_is_null=pa.types.is_floating(column.type)))
    values = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    return Numbers(values=values, missing=missing, unreadable=np.zeros(len(values), dtype=np.bool_))


def _from_text(column: pa.ChunkedArray, delimiter: str) -> Numbers:
    try:
        values = pc.cast(column, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return _from_odd_text(column, delimiter)
    values = values.astype(np.float64)
    return Numbers(values=values, missing=np.isnan(values), unreadable=np.zeros(len(values), dtype=np.bool_))


def _from_odd_text(column: pa.ChunkedArray, delimiter: str) -> Numbers:
    text = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    missing = to_mask(pc.is_in(pc.utf8_lower(text), pa.array(MISSING)))
    text = pc.replace_substring_regex(text, r"^([+-]?)\s*[$€£¥]\s*", r"\1")
    text = _with_points(text, delimiter)
    short = pc.match_substring_regex(text, _SHORT)
    factor = np.ones(len(text))
    for letter, power in _POWERS.items():
        factor[to_mask(pc.and_(short, pc.ends_with(pc.utf8_lower(text), letter)))] = power
    text = pc.if_else(short, pc.utf8_slice_codeunits(text, 0, -1), text)
    readable = pc.or_(pc.match_substring_regex(text, _PLAIN), pc.match_substring_regex(text, _INFINITE))
    values = pc.cast(pc.if_else(readable, text, None), pa.float64()).to_numpy().astype(np.float64) * factor
    return Numbers(values=values, missing=missing, unreadable=~to_mask(readable) & ~missing)


def _with_points(text: pa.ChunkedArray, delimiter: str) -> pa.ChunkedArray:
    """Take out what groups thousands, and make the decimal sign a point."""
    # Between semicolons a comma mostly is the decimal sign; a 1,234.5 in the column says that it is not.
    if delimiter == ";" and not pc.any(pc.match_substring_regex(text, r",.*\.")).as_py():
        decimal, pointed = (pc.match_substring_regex(text, pattern) for pattern in (_COMMA_DECIMAL, _POINT_GROUPED))
        bare = pc.replace_substring_regex(text, r"[. '\x{00a0}\x{202f}]", "")
        text = pc.if_else(pc.or_(decimal, pointed), pc.replace_substring(bare, ",", "."), text)
    grouped = pc.match_substring_regex(text, _GROUPED)
    return pc.if_else(grouped, pc.replace_substring_regex(text, r"[, '\x{00a0}\x{202f}]", ""), text)


def to_mask(column: pa.ChunkedArray | pa.Array) -> Mask:
    """Return a column of truth values as an array."""
    values = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return np.asarray(values, dtype=np.bool_)
