"""Reads bars and tells how much was traded at which price."""

import asyncio
from datetime import datetime
from uuid import UUID

from outcry.kit.market import Bars, Timeframe, to_micros
from outcry.quant.indicators.profiles import VolumeProfile, volume_profile
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.profiles.contracts import PriceVolumes
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.series import check_window, to_milliseconds

MOST_BARS = 50_000


class ProfileQueries:
    """Volume profiles of what an organisation sees."""

    def __init__(self, queries: ChartsQueries) -> None:
        self._queries = queries

    async def profile(
        self,
        *,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        start: datetime | None,
        end: datetime | None,
        limit: int,
        adjustment: Adjustment,
        rows: int,
        value_share: float,
    ) -> PriceVolumes:
        """Return the profile of the newest ``limit`` bars with start <= time < end.

        Raises InstrumentNotFoundError, TimeframeNotRecordedError, and InvalidInputError for wrong rows or shares.
        """
        first, last = check_window(start, end)
        found = await self._queries.instrument_reader.get(tenant_id, symbol)
        bars, _ = await self._queries.adjusting.read(
            tenant_id, found, timeframe, adjustment, end=last, limit=min(limit, MOST_BARS)
        )
        if first is not None:
            bars = bars.between(int((bars.time < to_micros(first)).sum()), len(bars))
        profile = await asyncio.to_thread(volume_profile, bars, rows=rows, value_share=value_share)
        return _to_volumes(found.instrument.symbol, timeframe, adjustment, bars, profile)


def _to_volumes(
    symbol: str, timeframe: Timeframe, adjustment: Adjustment, bars: Bars, profile: VolumeProfile | None
) -> PriceVolumes:
    times = to_milliseconds(bars)
    return PriceVolumes(
        symbol=symbol,
        timeframe=timeframe,
        adjustment=adjustment,
        start=times[0] if times else None,
        end=times[-1] if times else None,
        bars=len(bars),
        edges=tuple(profile.edges.tolist()) if profile else (),
        rising=tuple(profile.rising.tolist()) if profile else (),
        falling=tuple(profile.falling.tolist()) if profile else (),
        point_of_control=profile.point_of_control if profile else None,
        value_low=profile.value_low if profile else None,
        value_high=profile.value_high if profile else None,
    )
