"""The newest price of an instrument, and its change since the session before."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from outcry.kit.market import Bars, Timeframe, from_micros
from outcry.ports.time_series import TimeSeries
from outcry.services.charts.adjusting.factors import is_contained
from outcry.services.charts.contracts import Quote, StoredSeries
from outcry.services.charts.instruments import Found
from outcry.services.charts.series import newest_series, session_date


class Quoter:
    """Makes quotes of recorded bars."""

    def __init__(self, time_series: TimeSeries) -> None:
        self._time_series = time_series

    async def quote(self, found: Found, splits: Mapping[date, float]) -> Quote | None:
        """Return the quote of an instrument, None when nothing is recorded of it.

        ``splits`` are its recorded ratios by ex-date: on that day the close before is told in new shares, unless the
        prices do not jump.

        Open, high, low and volume are those of the newest session; the session before is taken from the daily bars
        where there are any, else it is built of the finer ones.
        """
        series = newest_series(found.instrument.series, found.instrument.zone)
        if series is None:
            return None
        session = await self._sessions(found, series)
        if not len(session):
            return None
        before = await self._close_before(found, series, session)
        before = _in_new_shares(before, float(session.open[-1]), splits.get(_day_of(found, series)))
        price = float(session.close[-1])
        change = None if before is None else price - before
        return Quote(
            symbol=found.instrument.symbol,
            time=series.last,
            timeframe=series.timeframe,
            open=float(session.open[-1]),
            high=float(session.high[-1]),
            low=float(session.low[-1]),
            price=price,
            volume=float(session.volume[-1]),
            previous_close=before,
            change=change,
            change_percent=100 * change / before if change is not None and before else None,
        )

    async def _sessions(self, found: Found, series: StoredSeries) -> Bars:
        one = found.instrument
        if not series.timeframe.is_intraday:
            return await self._time_series.read(found.tenant_id, one.symbol, series.timeframe, limit=2)
        return await self._time_series.aggregate(
            found.tenant_id, one.symbol, series.timeframe, Timeframe.D1, zone=one.zone, limit=2
        )

    async def _close_before(self, found: Found, series: StoredSeries, sessions: Bars) -> float | None:
        one = found.instrument
        daily = any(stored.timeframe is Timeframe.D1 for stored in one.series)
        if series.timeframe.is_intraday and daily:
            today = session_date(series.last, series.timeframe, one.zone)
            midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
            recorded = await self._time_series.read(found.tenant_id, one.symbol, Timeframe.D1, end=midnight, limit=1)
            # A daily record that ends long before these minutes says nothing of the session before.
            if len(recorded) and midnight - from_micros(int(recorded.time[-1])) <= timedelta(days=7):
                return float(recorded.close[-1])
        return float(sessions.close[-2]) if len(sessions) > 1 else None


def _day_of(found: Found, series: StoredSeries) -> date:
    return session_date(series.last, series.timeframe, found.instrument.zone)


def _in_new_shares(before: float | None, opened: float, ratio: float | None) -> float | None:
    if before is None or ratio is None or is_contained(before, opened, ratio):
        return before
    return before / ratio
