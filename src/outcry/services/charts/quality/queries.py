"""Judges recorded bars, off the event loop, and remembers the judgement until they are written again."""

import asyncio
from collections import Counter, OrderedDict
from datetime import UTC, datetime
from uuid import UUID

from outcry.kit.market import Bars, Timeframe, to_micros
from outcry.ports.time_series import TimeSeries
from outcry.quant.grouping import DAY
from outcry.services.charts.importing.calendars import to_local
from outcry.services.charts.instruments import Found
from outcry.services.charts.listing.sessions import UnknownCalendarError
from outcry.services.charts.quality import checks
from outcry.services.charts.quality.contracts import Fault, FaultKind, Quality
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.series import source_for

MOST_FAULTS = 1_000
# Of a longer series the newest so many are judged.
MOST_JUDGED = 2_000_000
_REMEMBERED = 500

_Key = tuple[object, ...]


class QualityQueries:
    """Judges one series at a time: judging costs processor time, and nobody waits for a second one."""

    def __init__(self, queries: ChartsQueries, time_series: TimeSeries) -> None:
        self._queries = queries
        self._time_series = time_series
        self._known: OrderedDict[_Key, Quality] = OrderedDict()
        self._turn = asyncio.Lock()

    async def judge(self, *, tenant_id: UUID, symbol: str, timeframe: Timeframe) -> Quality:
        """Return the quality of the stored bars that serve a timeframe.

        Raises InstrumentNotFoundError and TimeframeNotRecordedError.
        """
        found = await self._queries.instrument_reader.get(tenant_id, symbol)
        one = found.instrument
        source = source_for(timeframe, [series.timeframe for series in one.series])
        actions = await self._queries.adjusting.list_actions(tenant_id, found)
        splits = tuple(
            to_micros(datetime(action.date.year, action.date.month, action.date.day, tzinfo=UTC))
            for action in actions
            if action.kind == "split"
        )
        (stored,) = [
            series
            for series in await self._time_series.coverage(found.tenant_id, [one.symbol])
            if series.timeframe is source
        ]
        key = (found.tenant_id, stored, one.calendar, one.zone, splits)
        async with self._turn:
            known = self._known.get(key)
            if known is None:
                bars = await self._time_series.read(found.tenant_id, one.symbol, source, limit=MOST_JUDGED)
                known = await asyncio.to_thread(judge, found, source, bars, frozenset(splits))
                self._known[key] = known
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return known


def judge(found: Found, timeframe: Timeframe, bars: Bars, splits: frozenset[int]) -> Quality:
    """Look for everything; runs in a thread."""
    one = found.instrument
    faults: list[Fault] = []
    expected = None
    if one.calendar and len(bars):
        try:
            asked = checks.expected_times(one.calendar, timeframe, int(bars.time[0]), int(bars.time[-1]))
        except UnknownCalendarError:
            pass
        else:
            expected = len(asked)
            faults += checks.find_gaps(bars.time, asked)
            faults += checks.find_off_calendar(bars.time, asked)
    days = to_local(bars.time, one.zone) // DAY * DAY if timeframe.is_intraday else bars.time
    faults += checks.find_duplicates(bars.time, timeframe)
    faults += checks.find_wrong_prices(bars)
    faults += checks.find_jumps(bars, days, splits)
    faults += checks.find_stale(bars, timeframe)
    faults.sort(key=lambda fault: fault.time)
    counts: Counter[FaultKind] = Counter()
    for fault in faults:
        counts[fault.kind] += fault.count
    return Quality(
        symbol=one.symbol,
        timeframe=timeframe,
        calendar=one.calendar,
        score=checks.score_of(len(bars), expected, dict(counts)),
        rule=checks.RULE,
        bars=len(bars),
        expected=expected,
        counts=dict(counts),
        faults=tuple(faults[-MOST_FAULTS:]),
        more=len(faults) > MOST_FAULTS,
    )
