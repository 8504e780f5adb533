"""Columns of dates and times as people write them, read as a whole: one column has one way of writing."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from outcry.kit.market import Micros
from outcry.services.charts.importing.calendars import SECOND, from_civil, to_local
from outcry.services.charts.importing.date_order import ORDERS, choose_order
from outcry.services.charts.importing.date_shapes import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    PATTERNS,
    TIME_OF_DAY,
    Parts,
    dominant_shape,
    month_numbers,
)
from outcry.services.charts.importing.numbers import MISSING, Mask, to_mask
from outcry.services.charts.importing.report import UnusableFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """A column of times.

    ``local`` is the time as written, in microseconds since 1970 as if it were UTC, and 0 where there is none.
    ``offset`` is local less UTC where the file says it (``offset_known``). ``clock`` says that a time of day is
    written. The other masks tell why a row has no time. ``note`` says how an unclear column was read.
    """

    local: Micros
    offset: Micros
    offset_known: Mask
    clock: Mask
    missing: Mask
    time_only: Mask
    unreadable: Mask
    note: str = ""

    @property
    def good(self) -> Mask:
        """Where there is a time."""
        return ~(self.missing | self.time_only | self.unreadable)


def to_moments(column: pa.ChunkedArray, name: str, date_format: str | None) -> Moments:
    """Read a column of dates or times; raises UnusableFileError when the order of day and month stays unclear."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _from_typed(column)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_dictionary(kind):
        column = column.cast(pa.string()) if not pa.types.is_floating(kind) else _whole_text(column)
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise UnusableFileError(f"The column {name!r} holds {kind}, not dates.")
    if date_format is None:
        quick = _quick_iso(column)
        if quick is not None:
            return quick
    text = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
    missing = to_mask(pc.is_in(pc.utf8_lower(text), pa.array(MISSING)))
    if date_format is not None and date_format not in ORDERS:
        return _by_pattern(text, missing, date_format)
    return _by_shape(text, missing, name, date_format)


def _from_typed(column: pa.ChunkedArray) -> Moments:
    zone = column.type.tz if pa.types.is_timestamp(column.type) else None
    missing = to_mask(pc.is_null(column))
    plain = column if pa.types.is_timestamp(column.type) else column.cast(pa.timestamp("s"))
    # A file may hold nanoseconds; less than a microsecond says nothing about a bar.
    micros = plain.cast(pa.timestamp("us", tz=zone), safe=False).cast(pa.int64())
    utc = pc.fill_null(micros, 0).to_numpy().astype(np.int64)
    local = utc if zone is None else to_local(utc, zone)
    clock = np.full(len(utc), pa.types.is_timestamp(column.type))
    return _moments(local, missing, clock=clock, offset=None if zone is None else local - utc)


def _whole_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    values = column.to_numpy()
    return pa.chunked_array([pa.array([None if value != value else f"{value:.6f}" for value in values], pa.string())])


def _quick_iso(column: pa.ChunkedArray) -> Moments | None:
    """The usual case, ISO dates without a zone and without a fault, at the speed of the engine."""
    try:
        micros = pc.cast(column, pa.timestamp("us")).cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    if micros.null_count:
        return None
    local = micros.to_numpy().astype(np.int64)
    years = local.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    if len(years) and not (years.min() >= EARLIEST_YEAR and years.max() <= LATEST_YEAR):
        return None
    clock = to_mask(pc.greater(pc.utf8_length(column), 10))
    return _moments(local, np.zeros(len(local), dtype=np.bool_), clock=clock)


def _by_pattern(text: pa.ChunkedArray, missing: Mask, pattern: str) -> Moments:
    """Read by a strptime pattern that the person gave."""
    try:
        datetime.strptime("", pattern)  # noqa: DTZ007 - only to learn whether the pattern is one
    except (ValueError, re.error) as error:
        if "does not match" not in str(error):
            raise UnusableFileError(
                f"--date-format {pattern!r} is neither ymd, mdy, dmy nor a strptime pattern."
            ) from error
    local = np.zeros(len(text), dtype=np.int64)
    offset = np.zeros(len(text), dtype=np.int64)
    known = np.zeros(len(text), dtype=np.bool_)
    unreadable = ~missing
    for row, value in enumerate(text.to_pylist()):
        try:
            moment = datetime.strptime(value, pattern)  # noqa: DTZ007 - the zone, where written, is kept apart below
        except ValueError:
            continue
        shift = moment.utcoffset()
        known[row], offset[row] = shift is not None, 0 if shift is None else int(shift.total_seconds()) * SECOND
        wall = moment.replace(tzinfo=UTC)
        local[row] = int(wall.timestamp()) * SECOND + wall.microsecond
        unreadable[row] = not EARLIEST_YEAR <= wall.year <= LATEST_YEAR
    clock = np.full(len(text), any(sign in pattern for sign in ("%H", "%I", "%X", "%c", "%T")))
    return _moments(local, missing, clock=clock, offset=offset, known=known, unreadable=unreadable)


