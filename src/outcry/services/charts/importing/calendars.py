"""Dates and zones over whole arrays of microseconds."""

from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Micros, from_micros

Mask = NDArray[np.bool_]
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def from_civil(year: Micros, month: Micros, day: Micros) -> tuple[Micros, Mask]:
    """Return midnight of each date, and where the date exists; 30 February does not."""
    plausible = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1) & (year <= 9999)
    months = np.where(plausible, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    real = plausible & (day <= following - first)
    return (first + day - 1) * DAY, real


def to_local(utc: Micros, zone: str) -> Micros:
    """Return the wall clock of UTC times in a zone."""
    return utc + _offsets(utc, zone, from_utc=True)


def to_utc(local: Micros, zone: str) -> Micros:
    """Return the UTC times of a zone's wall clock; of an hour that comes twice, the first."""
    return local - _offsets(local, zone, from_utc=False)


def _offsets(times: Micros, zone: str, *, from_utc: bool) -> Micros:
    # Zones change their offset on the hour, or on the half; one look per half hour serves all times in it.
    # Neighbours mostly share theirs, so runs of equal half hours are looked up, not rows.
    if not len(times) or zone == "UTC":
        return np.zeros(len(times), dtype=np.int64)
    halves = times // (HOUR // 2)
    starts = np.r_[0, np.flatnonzero(np.diff(halves)) + 1]
    tz, known = ZoneInfo(zone), dict[int, int]()
    for half in halves[starts].tolist():
        if half not in known:
            moment = from_micros(half * (HOUR // 2))
            shift = moment.astimezone(tz).utcoffset() if from_utc else moment.replace(tzinfo=tz).utcoffset()
            known[half] = 0 if shift is None else round(shift.total_seconds()) * SECOND
    found = np.array([known[half] for half in halves[starts].tolist()], dtype=np.int64)
    return np.repeat(found, np.diff(np.r_[starts, len(times)]))
