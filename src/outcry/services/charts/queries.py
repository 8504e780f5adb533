"""What reads market data. Changes nothing."""

import asyncio
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import cache
from uuid import UUID

import numpy as np

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Bars, Floats, Timeframe, to_micros
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.ports.database import Database
from outcry.ports.time_series import TimeSeries
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.computing import complete, compute, get_indicator, warm_up
from outcry.quant.indicators.definition import Indicator
from outcry.services.charts.adjusting.queries import AdjustingQueries
from outcry.services.charts.contracts import (
    Adjustment,
    BarSeries,
    ChartsFacade,
    Fact,
    IndicatorInfo,
    IndicatorParameter,
    IndicatorSeries,
    Instrument,
    Quote,
    TechnicalSummary,
)
from outcry.services.charts.fundamentals.queries import MOST_FACTS, FundamentalsQueries
from outcry.services.charts.instruments import WORST_RANK, Found, InstrumentReader
from outcry.services.charts.naming import to_symbol
from outcry.services.charts.quoting import Quoter
from outcry.services.charts.series import check_window, is_closed, source_for, to_bar_series, to_milliseconds
from outcry.services.charts.summary.summarising import summarise

MOST_BARS = 5_000
MOST_INSTRUMENTS = 200
# More bars than any series has: an indicator reads from the first one.
_ALL = 2**40


class ChartsQueries(ChartsFacade):
    """Instruments, bars, quotes and indicators as one organisation sees them."""

    def __init__(self, *, database: Database, time_series: TimeSeries, clock: Clock) -> None:
        self.instrument_reader = InstrumentReader(database, time_series)
        self._time_series = time_series
        self._clock = clock
        self._quoter = Quoter(time_series)
        self.adjusting = AdjustingQueries(database, self.read_bars)
        self.reported = FundamentalsQueries(database, self.instrument_reader)

    async def search(self, *, tenant_id: UUID, query: str, limit: int) -> tuple[Instrument, ...]:
        """Return instruments whose symbol, name or alias fits, best first."""
        most = clamp_limit(limit, most=MOST_INSTRUMENTS)
        found = await self.instrument_reader.search(tenant_id, query, after=None, limit=most)
        return tuple(one.instrument for one in found)

    async def list_instruments(
        self, *, tenant_id: UUID, query: str, cursor: str | None, limit: int
    ) -> Page[Instrument]:
        """Return a page of a search."""
        after = None
        if cursor:
            after = _decode(cursor)
        most = clamp_limit(limit, most=MOST_INSTRUMENTS)
        found = await self.instrument_reader.search(tenant_id, query, after=after, limit=most + 1)
        shown = found[:most]
        more = encode_cursor(shown[-1].rank, shown[-1].instrument.symbol) if len(found) > most else None
        return Page(items=tuple(one.instrument for one in shown), next_cursor=more)

    async def instruments(self, *, tenant_id: UUID, symbols: tuple[str, ...]) -> tuple[Instrument, ...]:
        """Return those of these symbols that exist, in any order."""
        found = await self.instrument_reader.list_by_symbol(tenant_id, symbols[:MOST_INSTRUMENTS])
        return tuple(one.instrument for one in found)

    async def fundamentals(
        self, *, tenant_id: UUID, symbol: str, concepts: tuple[str, ...], as_of: date | None, limit: int
    ) -> tuple[Fact, ...]:
        """Return the newest figures that the company reported, as known at the end of a day."""
        most = clamp_limit(limit, most=MOST_FACTS)
        return await self.reported.facts(tenant_id, symbol, concepts=concepts, as_of=as_of, limit=most)

    async def get_instrument(self, *, tenant_id: UUID, symbol: str) -> Instrument:
        """Return an instrument; raises NotFoundError."""
        return (await self.instrument_reader.get(tenant_id, symbol)).instrument

    async def bars(
        self,
        *,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        start: datetime | None,
        end: datetime | None,
        limit: int,
        adjustment: Adjustment = "splits",
    ) -> BarSeries:
        """Return the newest ``limit`` (at most 5,000) bars with start <= time < end."""
        first, last = check_window(start, end)
        found = await self.instrument_reader.get(tenant_id, symbol)
        most = clamp_limit(limit, most=MOST_BARS)
        # `more` speaks of bars before the first one, also of those before `start`.
        bars, basis = await self.adjusting.read(tenant_id, found, timeframe, adjustment, end=last, limit=most + 1)
        kept = bars if first is None else bars.between(_position(bars, first), len(bars))
        shown = kept.tail(most)
        more = len(shown) < len(bars) if len(shown) else len(bars) > 0
        closed = is_closed(shown, timeframe, found.instrument.zone, self._clock.now())
        series = to_bar_series(found.instrument.symbol, timeframe, shown, closed=closed, more=more)
        return replace(series, adjustment=adjustment, adjusted_by=basis)

    async def read_bars(
        self,
        found: Found,
        timeframe: Timeframe,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int,
    ) -> Bars:
        """Return bars as columns: as they are stored, else built; raises TimeframeNotRecordedError."""
        one = found.instrument
        source = source_for(timeframe, [series.timeframe for series in one.series])
        if source is timeframe:
            return await self._time_series.read(
                found.tenant_id, one.symbol, timeframe, start=start, end=end, limit=limit
            )
        return await self._time_series.aggregate(
            found.tenant_id, one.symbol, source, timeframe, zone=one.zone, start=start, end=end, limit=limit
        )

    async def quotes(self, *, tenant_id: UUID, symbols: tuple[str, ...]) -> tuple[Quote, ...]:
        """Return the newest price of each of these symbols that has bars, in the order asked for."""
        found = await self.instrument_reader.list_by_symbol(tenant_id, symbols[:MOST_INSTRUMENTS])
        splits = await self.adjusting.splits(tenant_id, found) if found else {}
        quotes = await asyncio.gather(
            *(self._quoter.quote(one, splits.get(one.instrument.symbol, {})) for one in found)
        )
        by_symbol = {quote.symbol: quote for quote in quotes if quote is not None}
        wanted = dict.fromkeys(symbol.strip().upper() for symbol in symbols)
        return tuple(by_symbol[symbol] for symbol in wanted if symbol in by_symbol)

    async def indicator(
        self,
        *,
        tenant_id: UUID,
        symbol: str,
        timeframe: Timeframe,
        name: str,
        parameters: dict[str, float],
        start: datetime | None,
        end: datetime | None,
        limit: int,
        other: str | None = None,
        adjustment: Adjustment = "splits",
    ) -> IndicatorSeries:
        """Return an indicator's newest ``limit`` values with start <= time < end, computed from the first bar on."""
        entry = get_indicator(name)
        settings = complete(entry, parameters)
        first, last = check_window(start, end)
        found = await self.instrument_reader.get(tenant_id, symbol)
        bars, basis = await self.adjusting.read(tenant_id, found, timeframe, adjustment, end=last, limit=_ALL)
        second = await self._other_closes(tenant_id, entry, other, timeframe, adjustment, bars, last)
        outputs = await asyncio.to_thread(compute, entry.name, bars, settings, other=second)
        begin = max(0 if first is None else _position(bars, first), len(bars) - clamp_limit(limit, most=MOST_BARS))
        shown = bars.between(begin, len(bars))
        return IndicatorSeries(
            symbol=found.instrument.symbol,
            timeframe=timeframe,
            name=entry.name,
            title=entry.title,
            parameters=settings,
            warm_up=warm_up(entry.name, settings),
            time=to_milliseconds(shown),
            close=tuple(shown.close.tolist()),
            values={output: _to_values(values[begin:]) for output, values in outputs.items()},
            adjustment=adjustment,
            adjusted_by=basis,
        )

    async def _other_closes(
        self,
        tenant_id: UUID,
        entry: Indicator,
        symbol: str | None,
        timeframe: Timeframe,
        adjustment: Adjustment,
        bars: Bars,
        last: datetime | None,
    ) -> Floats | None:
        """Return another instrument's closes at the times of the bars, NaN where it has none; None without one."""
        if symbol is None:
            return None
        if "other" not in entry.inputs:
            message = f"{entry.name} compares with no second instrument."
            raise InvalidInputError(f"other: {message}", errors=({"field": "other", "message": message},))
        found = await self.instrument_reader.get(tenant_id, symbol)
        second, _ = await self.adjusting.read(tenant_id, found, timeframe, adjustment, end=last, limit=_ALL)
        return await asyncio.to_thread(_aligned, bars, second)

    async def summary(
        self, *, tenant_id: UUID, symbol: str, timeframe: Timeframe, adjustment: Adjustment = "splits"
    ) -> TechnicalSummary:
        """Return a technical summary of an instrument, over all of its bars."""
        found = await self.instrument_reader.get(tenant_id, symbol)
        bars, _ = await self.adjusting.read(tenant_id, found, timeframe, adjustment, end=None, limit=_ALL)
        closed = is_closed(bars, timeframe, found.instrument.zone, self._clock.now())
        return await asyncio.to_thread(summarise, found.instrument, timeframe, adjustment, bars, closed=closed)

    def list_indicators(self) -> tuple[IndicatorInfo, ...]:
        """Return the catalogue."""
        return _catalogue()


