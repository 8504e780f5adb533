"""What changes market data and the replay's settings."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.market import Bars, from_micros
from outcry.ports.database import Database, Transaction
from outcry.ports.time_series import Batch, TimeSeries
from outcry.services.charts.adjusting.commands import RecordedAction, record_actions
from outcry.services.charts.contracts import SHARED_TENANT, Instrument
from outcry.services.charts.events import BarsImported, ReplayChanged
from outcry.services.charts.instruments import to_instrument
from outcry.services.charts.models import InstrumentRow, ReplayRow, SampleRow
from outcry.services.charts.naming import search_words
from outcry.services.charts.settings import ChartsSettings

# So many instruments are written by one statement: engines bound how many values it may have.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How an organisation's replay is set: market seconds a second, and the speeds that are offered."""

    running: bool
    speed: int
    speeds: tuple[int, ...]


class ChartsCommands:
    """Writes instruments and bars, and sets replays."""

    def __init__(
        self, *, database: Database, time_series: TimeSeries, clock: Clock, settings: ChartsSettings | None = None
    ) -> None:
        self._database = database
        self._time_series = time_series
        self._clock = clock
        self._settings = settings or ChartsSettings()

    async def import_bars(
        self,
        tenant_id: UUID,
        instruments: Sequence[Instrument],
        batches: Sequence[Batch],
        *,
        actions: Sequence[RecordedAction] = (),
        actor_id: UUID | None = None,
    ) -> int:
        """Write bars, splits and dividends, and those of the instruments that are not there yet.

        Returns how many of them were new or different. All batches are written or none. Bars go first: without their
        instrument nobody sees them, so a crash between the two stores leaves nothing half-visible, and the same import
        again completes it.
        """
        changed = await self._time_series.write(tenant_id, batches)
        async with self._database.transaction() as transaction:
            for begin in range(0, len(instruments), _AT_ONCE):
                rows = [self._row(tenant_id, one) for one in instruments[begin : begin + _AT_ONCE]]
                await self._insert(transaction, InstrumentRow, rows, keys=["tenant_id", "symbol"], replace=False)
            if changed:
                for batch in batches:
                    _publish(transaction, tenant_id, batch, actor_id)
            changed += await record_actions(transaction, tenant_id, actions, now=self._clock.now(), actor_id=actor_id)
        return changed

    async def preview(self, tenant_id: UUID, batches: Sequence[Batch]) -> int:
        """Return how many bars would be new or different if these were written."""
        count = 0
        for batch in batches:
            first, last = from_micros(int(batch.bars.time[0])), from_micros(int(batch.bars.time[-1]) + 1)
            stored = await self._time_series.read(
                tenant_id, batch.symbol, batch.timeframe, start=first, end=last, limit=2**40
            )
            count += await asyncio.to_thread(count_different, stored, batch.bars)
        return count

    async def find_shared(self, symbols: Iterable[str]) -> dict[str, Instrument]:
        """Return those of these instruments that belong to everybody, without their series."""
        statement = select(InstrumentRow).where(
            InstrumentRow.tenant_id == SHARED_TENANT, InstrumentRow.symbol.in_(list(symbols))
        )
        async with self._database.reading() as session:
            rows = (await session.scalars(statement)).all()
        return {row.symbol: to_instrument(row, ()) for row in rows}

    async def load_sample(
        self, name: str, version: str, instruments: Sequence[Instrument], batches: Sequence[Batch]
    ) -> int:
        """Write a sample market for everybody and note its version; return how many bars were new or different."""
        changed = await self._time_series.write(SHARED_TENANT, batches)
        async with self._database.transaction() as transaction:
            for instrument in instruments:
                row = self._row(SHARED_TENANT, instrument)
                await self._upsert(transaction, InstrumentRow, row, keys=["tenant_id", "symbol"], replace=True)
            row = {"name": name, "version": version, "loaded_at": self._clock.now()}
            await self._upsert(transaction, SampleRow, row, keys=["name"], replace=True)
        return changed

    async def sample_version(self, name: str) -> str | None:
        """Return which version of a sample is loaded, None when none is or the market store has lost it."""
        async with self._database.reading() as session:
            version = await session.scalar(select(SampleRow.version).where(SampleRow.name == name))
        if version is None or not await self._time_series.coverage(SHARED_TENANT):
            return None
        return version

    async def list_zones(self, tenant_id: UUID) -> dict[str, str]:
        """Return the time zone of each instrument that this tenant has, by symbol."""
        statement = select(InstrumentRow.symbol, InstrumentRow.zone).where(InstrumentRow.tenant_id == tenant_id)
        async with self._database.reading() as session:
            rows = (await session.execute(statement)).all()
        return {str(symbol): str(zone) for symbol, zone in rows}

    async def get_replay(self, tenant_id: UUID) -> Replay:
        """Return how an organisation's replay is set."""
        async with self._database.reading() as session:
            return self._replay(await session.get(ReplayRow, tenant_id))

    def _replay(self, row: ReplayRow | None) -> Replay:
        running = self._settings.replay_running if row is None else row.running
        speed = self._settings.replay_speed if row is None else row.speed
        return Replay(running=running, speed=speed, speeds=self._settings.replay_speeds)

    async def set_replay(self, tenant_id: UUID, *, running: bool, speed: int, actor_id: UUID | None = None) -> Replay:
        """Set an organisation's replay; raises InvalidInputError for a speed that is not offered."""
        if speed not in self._settings.replay_speeds:
            offered = ", ".join(str(one) for one in self._settings.replay_speeds)
            raise InvalidInputError(
                f"The speed must be one of {offered}.",
                errors=({"field": "speed", "message": f"must be one of {offered}"},),
            )
        row = {"tenant_id": tenant_id, "running": running, "speed": speed, "changed_at": self._clock.now()}
        async with self._database.transaction() as transaction:
            was = self._replay(await transaction.session.get(ReplayRow, tenant_id, with_for_update=True))
            await self._upsert(transaction, ReplayRow, row, keys=["tenant_id"], replace=True)
            event = ReplayChanged(running=running, speed=speed, was_running=was.running, was_speed=was.speed)
            transaction.publish(event, tenant_id=tenant_id, key="replay", actor_id=actor_id)
        return Replay(running=running, speed=speed, speeds=self._settings.replay_speeds)

    def _row(self, tenant_id: UUID, instrument: Instrument) -> dict[str, Any]:
        return {
            "id": new_id(),
            "tenant_id": tenant_id,
            "symbol": instrument.symbol,
            "name": instrument.name,
            "kind": instrument.kind,
            "exchange": instrument.exchange,
            "currency": instrument.currency,
            "zone": instrument.zone,
            "aliases": list(instrument.aliases),
            "words": search_words(instrument.symbol, instrument.name, instrument.aliases),
            "created_at": self._clock.now(),
            "calendar": instrument.calendar,
            "tick_size": instrument.tick_size,
            "lot_size": instrument.lot_size,
            "identifiers": instrument.identifiers,
            "active_from": instrument.active_from,
            "active_until": instrument.active_until,
        }

    async def _upsert(
        self,
        transaction: Transaction,
        table: type[DeclarativeBase],
        row: dict[str, Any],
        *,
        keys: list[str],
        replace: bool,
    ) -> None:
        await self._insert(transaction, table, [row], keys=keys, replace=replace)

    async def _insert(
        self,
        transaction: Transaction,
        table: type[DeclarativeBase],
        rows: Sequence[dict[str, Any]],
        *,
        keys: list[str],
        replace: bool,
    ) -> None:
        kept = {*keys, "id", "created_at"}
        # The two engines spell it alike, but SQLAlchemy gives each its own construct.
        dialect = postgresql if self._database.engine_name == "postgresql" else sqlite
        insert = dialect.insert(table).values(list(rows))
        if replace:
            changes = {name: insert.excluded[name] for name in rows[0] if name not in kept}
            statement = insert.on_conflict_do_update(index_elements=keys, set_=changes)
        else:
            statement = insert.on_conflict_do_nothing(index_elements=keys)
        await transaction.session.execute(statement)


def count_different(stored: Bars, incoming: Bars) -> int:
    """Return how many of the incoming bars are not stored just so; two unknown adjusted closes are alike."""
    _, here, there = np.intersect1d(incoming.time, stored.time, assume_unique=True, return_indices=True)
    same = np.ones(len(here), dtype=np.bool_)
    for name in ("open", "high", "low", "close", "volume", "adjusted_close"):
        ours, theirs = getattr(incoming, name)[here], getattr(stored, name)[there]
        same &= (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    return len(incoming) - int(same.sum())


def _publish(transaction: Transaction, tenant_id: UUID, batch: Batch, actor_id: UUID | None) -> None:
    event = BarsImported(
        symbol=batch.symbol,
        timeframe=batch.timeframe,
        first=from_micros(int(batch.bars.time[0])),
        last=from_micros(int(batch.bars.time[-1])),
        count=len(batch.bars),
    )
    transaction.publish(event, tenant_id=tenant_id, key=batch.symbol, actor_id=actor_id)
