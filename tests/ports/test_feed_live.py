"""The contract of the Feed port, over every live source: real clients against servers that speak each protocol."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outcry.adapters.feed.alpaca import AlpacaFeed
from outcry.adapters.feed.ccxt import CcxtFeed
from outcry.adapters.feed.feed_address import read_feed_address
from outcry.adapters.feed.yfinance import YfinanceFeed
from outcry.adapters.outgoing.breaker import Limits
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.clock import SystemClock
from outcry.kit.errors import NotFoundError, UnavailableError
from outcry.kit.market import Timeframe, from_micros
from outcry.ports.feed import BidAsk, Feed, FeedItem, Interrupted, Resumed, Tick
from tests.adapters_support.alpaca_server import KEY, SECRET, AlpacaServer
from tests.adapters_support.binance_server import BinanceServer
from tests.adapters_support.market_server import Deal, MarketServer, Refusal
from tests.adapters_support.yahoo_server import YahooServer

START = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """A moment in the market's time."""
    return START + timedelta(seconds=seconds)


@dataclass
class Source:
    """A feed of one kind and the market that it follows; ``named`` says that its trades have names."""

    server: MarketServer
    feed: Feed
    symbol: str
    own: str
    destinations: Destinations
    named: bool = True

    async def deal(self, seconds: float, price: float, size: float = 1.0) -> Deal:
        """Make a deal."""
        return await self.server.deal(self.symbol, at(seconds), price, size)


Open = Callable[..., Awaitable[Source]]


def _secrets(folder: Path, key: str = KEY) -> FilesSecrets:
    folder.mkdir(exist_ok=True)
    (folder / "alpaca-key").write_text(key)
    (folder / "alpaca-secret").write_text(SECRET + "\n")
    return FilesSecrets(folder, environment={})


async def open_alpaca(folder: Path, destinations: Destinations, silence: float) -> Source:
    server = await AlpacaServer().start()
    address = read_feed_address(f"alpaca:iex?symbols=AAPL,MSFT&url={server.url}&silence={silence}")
    feed = AlpacaFeed(address, secrets=_secrets(folder), clock=SystemClock(), outside=destinations)
    return Source(server, feed, "AAPL", "AAPL", destinations)


async def open_ccxt(folder: Path, destinations: Destinations, silence: float) -> Source:
    server = await BinanceServer().start()
    address = read_feed_address(f"ccxt:binance?symbols=BTC/USDT,ETH/USDT&url={server.url}&silence={silence}")
    feed = CcxtFeed(address, clock=SystemClock(), outside=destinations)
    return Source(server, feed, "BTC/USDT", "BTC-USDT", destinations)


async def open_yfinance(folder: Path, destinations: Destinations, silence: float) -> Source:
    server = await YahooServer().start()
    address = read_feed_address(f"yfinance:?symbols=AAPL,MSFT&url={server.url}&silence={silence}")
    feed = YfinanceFeed(address, clock=SystemClock(), outside=destinations)
    return Source(server, feed, "AAPL", "AAPL", destinations, named=False)


SOURCES = {"alpaca": open_alpaca, "ccxt": open_ccxt, "yfinance": open_yfinance}


@pytest.fixture(params=sorted(SOURCES))
async def open_source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[Source] = []

    async def open_one(*, silence: float = 5.0, least: int = 100) -> Source:
        destinations = Destinations(limits=Limits(least=least))
        source = await SOURCES[request.param](tmp_path / "secrets", destinations, silence)
        opened.append(source)
        return source

    yield open_one
    for source in opened:
        await source.feed.close()
        await source.server.stop()


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are random parts of some seconds: here of thousandths."""
    monkeypatch.setattr("outcry.adapters.feed.following._FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr("outcry.adapters.feed.following._LONGEST_PAUSE_S", 0.01)
    monkeypatch.setattr("outcry.adapters.outgoing.destinations._FIRST_PAUSE_S", 0.001)


class Listener:
    """Goes through a feed's items one by one."""

    def __init__(self, feed: Feed, symbols: Sequence[str]) -> None:
        self._groups = feed.ticks(symbols)
        self._waiting: list[FeedItem] = []

    async def next(self, kind: type[Any]) -> Any:
        """Return the next item of a kind."""
        async with asyncio.timeout(10):
            while True:
                while self._waiting:
                    item = self._waiting.pop(0)
                    if isinstance(item, kind):
                        return item
                self._waiting.extend(await anext(self._groups))


async def _until_price(listener: Listener, price: float) -> list[FeedItem]:
    """Return what comes up to the trade at a price."""
    came: list[FeedItem] = []
    while not (came and isinstance(came[-1], Tick) and came[-1].price == price):
        came.append(await listener.next(object))
    return came


@pytest.fixture
async def listen() -> AsyncIterator[Callable[[Source], Awaitable[Listener]]]:
    listeners: list[Listener] = []

    async def begin(source: Source) -> Listener:
        listener = Listener(source.feed, [source.own])
        listeners.append(listener)
        # Nothing is opened before something is waited for.
        waiting = asyncio.ensure_future(_until_price(listener, 100.0))
        await source.server.until_followed()
        await source.deal(0, 100.0)
        assert (await waiting)[0] == Resumed(symbols=(source.own,))
        return listener

    yield begin
    for listener in listeners:
        async with aclosing(listener._groups):  # type: ignore[type-var]  # every feed's is a generator
            pass


