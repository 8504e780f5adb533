"""Bars as they are read: raw, without the jumps of splits, or without those of dividends either."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from outcry.kit.market import Bars, Micros, Timeframe, to_micros
from outcry.ports.database import Database
from outcry.quant.grouping import DAY, group, starts_of
from outcry.services.charts.adjusting.factors import (
    NO_FACTORS,
    Action,
    Factors,
    from_actions,
    from_adjusted_close,
)
from outcry.services.charts.contracts import Adjustment, AdjustmentBasis, CorporateAction
from outcry.services.charts.errors import TimeframeNotRecordedError
from outcry.services.charts.importing.calendars import to_local
from outcry.services.charts.instruments import Found
from outcry.services.charts.models import CorporateActionRow

# More bars than any series has.
_ALL = 2**40
_DAYS_OF = {Timeframe.W1: 7, Timeframe.MN1: 31}


class RawBars(Protocol):
    """What reads bars as they are stored, or built of finer ones."""

    async def __call__(
        self,
        found: Found,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int,
    ) -> Bars:
        """Return the newest ``limit`` bars of a window."""
        ...


class AdjustingQueries:
    """Reads splits and dividends, and bars through them."""

    def __init__(self, database: Database, raw: RawBars) -> None:
        self._database = database
        self._raw = raw

    async def list_actions(self, tenant_id: UUID, found: Found) -> tuple[CorporateAction, ...]:
        """Return the splits and dividends of an instrument by date: the organisation's own, else its owner's."""
        for owner in dict.fromkeys((tenant_id, found.tenant_id)):
            statement = (
                select(CorporateActionRow)
                .where(CorporateActionRow.tenant_id == owner, CorporateActionRow.symbol == found.instrument.symbol)
                .order_by(CorporateActionRow.date, CorporateActionRow.kind)
            )
            async with self._database.reading() as session:
                rows = (await session.scalars(statement)).all()
            if rows:
                return tuple(_to_action(row) for row in rows)
        return ()

    async def splits(self, tenant_id: UUID, found: Sequence[Found]) -> dict[str, dict[date, float]]:
        """Return the recorded ratios of splits by symbol and ex-date, as ``list_actions`` chooses whose they are."""
        owners = {(tenant_id, one.instrument.symbol) for one in found}
        owners |= {(one.tenant_id, one.instrument.symbol) for one in found}
        statement = select(CorporateActionRow).where(
            CorporateActionRow.tenant_id.in_({owner for owner, _ in owners}),
            CorporateActionRow.symbol.in_({symbol for _, symbol in owners}),
        )
        async with self._database.reading() as session:
            rows = (await session.scalars(statement)).all()
        own = {row.symbol for row in rows if row.tenant_id == tenant_id}
        ratios: dict[str, dict[date, float]] = {}
        for row in rows:
            mine = row.tenant_id == tenant_id or row.symbol not in own
            if mine and row.ratio and (row.tenant_id, row.symbol) in owners:
                ratios.setdefault(row.symbol, {})[row.date] = row.ratio
        return ratios

    async def read(
        self,
        tenant_id: UUID,
        found: Found,
        timeframe: Timeframe,
        adjustment: Adjustment,
        *,
        end: datetime | None = None,
        limit: int,
    ) -> tuple[Bars, AdjustmentBasis]:
        """Return the newest ``limit`` bars before ``end``, adjusted, and what they were adjusted by.

        Weeks and months are built of adjusted days, so that a split in their midst does not tear them. Raises
        TimeframeNotRecordedError.
        """
        if adjustment == "none":
            return await self._raw(found, timeframe, end=end, limit=limit), "none"
        factors, basis = await self._factors(tenant_id, found, adjustment)
        if not len(factors):
            return await self._raw(found, timeframe, end=end, limit=limit), basis
        zone = found.instrument.zone
        if timeframe in _DAYS_OF and _has_days(found):
            days = _DAYS_OF[timeframe]
            later = None if end is None else end + timedelta(days=days)
            daily = await self._raw(found, Timeframe.D1, end=later, limit=(limit + 2) * days)
            return await asyncio.to_thread(_periods, factors, daily, timeframe, end, limit), basis
        bars = await self._raw(found, timeframe, end=end, limit=limit)
        return await asyncio.to_thread(lambda: factors.apply(bars, _closing_days(bars, timeframe, zone))), basis

    async def _factors(self, tenant_id: UUID, found: Found, adjustment: Adjustment) -> tuple[Factors, AdjustmentBasis]:
        actions = await self.list_actions(tenant_id, found)
        wanted = [one for one in actions if one.kind == "split" or adjustment == "all"]
        by_column = adjustment == "all" and not any(one.kind == "dividend" for one in actions)
        if not wanted and not by_column:
            return NO_FACTORS, "none"
        try:
            daily = await self._raw(found, Timeframe.D1, limit=_ALL)
        except TimeframeNotRecordedError:
            # Weeks or months alone: they are taken for the days on which they begin.
            daily = await self._raw(found, found.instrument.series[0].timeframe, limit=_ALL)
        return await asyncio.to_thread(_choose, wanted, daily, adjustment, by_column)


def _choose(
    actions: Sequence[CorporateAction], daily: Bars, adjustment: Adjustment, by_column: bool
) -> tuple[Factors, AdjustmentBasis]:
    if by_column:
        factors = from_adjusted_close(daily)
        if len(factors):
            return factors, "adjusted_close"
    known = [Action(date=one.date, kind=one.kind, ratio=one.ratio, amount=one.amount) for one in actions]
    factors, contained = from_actions(known, daily, dividends=adjustment == "all")
    if len(factors):
        return factors, "corporate_actions"
    return factors, "in_the_bars" if contained else "none"


def _has_days(found: Found) -> bool:
    return any(one.timeframe.duration <= Timeframe.D1.duration for one in found.instrument.series)


def _periods(factors: Factors, daily: Bars, timeframe: Timeframe, end: datetime | None, limit: int) -> Bars:
    built = group(factors.apply(daily, daily.time), starts_of(daily.time, timeframe))
    if end is not None:
        built = built.between(0, int((built.time < to_micros(end)).sum()))
    return built.tail(limit)


def _closing_days(bars: Bars, timeframe: Timeframe, zone: str) -> Micros:
    """Return midnight of the session date of each bar's close."""
    if timeframe.is_intraday:
        days: Micros = to_local(bars.time, zone) // DAY * DAY
        return days
    return bars.time + (_DAYS_OF.get(timeframe, 1) - 1) * DAY


def _to_action(row: CorporateActionRow) -> CorporateAction:
    return CorporateAction(
        date=row.date,
        kind="split" if row.kind == "split" else "dividend",
        ratio=row.ratio,
        amount=row.amount,
        source=row.source,
    )
