"""Daily sessions of instruments, read through the charts facade and cut to periods."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from outcry.kit.market import Timeframe
from outcry.services.ai.cards import midnight
from outcry.services.ai.performance import Sessions
from outcry.services.ai.periods import Period
from outcry.services.charts.contracts import BarSeries, ChartsFacade, Instrument

_PAGE = 5000
_MOST_PAGES = 8
# Longer than any stretch of closed days, so that the last close before a period is nearly always inside.
_SLACK = timedelta(days=14)


class NoDataError(Exception):
    """There is nothing to answer from; the message is the sentence that says so."""


class Market:
    """One organisation's view of the market."""

    def __init__(self, charts: ChartsFacade, tenant_id: UUID) -> None:
        self.charts = charts
        self.tenant_id = tenant_id

    async def get_instruments(self, symbols: Sequence[str]) -> list[Instrument]:
        """Return the instruments of these symbols in their order; raises NoDataError naming the unknown."""
        wanted = list(dict.fromkeys(symbol.strip().upper().lstrip("$") for symbol in symbols))
        found = await self.charts.instruments(tenant_id=self.tenant_id, symbols=tuple(wanted))
        by_symbol = {instrument.symbol: instrument for instrument in found}
        unknown = [symbol for symbol in wanted if symbol not in by_symbol]
        if unknown:
            near = await self.near(unknown[0])
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            verb = "is no instrument" if len(unknown) == 1 else "are no instruments"
            raise NoDataError(f"{' and '.join(symbol[:24] for symbol in unknown)} {verb} that I have data of.{hint}")
        return [by_symbol[symbol] for symbol in wanted]

    async def near(self, word: str) -> list[str]:
        """Return up to three symbols that ``word`` may have been meant as."""
        found = await self.charts.search(tenant_id=self.tenant_id, query=word[:40], limit=3)
        return [instrument.symbol for instrument in found]

    def newest_day(self, instrument: Instrument) -> date:
        """Return the session date of the newest bar of any timeframe."""
        if not instrument.series:
            raise NoDataError(f"There are no bars of {instrument.symbol}.")
        zone = ZoneInfo(instrument.zone) if instrument.zone else UTC
        return max(
            series.last.astimezone(zone).date() if series.timeframe.is_intraday else series.last.date()
            for series in instrument.series
        )

    async def sessions(self, instrument: Instrument, period: Period) -> tuple[Sessions, int]:
        """Return the sessions of a period and the position of its first one.

        What lies before that position is the session whose close changes are counted from, where there is one.
        Raises NoDataError where the period has no bars.
        """
        if period.sessions is not None:
            return await self._newest_sessions(instrument, period.sessions, period.skip)
        start = None if period.base is None else midnight(period.base - _SLACK)
        end = None if period.last is None else midnight(period.last + timedelta(days=1))
        loaded = await self._load(instrument, start, end)
        if period.base is not None and (not len(loaded) or loaded.days[0] > period.base):
            before = await self._bars(instrument, None, midnight(period.base + timedelta(days=1)), 1)
            loaded = _join([before, loaded])
        first = bisect_left(loaded.days, period.first) if period.first is not None else 0
        if first == len(loaded):
            raise NoDataError(self._nothing(instrument, period))
        base = first if period.base is None else bisect_right(loaded.days, period.base) - 1
        base = max(0, base)
        return loaded.cut(base, len(loaded)), first - base

    async def _newest_sessions(self, instrument: Instrument, count: int, skip: int) -> tuple[Sessions, int]:
        loaded = await self._bars(instrument, None, None, min(_PAGE, count + skip + 1))
        last = len(loaded) - skip
        if last <= 0:
            raise NoDataError(f"There are not enough bars of {instrument.symbol}.")
        first = max(0, last - count)
        base = max(0, first - 1)
        return loaded.cut(base, last), first - base

    def _nothing(self, instrument: Instrument, period: Period) -> str:
        first = min(series.first for series in instrument.series).date()
        return (
            f"There are no bars of {instrument.symbol} for {period.label}; its data reaches from "
            f"{first.isoformat()} to {self.newest_day(instrument).isoformat()}."
        )

    async def _load(self, instrument: Instrument, start: datetime | None, end: datetime | None) -> Sessions:
        pages: list[Sessions] = []
        for _ in range(_MOST_PAGES):
            page = await self._bars(instrument, start, end, _PAGE)
            pages.insert(0, page)
            if len(page) < _PAGE:
                break
            end = midnight(page.days[0])
        return _join(pages)

    async def _bars(self, instrument: Instrument, start: datetime | None, end: datetime | None, limit: int) -> Sessions:
        series = await self.charts.bars(
            tenant_id=self.tenant_id,
            symbol=instrument.symbol,
            timeframe=Timeframe.D1,
            start=start,
            end=end,
            limit=limit,
        )
        return to_sessions(series)


def to_sessions(series: BarSeries) -> Sessions:
    """Return daily bars as columns with their session dates."""
    return Sessions(
        days=tuple(datetime.fromtimestamp(moment / 1000, tz=UTC).date() for moment in series.time),
        open=np.array(series.open, dtype=np.float64),
        high=np.array(series.high, dtype=np.float64),
        low=np.array(series.low, dtype=np.float64),
        close=np.array(series.close, dtype=np.float64),
        volume=np.array(series.volume, dtype=np.float64),
        adjusted=np.array([np.nan if v is None else v for v in series.adjusted_close], dtype=np.float64),
    )


def _join(pages: Sequence[Sessions]) -> Sessions:
    return Sessions(
        days=tuple(day for page in pages for day in page.days),
        open=np.concatenate([page.open for page in pages]),
        high=np.concatenate([page.high for page in pages]),
        low=np.concatenate([page.low for page in pages]),
        close=np.concatenate([page.close for page in pages]),
        volume=np.concatenate([page.volume for page in pages]),
        adjusted=np.concatenate([page.adjusted for page in pages]),
    )
