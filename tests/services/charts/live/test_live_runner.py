"""The runner from its start to its stop: sources that are away, feeds that break, instruments that are there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import uuid4

import pytest

from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnavailableError
from outcry.kit.market import Timeframe, to_micros
from outcry.ports.feed import FeedInstrument, FeedItem, Resumed
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.live.contracts import FeedStatus
from tests.services.charts.conftest import Charts, make_bars
from tests.services.charts.live.scripted import NOON, Live, ScriptedFeed, trade


class HesitantFeed(ScriptedFeed):
    """Is away until a test says otherwise, and breaks once."""

    away = True
    breaks = 1

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Be away."""
        if self.away:
            raise UnavailableError("The source is away.")
        return await super().instruments()

    async def ticks(self, symbols: Sequence[str]) -> AsyncIterator[Sequence[FeedItem]]:
        """Break."""
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("a mistake of ours")
        async for group in super().ticks(symbols):
            yield group


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.services.charts.live.runner._FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr("outcry.services.charts.live.runner._LOOK_EVERY_S", 0.001)


async def until(live: Live, fits: Callable[[FeedStatus], bool]) -> FeedStatus:
    """Wait until the feed's status fits."""
    async with asyncio.timeout(10):
        while not fits(status := live.runner.status()):  # noqa: ASYNC110  # a status is looked at; nothing tells of it
            await asyncio.sleep(0.001)
    return status


async def test_a_source_that_is_away_keeps_nothing_from_starting(
    charts: Charts, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    feed = HesitantFeed()
    live = Live.closed(charts, fake_clock, feed)
    assert live.runner.covers(SHARED_TENANT, "BTC-USDT")
    assert not live.runner.covers(uuid4(), "BTC-USDT")
    assert not live.runner.is_open("BTC-USDT")
    await live.runner.start()
    await until(live, lambda status: "away" in status.problem)
    feed.away = False
    await until(live, lambda status: status.symbols == ("BTC-USDT",))
    await feed.groups.put((Resumed(symbols=("BTC-USDT",)), trade(5, 10)))
    await until(live, lambda status: status.ticks == 1)
    fake_clock.advance(NOON.replace(minute=1, second=13) - fake_clock.now())
    await until(live, lambda status: status.filled == 1)
    await live.runner.stop()
    assert "the feed scripted: connected yes" in caplog.text
    assert [row[:2] for row in await live.stored()] == [(0, 10)]
    assert await live.told() == [("1m", 0, 10)]


async def test_an_instrument_that_is_there_keeps_its_name_and_its_days(charts: Charts, fake_clock: FakeClock) -> None:
    await charts.add("BTC-USDT", Timeframe.D1, make_bars([to_micros(NOON) - 10**12]), zone="Asia/Tokyo", name="Coin")
    live = await Live.open(charts, fake_clock)
    found = await charts.queries.get_instrument(tenant_id=charts.tenant, symbol="BTC-USDT")
    assert (found.name, found.zone) == ("Coin", "Asia/Tokyo")
    assert live.runner._tracks["BTC-USDT"].instrument.zone == "Asia/Tokyo"
    await live.begin()
    live.take(trade(70, 5), seconds=70)
    # Tokyo's day ends at three in the afternoon of UTC.
    live.take(trade(3 * 3600 + 5, 6), seconds=3 * 3600 + 5)
    await live.store()
    assert [one for one in await live.told() if one[0] == "1d"] == [("1d", -720, 5)]
