"""A feed whose every word a test writes, and the live service on real engines around it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.errors import OutcryError
from outcry.kit.market import Bars, Floats, Timeframe
from outcry.ports.feed import FeedInstrument, FeedItem, FeedStanding, Resumed, Tick
from outcry.services.charts.bar_builder import FormingBar
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.live.ladder import to_columns
from outcry.services.charts.live.recorder import Recorder
from outcry.services.charts.live.runner import LiveRunner
from outcry.services.charts.settings import ChartsSettings
from tests.services.charts.conftest import Charts

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BTC = FeedInstrument(
    symbol="BTC-USDT",
    source_symbol="BTC/USDT",
    name="Bitcoin in Tether",
    kind="crypto",
    exchange="binance",
    currency="USDT",
    zone="UTC",
)


def at(seconds: float) -> datetime:
    """A moment so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def trade(seconds: float, price: float, volume: float = 1.0, name: str = "", symbol: str = "BTC-USDT") -> Tick:
    """A trade so many seconds after noon."""
    return Tick(symbol=symbol, time=at(seconds), price=price, volume=volume, id=name)


def bar(minute: int, price: float, volume: float = 7.0) -> FormingBar:
    """A bar of the source's own, so many minutes after noon."""
    return FormingBar(time=at(60 * minute), open=price, high=price + 2, low=price - 1, close=price + 1, volume=volume)


@dataclass
class ScriptedFeed:
    """Gives what is put in, and the bars that ``history`` holds; ``failures`` are raised by backfills first."""

    instruments_given: Sequence[FeedInstrument] = (BTC,)
    history: list[FormingBar] = field(default_factory=list)
    failures: list[OutcryError] = field(default_factory=list)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    groups: "asyncio.Queue[Sequence[FeedItem]]" = field(default_factory=asyncio.Queue)

    async def ticks(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[FeedItem]]:
        """Give the groups that a test puts in."""
        while True:
            yield await self.groups.get()

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Give of the history what was asked for."""
        self.asked.append((start, end))
        if self.failures:
            raise self.failures.pop(0)
        return to_columns(one for one in self.history if start <= one.time < end)

    def symbols(self) -> Sequence[str]:
        """Give the symbols of what the test follows."""
        return tuple(one.symbol for one in self.instruments_given)

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Give what the test follows."""
        return self.instruments_given

    def standing(self) -> FeedStanding:
        """Say that all is well."""
        return FeedStanding(connected=True, heard_at=None, reconnects=0, frozen=0, problem="")

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Live:
    """The live service, run by hand: nothing happens but what a test does."""

    charts: Charts
    clock: FakeClock
    feed: ScriptedFeed
    realtime: MemoryRealtime
    recorder: Recorder
    runner: LiveRunner

    @classmethod
    async def open(cls, charts: Charts, clock: FakeClock, feed: ScriptedFeed | None = None) -> "Live":
        """Make one that follows what the feed has; a second one on the same engines is what a restart makes."""
        live = cls.closed(charts, clock, feed or ScriptedFeed())
        await live.runner.open(live.feed.instruments_given)
        return live

    @classmethod
    def closed(cls, charts: Charts, clock: FakeClock, feed: ScriptedFeed) -> "Live":
        """Make one that has not asked its feed yet."""
        realtime = MemoryRealtime()
        recorder = Recorder(database=charts.database, time_series=charts.time_series)

        async def history(symbol: str, timeframe: Timeframe) -> Bars:
            found = await charts.queries.instrument_reader.get(SHARED_TENANT, symbol)
            return await charts.queries.read_bars(found, timeframe, limit=10_000)

        runner = LiveRunner(
            name="scripted",
            feed=feed,
            commands=charts.commands,
            recorder=recorder,
            realtime=realtime,
            clock=clock,
            settings=ChartsSettings(),
            history=history,
        )
        return cls(charts, clock, feed, realtime, recorder, runner)

    def take(self, *items: FeedItem, seconds: float) -> None:
        """Take items that come so many seconds after noon."""
        self.clock.advance(at(seconds) - self.clock.now())
        self.runner.take(items)

    async def fill(self, seconds: float) -> None:
        """Let the clock go on, look for gaps, and wait until they are filled."""
        self.clock.advance(at(seconds) - self.clock.now())
        await self.runner.look()
        await self.runner._filler.until_idle()

    async def store(self) -> None:
        """Store what closed."""
        waiting = list(self.recorder._waiting)
        self.recorder._waiting.clear()
        await self.recorder.store(waiting)

    async def begin(self, seconds: float = 0.0) -> None:
        """Connect, and fill the history before the next full minute, of which there is none."""
        symbols = tuple(one.symbol for one in self.feed.instruments_given)
        self.take(Resumed(symbols=symbols), seconds=seconds)
        await self.fill(seconds // 60 * 60 + 72)
        await self.store()

    async def stored(self, timeframe: Timeframe = Timeframe.M1, symbol: str = "BTC-USDT") -> list[tuple[float, ...]]:
        """Return the stored bars: minutes after noon, open, high, low, close, volume."""
        bars = await self.charts.time_series.read(SHARED_TENANT, symbol, timeframe, limit=10_000)
        noon = NOON.timestamp()
        return [
            ((time / 1e6 - noon) / 60, *numbers)
            for time, *numbers in zip(bars.time.tolist(), *(column.tolist() for column in _prices(bars)), strict=True)
        ]

    async def told(self) -> list[tuple[str, float, float]]:
        """Return the events that were published, in order: timeframe, minutes after noon, close."""
        rows = await self.charts.database.pending(after=0, limit=100_000)
        return [
            (data["timeframe"], (datetime.fromisoformat(data["time"]) - NOON) / timedelta(minutes=1), data["close"])
            for _, envelope, _ in rows
            if envelope.name == "charts.bar_closed.v1" and (data := envelope.data)
        ]


def _prices(bars: Bars) -> Iterable[Floats]:
    return (bars.open, bars.high, bars.low, bars.close, bars.volume)
