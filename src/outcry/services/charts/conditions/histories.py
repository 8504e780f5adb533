"""The bars that a formula needs: of each origin, from the first on, with the moments at which they were over."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from outcry.kit.clock import Clock
from outcry.kit.market import Bars, Micros, Timeframe, from_micros, to_micros
from outcry.quant.formula.errors import FormulaError, FormulaProblem, locate
from outcry.quant.formula.evaluating import History
from outcry.quant.formula.program import OWN, Formula, Origin
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.instruments import Found
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.series import end_of, is_closed

# More bars than any series has.
_ALL = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The chart on which a formula is asked: whose it is, its instrument, and how its bars are read."""

    tenant_id: UUID
    symbol: str
    timeframe: Timeframe
    adjustment: Adjustment


class Histories:
    """Reads bars for formulas."""

    def __init__(self, queries: ChartsQueries, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    async def missing(self, tenant_id: UUID, formula: Formula) -> tuple[FormulaProblem, ...]:
        """Return a problem for each instrument in the text that the organisation does not have."""
        symbols = {origin.symbol for origin in formula.origins if origin.symbol}
        found = await self._queries.instruments(tenant_id=tenant_id, symbols=tuple(symbols)) if symbols else ()
        unknown = symbols - {one.symbol for one in found}
        return tuple(sorted((_missing(formula.source, one) for one in unknown), key=lambda problem: problem.start))

    async def read(
        self, setting: Setting, formula: Formula, end: datetime | None
    ) -> tuple[Found, Mapping[Origin, History]]:
        """Return the chart's instrument and the bars of every origin of the formula.

        The chart's own are those that are over and begin before ``end``. Raises InstrumentNotFoundError,
        TimeframeNotRecordedError, and FormulaError for an instrument in the text that there is not.
        """
        own = await self._queries.instrument_reader.get(setting.tenant_id, setting.symbol)
        symbols = {origin.symbol for origin in formula.origins if origin.symbol}
        others = await self._queries.instrument_reader.list_by_symbol(setting.tenant_id, symbols) if symbols else ()
        known = {"": own, **{found.instrument.symbol: found for found in others}}
        unknown = symbols - known.keys()
        if unknown:
            raise FormulaError(problems=[_missing(formula.source, one) for one in sorted(unknown)])
        histories = {}
        for origin in formula.origins:
            histories[origin] = await self._history(setting, known[origin.symbol], origin, formula, end)
        return own, histories

    async def _history(
        self, setting: Setting, found: Found, origin: Origin, formula: Formula, end: datetime | None
    ) -> History:
        timeframe, zone = origin.timeframe or setting.timeframe, found.instrument.zone
        bars, _ = await self._queries.adjusting.read(
            setting.tenant_id, found, timeframe, setting.adjustment, end=end if origin == OWN else None, limit=_ALL
        )
        if origin == OWN and not is_closed(bars, timeframe, zone, self._clock.now()):
            bars = bars.between(0, len(bars) - 1)
        if len(formula.origins) == 1:
            return History(bars=bars)
        return History(bars=bars, ends=await asyncio.to_thread(ends_of, bars, timeframe, zone))


def ends_of(bars: Bars, timeframe: Timeframe, zone: str) -> Micros:
    """Return when each bar is over, in microseconds since 1970 UTC."""
    if timeframe.is_intraday:
        return bars.time + to_micros(from_micros(0) + timeframe.duration)
    ends = (to_micros(end_of(from_micros(opened), timeframe, zone)) for opened in bars.time.tolist())
    return np.fromiter(ends, np.int64, len(bars))


def _missing(text: str, symbol: str) -> FormulaProblem:
    start = max(0, text.upper().find(symbol))
    message = f"There is no instrument {symbol} here."
    return locate(text, "unknown_instrument", start, start + len(symbol), message)