Listen = Callable[[Source], Awaitable[Listener]]


async def test_trades_come_with_their_time_price_size_and_name(open_source: Open, listen: Listen) -> None:
    source = await open_source()
    listener = await listen(source)
    deal = await source.deal(1.5, 101.25, 3)
    tick = await listener.next(Tick)
    assert (tick.symbol, tick.time, tick.price, tick.volume) == (source.own, at(1.5), 101.25, 3)
    assert bool(tick.id) is source.named
    assert not tick.replayed
    await source.server.tell(deal)
    again = await listener.next(Tick)
    # The same name again, or nothing more of the volume.
    assert again == tick if source.named else again.volume == 0
    assert source.feed.standing().connected


async def test_trades_come_for_certain_only_once_the_subscription_has_taken_effect(open_source: Open) -> None:
    source = await open_source(silence=60)
    listener = Listener(source.feed, [source.own])
    source.server.heeds.clear()
    resumed = asyncio.ensure_future(listener.next(Resumed))
    await source.server.until_asked_for()
    # The connection is open, and this trade nobody hears.
    await source.deal(60, 60.0)
    assert not resumed.done()
    source.server.heeds.set()
    await source.server.until_followed()
    first = await source.deal(61, 100.0)
    assert (await resumed).symbols == (source.own,)
    assert [type(one) for one in await _until_price(listener, 100.0)] == [Tick]
    await source.server.tell(first)
    await source.deal(62, 101.0)
    assert {type(one) for one in await _until_price(listener, 101.0)} == {Tick}


async def test_a_symbol_that_is_not_traded_is_presumed_to_be_heard_and_said_again_with_its_first_trade(
    open_source: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcry.adapters.feed.following._PRESUMED_S", 0.05)
    source = await open_source()
    source.server.heeds.clear()
    listener = Listener(source.feed, [source.own])
    assert (await listener.next(Resumed)).symbols == (source.own,)
    came = asyncio.ensure_future(_until_price(listener, 100.0))
    source.server.heeds.set()
    await source.server.until_followed()
    await source.deal(61, 100.0)
    assert [type(one) for one in await came] == [Resumed, Tick]


async def test_a_connection_that_is_cut_is_opened_again_and_says_so(open_source: Open, listen: Listen) -> None:
    source = await open_source()
    listener = await listen(source)
    for round_number in range(1, 3):
        source.server.shut = 2
        source.server.cut()
        waiting = asyncio.ensure_future(_until_price(listener, 100.0 + round_number))
        await source.server.until_followed()
        # Who was heard to subscribe may be a socket of before, that was still connecting: then the next deal is heard.
        while not waiting.done():
            await source.deal(10 + round_number, 100.0 + round_number)
            await asyncio.wait({waiting}, timeout=0.2)
        first, *_, resumed, _ = await waiting
        assert (first, resumed) == (Interrupted(symbols=(source.own,)), Resumed(symbols=(source.own,)))
        assert source.feed.standing().reconnects == round_number


async def test_a_frozen_socket_is_noticed(open_source: Open, listen: Listen) -> None:
    source = await open_source(silence=0.5)
    listener = await listen(source)
    source.server.silent = True
    await source.deal(5, 105.0)
    await listener.next(Interrupted)
    source.server.silent = False
    waiting = asyncio.ensure_future(_until_price(listener, 106.0))
    await source.server.until_followed()
    await source.deal(6, 106.0)
    assert Resumed(symbols=(source.own,)) in await waiting
    standing = source.feed.standing()
    # Once, or more often where this machine was slow.
    assert standing.frozen == standing.reconnects >= 1
    # What was missed is fetched.
    bars = await source.feed.backfill(source.own, Timeframe.M1, start=at(0), end=at(60))
    assert (bars.high.tolist(), bars.volume.tolist()) == ([106.0], [3.0])


async def test_backfill_gives_all_bars_of_a_time_and_no_other(open_source: Open) -> None:
    source = await open_source()
    for minute in range(12):
        if minute != 7:
            source.server.note(source.symbol, at(60 * minute + 1), 100.0 + minute, 2)
            source.server.note(source.symbol, at(60 * minute + 30), 50.0 + minute, 1)
    bars = await source.feed.backfill(source.own, Timeframe.M1, start=at(60), end=at(600))
    assert [from_micros(time) for time in bars.time.tolist()] == [at(60 * one) for one in (1, 2, 3, 4, 5, 6, 8, 9)]
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]) == (101, 101, 51, 51, 3)
    nothing = await source.feed.backfill(source.own, Timeframe.M1, start=at(6000), end=at(6060))
    assert len(nothing) == 0


