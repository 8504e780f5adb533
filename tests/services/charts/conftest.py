"""What the tests of the charts service share."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.clock import FakeClock
from outcry.kit.market import Bars, Timeframe
from outcry.ports.database import Database
from outcry.ports.time_series import Batch
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.contracts import SHARED_TENANT, Instrument
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.settings import ChartsSettings
from tests.conftest import OpenDatabase

DAY = 86_400_000_000


def make_bars(times: list[int], *, first: float = 100.0) -> Bars:
    """Bars that rise by one each: open 100, high 102, low 99, close 101, volume 10, then 101, ..."""
    opened = first + np.arange(len(times), dtype=np.float64)
    return Bars(
        time=np.array(times, dtype=np.int64),
        open=opened,
        high=opened + 2,
        low=opened - 1,
        close=opened + 1,
        volume=np.full(len(times), 10.0),
        adjusted_close=np.full(len(times), np.nan),
    )


def make_instrument(symbol: str, *, name: str = "", aliases: tuple[str, ...] = (), zone: str = "UTC") -> Instrument:
    return Instrument(
        symbol=symbol,
        name=name or symbol,
        kind="stock",
        exchange="",
        currency="USD",
        zone=zone,
        aliases=aliases,
        series=(),
    )


@dataclass(frozen=True)
class Charts:
    """The service on real engines, without HTTP."""

    database: Database
    time_series: DuckdbTimeSeries
    commands: ChartsCommands
    queries: ChartsQueries
    tenant: UUID
    settings: ChartsSettings

    async def add(
        self,
        symbol: str,
        timeframe: Timeframe,
        bars: Bars,
        *,
        tenant: UUID = SHARED_TENANT,
        zone: str = "UTC",
        name: str = "",
        aliases: tuple[str, ...] = (),
    ) -> int:
        """Write bars of an instrument."""
        instrument = make_instrument(symbol, name=name, aliases=aliases, zone=zone)
        return await self.commands.import_bars(
            tenant, [instrument], [Batch(symbol=symbol, timeframe=timeframe, bars=bars)]
        )


@pytest.fixture
async def charts(open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path) -> AsyncIterator[Charts]:
    """Give the service with nothing recorded."""
    database = await open_database("charts")
    time_series = DuckdbTimeSeries(tmp_path / "market.duckdb")
    settings = ChartsSettings()
    yield Charts(
        database=database,
        time_series=time_series,
        commands=ChartsCommands(database=database, time_series=time_series, clock=fake_clock, settings=settings),
        queries=ChartsQueries(database=database, time_series=time_series, clock=fake_clock),
        tenant=uuid4(),
        settings=settings,
    )
    await time_series.close()