@cache
def _catalogue() -> tuple[IndicatorInfo, ...]:
    return tuple(_to_info(indicator) for indicator in CATALOGUE.values())


def _aligned(bars: Bars, other: Bars) -> Floats:
    """Return the other bars' closes at the times of the bars, NaN where there is none."""
    places = np.searchsorted(other.time, bars.time)
    there = places < len(other)
    there[there] = other.time[places[there]] == bars.time[there]
    closes = np.full(len(bars), np.nan)
    closes[there] = other.close[places[there]]
    return closes


def _decode(cursor: str) -> tuple[int, str]:
    place, symbol = decode_cursor(cursor, int, str)
    if int(place) not in range(WORST_RANK + 1) or to_symbol(str(symbol)) is None:
        raise InvalidInputError("The cursor is not one that this list gave out.")
    return int(place), str(symbol)


def _position(bars: Bars, moment: datetime) -> int:
    return int(np.searchsorted(bars.time, to_micros(moment)))


def _to_values(values: Floats) -> tuple[float | None, ...]:
    return tuple(
        None if missing else value for value, missing in zip(values.tolist(), ~np.isfinite(values), strict=True)
    )


def _to_info(indicator: Indicator) -> IndicatorInfo:
    return IndicatorInfo(
        name=indicator.name,
        title=indicator.title,
        summary=indicator.summary,
        source=indicator.source,
        group=indicator.group,
        inputs=indicator.inputs,
        series=indicator.series,
        pane="price" if indicator.overlay else "own",
        overlay=indicator.overlay,
        parameters=tuple(IndicatorParameter(**asdict(one)) for one in indicator.parameters),
        outputs=indicator.outputs,
        drawn=tuple(output for output in indicator.outputs if output not in indicator.aside),
    )
