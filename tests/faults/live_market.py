"""A program that follows a market until it is ended or killed: what the fault tests of live bars start.

Its clock is the market's: it goes on with each tick, and is asked for at each connection, so that an hour can pass in a
second.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.feed.ccxt import CcxtFeed
from outcry.adapters.feed.feed_address import read_feed_address
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.engines import migrations_folder
from outcry.kit.market import Bars, Timeframe
from outcry.ports.feed import BidAsk, Feed, FeedInstrument, FeedItem, FeedStanding, Tick
from outcry.services.charts.commands import ChartsCommands
from outcry.services.charts.live.recorder import Recorder
from outcry.services.charts.live.runner import LiveRunner
from outcry.services.charts.settings import ChartsSettings


class MarketClock:
    """Says the time of the newest tick."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the market's time."""
        return self._now

    def reach(self, time: datetime) -> None:
        """Go on to a time, never back."""
        self._now = max(self._now, time)


class TimedFeed:
    """A feed whose ticks move a clock."""

    def __init__(self, feed: Feed, clock: MarketClock, url: str) -> None:
        self._feed = feed
        self._clock = clock
        self._url = url

    async def ticks(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[FeedItem]]:
        """Give what the feed gives, once the clock has gone on."""
        async for group in self._feed.ticks(symbols):
            for item in group:
                if isinstance(item, Tick | BidAsk):
                    self._clock.reach(item.time)
                else:
                    self._clock.reach(await market_time(self._url))
            yield group

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Give what the feed gives."""
        return await self._feed.backfill(symbol, timeframe, start=start, end=end)

    def symbols(self) -> Sequence[str]:
        """Give what the feed gives."""
        return self._feed.symbols()

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Give what the feed gives."""
        return await self._feed.instruments()

    def standing(self) -> FeedStanding:
        """Give what the feed gives."""
        return self._feed.standing()

    async def close(self) -> None:
        """Close the feed."""
        await self._feed.close()


async def market_time(url: str) -> datetime:
    """Return the market's present time."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/api.binance.com/api/v3/time")
    return datetime.fromtimestamp(answer.json()["serverTime"] / 1000, UTC)


async def no_history(symbol: str, timeframe: Timeframe) -> Bars:
    """Give nothing: no study is followed here."""
    raise NotImplementedError


async def main(folder: Path, url: str) -> None:
    """Follow until SIGTERM, then store what closed."""
    clock = MarketClock(await market_time(url))
    database = SqliteDatabase(folder / "charts.sqlite", clock=clock)
    await database.migrate(migrations_folder("charts"))
    time_series = DuckdbTimeSeries(folder / "market.duckdb")
    address = read_feed_address(f"ccxt:binance?symbols=BTC/USDT&silence=0.5&url={url}")
    runner = LiveRunner(
        name="market",
        feed=TimedFeed(CcxtFeed(address, clock=clock), clock, url),
        commands=ChartsCommands(database=database, time_series=time_series, clock=clock),
        recorder=Recorder(database=database, time_series=time_series),
        realtime=MemoryRealtime(),
        clock=clock,
        settings=ChartsSettings(),
        history=no_history,
    )
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await runner.start()
    await ended.wait()
    print(runner.status(), flush=True)
    await runner.stop()
    await time_series.close()
    await database.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
