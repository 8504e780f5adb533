"""Dates and zones over whole arrays of microseconds."""

from zoneinfo import ZoneInfo

import numpy as np

from outcry.kit.market import Micros, from_micros
from outcry.services.charts.importing.numbers import Mask

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
    half_hours, places = np.unique(times // (HOUR // 2), return_inverse=True)
    tz = ZoneInfo(zone)
    found = np.empty(len(half_hours), dtype=np.int64)
    for at, half in enumerate(half_hours.tolist()):
        moment = from_micros(half * (HOUR // 2))
        shift = moment.astimezone(tz).utcoffset() if from_utc else moment.replace(tzinfo=tz).utcoffset()
        found[at] = 0 if shift is None else round(shift.total_seconds()) * SECOND
    return found[places] if len(found) else np.zeros(0, dtype=np.int64)