async def test_too_many_requests_and_errors_are_waited_out_or_told(open_source: Open) -> None:
    source = await open_source()
    source.server.note(source.symbol, at(1), 100.0)
    await source.feed.instruments()
    source.server.refusals = [Refusal(503)]
    bars = await source.feed.backfill(source.own, Timeframe.M1, start=at(0), end=at(60))
    assert len(bars) == 1
    source.server.refusals = [Refusal(429, {"retry-after": "7"})] * 3
    with pytest.raises(UnavailableError):
        await source.feed.backfill(source.own, Timeframe.M1, start=at(0), end=at(60))
    # We were asked to wait: until then nothing is asked at all.
    asked = len(source.server.asked)
    with pytest.raises(UnavailableError) as refused:
        await source.feed.backfill(source.own, Timeframe.M1, start=at(0), end=at(60))
    assert len(source.server.asked) == asked
    assert 0 < refused.value.wait_s <= 7


async def test_a_source_that_fails_again_and_again_is_left_alone(open_source: Open) -> None:
    source = await open_source(least=3)
    source.server.shut = 1000
    waiting = asyncio.ensure_future(Listener(source.feed, [source.own]).next(Resumed))
    async with asyncio.timeout(10):
        while "open" not in [one.state for one in source.destinations.standings()]:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.01)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    standing = source.feed.standing()
    assert not standing.connected
    assert standing.problem
    (found,) = (one for one in source.destinations.standings() if one.kind == "market feed")
    assert (found.state, found.counts["calls"]) == ("open", 3)


async def test_instruments_are_those_that_were_named(open_source: Open) -> None:
    source = await open_source()
    instruments = {one.symbol: one for one in await source.feed.instruments()}
    assert sorted(instruments) == sorted(source.feed.symbols())
    assert source.own in instruments
    assert instruments[source.own].source_symbol == source.symbol
    with pytest.raises(NotFoundError):
        await source.feed.backfill("NOPE", Timeframe.M1, start=at(0), end=at(60))
    with pytest.raises(NotFoundError):
        await anext(source.feed.ticks(["NOPE"]))


async def test_closing_ends_the_ticks(open_source: Open, listen: Listen) -> None:
    source = await open_source()
    listener = await listen(source)
    ending = asyncio.ensure_future(listener.next(Tick))
    await asyncio.sleep(0)
    await source.feed.close()
    with pytest.raises(StopAsyncIteration):
        await ending
    assert not source.feed.standing().connected


async def test_alpaca_quotes_and_wrong_keys(tmp_path: Path, listen: Listen) -> None:
    source = await open_alpaca(tmp_path / "secrets", Destinations(), 5)
    assert isinstance(source.server, AlpacaServer)
    listener = await listen(source)
    await source.server.quote("AAPL", at(3), 10.0, 10.5)
    assert await listener.next(BidAsk) == BidAsk(symbol="AAPL", time=at(3), bid=10, ask=10.5, bid_size=1, ask_size=2)
    _secrets(tmp_path / "secrets", key="another")
    source.server.cut()
    waiting = asyncio.ensure_future(listener.next(Resumed))
    async with asyncio.timeout(10):
        while "did not accept the keys" not in source.feed.standing().problem:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)
    _secrets(tmp_path / "secrets")
    await waiting
    assert source.feed.standing().problem == ""
    await source.feed.close()
    await source.server.stop()


async def test_what_the_library_would_open_again_by_itself_is_a_new_connection(tmp_path: Path, listen: Listen) -> None:
    source = await open_ccxt(tmp_path / "secrets", Destinations(), 5)
    assert isinstance(source.feed, CcxtFeed)
    listener, exchange = await listen(source), source.feed._exchange
    watched = len(exchange.clients)
    # While whoever listens is busy, a trade ends the watch that waited, and then the socket breaks: nobody is told.
    await source.deal(1, 101.0)
    async with asyncio.timeout(10):
        while len(exchange.trades["BTC/USDT"]) < 2:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)
        source.server.cut()
        while len(exchange.clients) == watched:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)
    await source.deal(2, 102.0)
    came = asyncio.ensure_future(_until_price(listener, 103.0))
    await source.server.until_followed()
    await source.deal(3, 103.0)
    assert Resumed(symbols=(source.own,)) in await came
    assert (source.feed.standing().reconnects, source.feed.standing().frozen) == (1, 0)
    await source.feed.close()
    await source.server.stop()


async def test_a_socket_that_is_still_connecting_is_ended_with_its_connection(tmp_path: Path, listen: Listen) -> None:
    source = await open_ccxt(tmp_path / "secrets", Destinations(), 5)
    source.server.hold = 1
    groups = source.feed.ticks([source.own])
    ending = asyncio.ensure_future(anext(groups))
    # One of the two sockets is open, so there is a connection; the other never gets as far.
    async with asyncio.timeout(10):
        while not (source.feed.standing().connected and source.server.held):  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0)
    ending.cancel()
    await asyncio.gather(ending, return_exceptions=True)
    await source.server.until_given_up()
    source.server.let_in.set()
    source.server.subscribed.clear()
    await listen(source)
    await source.feed.close()
    await source.server.stop()