def _by_shape(text: pa.ChunkedArray, missing: Mask, name: str, order: str | None) -> Moments:
    shape = dominant_shape(text, missing)
    if shape is None:
        time_only = to_mask(pc.match_substring_regex(text, TIME_OF_DAY))
        nothing = np.zeros(len(text), dtype=np.int64)
        return _moments(nothing, missing, time_only=time_only, unreadable=~missing & ~time_only)
    if shape == "epoch":
        return _from_epoch(text, missing)
    parts = Parts(pc.extract_regex(text, PATTERNS[shape]))
    note = ""
    if shape == "numeric":
        day, month, note = choose_order(parts, name, order)
    elif shape in ("day name", "name day"):
        day, month = parts.whole("d"), month_numbers(parts)
    else:
        day, month = parts.whole("d"), parts.whole("m")
    return _assemble(text, missing, parts, day, month, note)


def _assemble(text: pa.ChunkedArray, missing: Mask, parts: Parts, day: Micros, month: Micros, note: str) -> Moments:
    year = parts.whole("y")
    if "y" in parts.names:
        short = to_mask(pc.equal(pc.utf8_length(parts.text("y")), 2))
        year = np.where(short, year + np.where(year < 70, 2000, 1900), year)
    date, real = from_civil(year, month, day)
    hour, minute, second = parts.whole("H"), parts.whole("M"), parts.whole("S")
    hour, real_hour = _by_half_day(parts, hour)
    real &= real_hour & (hour < 24) & (minute < 60) & (second < 60) & (year >= EARLIEST_YEAR) & (year <= LATEST_YEAR)
    local = date + ((hour * 60 + minute) * 60 + second) * SECOND + _fraction(parts)
    clock = to_mask(pc.not_equal(parts.text("H"), "")) if "H" in parts.names else np.zeros(len(real), dtype=np.bool_)
    offset, known = _offsets(parts)
    good = parts.found & real
    time_only = to_mask(pc.match_substring_regex(text, TIME_OF_DAY)) & ~good
    return _moments(
        np.where(good, local, 0),
        missing,
        clock=clock,
        offset=offset,
        known=known,
        time_only=time_only,
        unreadable=~good & ~missing & ~time_only,
        note=note,
    )


def _by_half_day(parts: Parts, hour: Micros) -> tuple[Micros, Mask]:
    if "p" not in parts.names:
        return hour, np.ones(len(hour), dtype=np.bool_)
    letter = pc.utf8_lower(pc.utf8_slice_codeunits(parts.text("p"), 0, 1))
    morning, evening = to_mask(pc.equal(letter, "a")), to_mask(pc.equal(letter, "p"))
    half = morning | evening
    counted = np.where(half, hour % 12 + 12 * evening, hour)
    return counted, ~half | ((hour >= 1) & (hour <= 12))


def _fraction(parts: Parts) -> Micros:
    if "f" not in parts.names:
        return np.zeros(len(parts.found), dtype=np.int64)
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(parts.text("f"), 6, "0"), 0, 6)
    return np.asarray(pc.cast(padded, pa.int64()).to_numpy(), dtype=np.int64)


def _offsets(parts: Parts) -> tuple[Micros, Mask]:
    """Return local less UTC where a zone is written: Z, UTC and GMT are none, +02:00 is two hours."""
    count = len(parts.found)
    if "z" not in parts.names:
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.bool_)
    text = parts.text("z")
    known = to_mask(pc.not_equal(text, ""))
    if not known.any():
        return np.zeros(count, dtype=np.int64), known
    fields = Parts(pa.chunked_array([pc.extract_regex(text, r"^(?P<s>[+-])(?P<h>\d{2}):?(?P<m>\d{2})?$")]))
    sign = np.where(to_mask(pc.equal(fields.text("s"), "-")), -1, 1)
    return sign * (fields.whole("h") * 60 + fields.whole("m")) * 60 * SECOND, known


def _from_epoch(text: pa.ChunkedArray, missing: Mask) -> Moments:
    """Seconds, milli-, micro- or nanoseconds since 1970, by their size; they are UTC."""
    good = to_mask(pc.match_substring_regex(text, PATTERNS["epoch"]))
    numbers = pc.cast(pc.if_else(pa.chunked_array([good]), text, None), pa.float64()).to_numpy()
    whole = pc.if_else(pa.chunked_array([good]), pc.replace_substring_regex(text, r"\..*$", ""), "0")
    exact = pc.cast(whole, pa.int64()).to_numpy().astype(np.int64)
    size = float(np.nanmedian(np.abs(numbers)))
    if size < 1e11:
        local = np.where(good, np.nan_to_num(numbers) * SECOND, 0).round().astype(np.int64)
    elif size < 1e14:
        local = exact * 1000
    elif size < 1e17:
        local = exact
    else:
        local = exact // 1000
    years = local.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    good &= (years >= EARLIEST_YEAR) & (years <= LATEST_YEAR)
    offset = np.zeros(len(local), dtype=np.int64)
    return _moments(local * good, missing, clock=np.full(len(local), True), offset=offset, unreadable=~good & ~missing)


def _moments(
    local: Micros,
    missing: Mask,
    *,
    clock: Mask | None = None,
    offset: Micros | None = None,
    known: Mask | None = None,
    time_only: Mask | None = None,
    unreadable: Mask | None = None,
    note: str = "",
) -> Moments:
    none = np.zeros(len(local), dtype=np.bool_)
    return Moments(
        local=local,
        offset=np.zeros(len(local), dtype=np.int64) if offset is None else offset,
        offset_known=known if known is not None else np.full(len(local), offset is not None),
        clock=none if clock is None else clock,
        missing=missing,
        time_only=none if time_only is None else time_only,
        unreadable=none if unreadable is None else unreadable,
        note=note,
    )
