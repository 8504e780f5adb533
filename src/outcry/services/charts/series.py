"""Which stored bars serve a timeframe, and when a bar is over."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Bars, Timeframe, from_micros
from outcry.services.charts.contracts import BarSeries, StoredSeries
from outcry.services.charts.errors import TimeframeNotRecordedError

_MICROS_PER_MS = 1000


def source_for(target: Timeframe, stored: Sequence[Timeframe]) -> Timeframe:
    """Return the stored timeframe to build ``target`` of: itself, else the longest that divides it.

    A month is not made of whole weeks, everything else divides. Raises TimeframeNotRecordedError.
    """
    if target in stored:
        return target
    fitting = [t for t in stored if t.duration < target.duration and _divides(t, target)]
    if not fitting:
        have = ", ".join(stored) or "nothing"
        raise TimeframeNotRecordedError(f"Bars of {target} cannot be built: recorded is {have}.")
    return max(fitting, key=lambda timeframe: timeframe.duration)


def _divides(source: Timeframe, target: Timeframe) -> bool:
    return not (source is Timeframe.W1 and target is Timeframe.MN1)


def end_of(opened: datetime, timeframe: Timeframe, zone: str) -> datetime:
    """Return when a bar that opened then is over: after its length, or at local midnight after its last day."""
    if timeframe.is_intraday:
        return opened + timeframe.duration
    first = opened.date()
    if timeframe is Timeframe.MN1:
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    else:
        after = first + timeframe.duration
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def session_date(opened: datetime, timeframe: Timeframe, zone: str) -> date:
    """Return the date of the session that a bar belongs to."""
    return opened.astimezone(ZoneInfo(zone)).date() if timeframe.is_intraday else opened.date()


def as_utc(moment: datetime | None, field: str) -> datetime | None:
    """Return an aware time; one without a zone counts as UTC. Raises InvalidInputError outside years 1 to 9999."""
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInputError(
            f"{field} is outside the calendar.", errors=({"field": field, "message": "outside the calendar"},)
        ) from error


def check_window(start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Return both ends in UTC; raises InvalidInputError when the start is not before the end."""
    first, last = as_utc(start, "start"), as_utc(end, "end")
    if first is not None and last is not None and first >= last:
        raise InvalidInputError(
            "start must be before end.", errors=({"field": "start", "message": "must be before end"},)
        )
    return first, last


def to_milliseconds(bars: Bars) -> tuple[int, ...]:
    """Return the bars' times in milliseconds since 1970."""
    return tuple((bars.time // _MICROS_PER_MS).tolist())


def to_bar_series(symbol: str, timeframe: Timeframe, bars: Bars, *, closed: bool, more: bool) -> BarSeries:
    """Turn columns into the contract's form: plain tuples, an unknown adjusted close as None."""
    # A number that is not equal to itself is NaN.
    adjusted = tuple(value if value == value else None for value in bars.adjusted_close.tolist())
    return BarSeries(
        symbol=symbol,
        timeframe=timeframe,
        time=to_milliseconds(bars),
        open=tuple(bars.open.tolist()),
        high=tuple(bars.high.tolist()),
        low=tuple(bars.low.tolist()),
        close=tuple(bars.close.tolist()),
        volume=tuple(bars.volume.tolist()),
        adjusted_close=adjusted,
        closed=closed,
        more=more,
    )


def is_closed(bars: Bars, timeframe: Timeframe, zone: str, now: datetime) -> bool:
    """Say whether the newest bar is over; true where there is none."""
    return not len(bars) or end_of(from_micros(int(bars.time[-1])), timeframe, zone) <= now


def newest_series(series: Sequence[StoredSeries], zone: str) -> StoredSeries | None:
    """Return the series that knows the newest price: of the latest session, the daily bar before finer ones.

    Weeks and months, which are stamped with their first day, count only where nothing finer is recorded.
    """
    fine = [one for one in series if one.timeframe.duration <= Timeframe.D1.duration] or list(series)
    if not fine:
        return None
    return max(
        fine,
        key=lambda one: (session_date(one.last, one.timeframe, zone), one.timeframe is Timeframe.D1, one.last),
    )
