"""The ways in which dates are written, as patterns, and what a pattern finds in a column."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outcry.kit.market import Micros
from outcry.services.charts.importing.numbers import Mask, to_mask

_SAMPLE = 1000
EARLIEST_YEAR, LATEST_YEAR = 1800, 2200

_ZONE = r"(?P<z>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})"
_CLOCK = (
    r"(?:[T ,]\s*(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    rf"\s*(?P<p>[AaPp]\.?[Mm]\.?)?\s*{_ZONE}?)?$"
)
_YEAR = r"(?P<y>\d{4}|\d{2})"
_WEEKDAY = r"^(?:[A-Za-z]{3,9},?\s+)?"
_NAME = r"(?P<n>[A-Za-z]{3,9})"
PATTERNS = {
    "ymd": r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK,
    "numeric": r"^(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})[-/.]" + _YEAR + _CLOCK,
    "day name": _WEEKDAY + r"(?P<d>\d{1,2})[-/. ]" + _NAME + r"[.,]?[-/ ]\s*" + _YEAR + _CLOCK,
    "name day": _WEEKDAY + _NAME + r"\.?[- ](?P<d>\d{1,2})(?:st|nd|rd|th)?[-, ]\s*" + _YEAR + _CLOCK,
    "compact": r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
    r"(?:[T ]?(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2}))?(?P<z>Z)?)?$",
    "epoch": r"^-?\d{8,19}(\.\d+)?$",
}
TIME_OF_DAY = r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?$"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def dominant_shape(text: pa.ChunkedArray, missing: Mask) -> str | None:
    """Return which pattern fits most of a sample from the whole column; ties go to the one that is listed first."""
    present = np.flatnonzero(~missing)
    if not len(present):
        return None
    chosen = present[np.linspace(0, len(present) - 1, min(_SAMPLE, len(present))).astype(np.int64)]
    sample = text.take(pa.array(chosen))
    fits = {
        shape: pc.sum(pc.match_substring_regex(sample, pattern)).as_py() or 0 for shape, pattern in PATTERNS.items()
    }
    if fits["compact"] and fits["compact"] >= fits["epoch"] and not _is_calendar(sample):
        fits["compact"] = 0
    best = max(fits, key=lambda shape: fits[shape])
    return best if fits[best] else None


def _is_calendar(sample: pa.ChunkedArray) -> bool:
    """Whether compact figures can all be dates, and not seconds since 1970 that only look alike."""
    parts = Parts(pc.extract_regex(sample, PATTERNS["compact"]))
    year, month, day = parts.whole("y"), parts.whole("m"), parts.whole("d")
    fits = (year >= EARLIEST_YEAR) & (year <= LATEST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    return bool((fits | ~parts.found).mean() > 0.5)


class Parts:
    """What a pattern found in each row."""

    def __init__(self, found: pa.ChunkedArray) -> None:
        self._found = found.combine_chunks()
        self.found: Mask = to_mask(pc.is_valid(self._found))
        self.names = {field.name for field in found.type}

    def text(self, name: str) -> pa.Array:
        """Return a group's text, empty where it found none."""
        return pc.fill_null(pc.struct_field(self._found, name), "")

    def whole(self, name: str) -> Micros:
        """Return a group as whole numbers, 0 where it found none."""
        if name not in self.names:
            return np.zeros(len(self.found), dtype=np.int64)
        text = self.text(name)
        values = pc.cast(pc.if_else(pc.equal(text, ""), "0", text), pa.int64())
        return np.asarray(values.to_numpy(), dtype=np.int64)


def month_numbers(parts: Parts) -> Micros:
    """Return the months that are named, 0 where the name is none."""
    short = pc.utf8_lower(pc.utf8_slice_codeunits(parts.text("n"), 0, 3))
    places = pc.fill_null(pc.index_in(short, pa.array(_MONTHS)), -1)
    return np.asarray(places.to_numpy(zero_copy_only=False), dtype=np.int64) + 1


def _count(sample: pa.ChunkedArray, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(sample, pattern)).as_py() or 0)
