"""Writes what closed: bars to the store of bars, then one event each, so that neither is ever lost or doubled."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from outcry.kit.errors import UnavailableError
from outcry.kit.market import Timeframe, to_micros
from outcry.ports.database import Database, Transaction
from outcry.ports.time_series import Batch, TimeSeries
from outcry.services.charts.bar_builder import FormingBar
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.events import BarClosed
from outcry.services.charts.live.book import minute_of
from outcry.services.charts.live.ladder import ClosedBar, Ladder, earliest_needed, to_columns, to_forming
from outcry.services.charts.live.models import LivePositionRow

log = logging.getLogger(__name__)

_ALL = 2**40
_ROWS_AT_ONCE = 500
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a symbol goes on: what is known of it, and the minutes that were stored and not told yet."""

    known_since: datetime
    settled_until: datetime
    silent_until: datetime
    ladder: Ladder
    untold: tuple[FormingBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closed of one symbol: bars in the order in which they ended, up to ``until``.

    Bars that ended by ``silent_until`` are stored and not told: they are history that was fetched.
    """

    symbol: str
    bars: tuple[ClosedBar, ...]
    known_since: datetime
    until: datetime
    silent_until: datetime


class Recorder:
    """Stores live bars for all organisations, in order, however often it has to try.

    Bars go to the store first. Their events and the position up to which all is told are one transaction after that:
    a crash between the two leaves bars that nobody was told of, and the next start tells them.

    Minutes are always stored. Of the longer timeframes those are stored of which the instrument has recorded bars
    already; the others are built of minutes when somebody reads them, and storing some would hide the older ones.
    """

    def __init__(self, *, database: Database, time_series: TimeSeries, tenant_id: UUID = SHARED_TENANT) -> None:
        self._database = database
        self._time_series = time_series
        self._tenant_id = tenant_id
        self._waiting: list[Closing] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """How many closings are not stored yet."""
        return len(self._waiting)

    async def find(self, symbol: str, zone: str, *, now: datetime, back: timedelta) -> Found:
        """Return where a symbol goes on: where it stopped, or ``back`` before now where that is longer ago.

        In the second case what lies between is history: it is fetched and stored, and no events tell of it.
        """
        async with self._database.reading() as session:
            row = await session.scalar(
                select(LivePositionRow).where(
                    LivePositionRow.tenant_id == self._tenant_id, LivePositionRow.symbol == symbol
                )
            )
        if row is not None and row.settled_until >= now - back:
            since, settled, silent = row.known_since, row.settled_until, row.settled_until
        else:
            since = settled = _midnight_before(now - back, ZoneInfo(zone))
            silent = minute_of(now)
        start = earliest_needed(settled, ZoneInfo(zone))
        stored = await self._time_series.read(self._tenant_id, symbol, Timeframe.M1, start=start, limit=_ALL)
        untold = stored.between(int(np.searchsorted(stored.time, to_micros(settled))), len(stored))
        return Found(
            known_since=since,
            settled_until=settled,
            silent_until=silent,
            ladder=Ladder(zone, since=since, settled_until=settled, minutes=stored),
            untold=to_forming(untold),
        )

    def put(self, closing: Closing) -> None:
        """Queue what closed; it is stored in the order of the calls."""
        self._waiting.append(closing)
        self._idle.clear()
        self._wake.set()

    async def run(self) -> None:
        """Store what is queued until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if taken := list(self._waiting):
                await self._store_at_last(taken)
                del self._waiting[: len(taken)]
            if self._waiting:
                self._wake.set()
            else:
                self._idle.set()

    async def drain(self, *, within_s: float = 10.0) -> None:
        """Wait until all is stored; what is not in time is fetched again at the next start."""
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("%d closed bars could not be stored before the end", len(self._waiting))

    async def _store_at_last(self, closings: Sequence[Closing]) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self.store(closings)
            except UnavailableError as error:
                log.warning("live bars cannot be stored now: %s", error.detail)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            else:
                return

    async def store(self, closings: Sequence[Closing]) -> None:
        """Write bars, then events and positions. Writing the same again changes nothing."""
        recorded = await self._recorded({closing.symbol for closing in closings})
        batches = [batch for closing in _joined(closings) for batch in _to_batches(closing, recorded)]
        if batches:
            await self._time_series.write(self._tenant_id, batches)
        async with self._database.transaction() as transaction:
            for closing in closings:
                self._tell(transaction, closing)
            await self._note(transaction, closings)

    async def _recorded(self, symbols: Iterable[str]) -> set[tuple[str, Timeframe]]:
        found = await self._time_series.coverage(self._tenant_id, sorted(symbols))
        return {(one.symbol, one.timeframe) for one in found}

    def _tell(self, transaction: Transaction, closing: Closing) -> None:
        for closed in closing.bars:
            if closed.end <= closing.silent_until:
                continue
            bar = closed.bar
            event = BarClosed(
                symbol=closing.symbol,
                timeframe=closed.timeframe,
                time=bar.time,
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=bar.volume,
                replayed=False,
            )
            transaction.publish(event, tenant_id=self._tenant_id, key=closing.symbol)

    async def _note(self, transaction: Transaction, closings: Sequence[Closing]) -> None:
        rows = [
            {
                "tenant_id": self._tenant_id,
                "symbol": closing.symbol,
                "known_since": closing.known_since,
                "settled_until": closing.until,
            }
            for closing in {closing.symbol: closing for closing in closings}.values()
        ]
        dialect = postgresql if self._database.engine_name == "postgresql" else sqlite
        for at in range(0, len(rows), _ROWS_AT_ONCE):
            insert = dialect.insert(LivePositionRow).values(rows[at : at + _ROWS_AT_ONCE])
            changes = {name: insert.excluded[name] for name in ("known_since", "settled_until")}
            statement = insert.on_conflict_do_update(index_elements=["tenant_id", "symbol"], set_=changes)
            await transaction.session.execute(statement)


def _joined(closings: Sequence[Closing]) -> list[tuple[str, list[ClosedBar]]]:
    """Return the bars by symbol, so that each series is written once."""
    bars: dict[str, list[ClosedBar]] = {}
    for closing in closings:
        bars.setdefault(closing.symbol, []).extend(closing.bars)
    return list(bars.items())


def _to_batches(of: tuple[str, list[ClosedBar]], recorded: set[tuple[str, Timeframe]]) -> Iterable[Batch]:
    symbol, closed = of
    for timeframe in Timeframe:
        rows = [one.bar for one in closed if one.timeframe is timeframe]
        if rows and (timeframe is Timeframe.M1 or (symbol, timeframe) in recorded):
            yield Batch(symbol=symbol, timeframe=timeframe, bars=to_columns(rows))


def _midnight_before(moment: datetime, zone: ZoneInfo) -> datetime:
    date = moment.astimezone(zone).date()
    return minute_of(datetime(date.year, date.month, date.day, tzinfo=zone).astimezone(UTC))
