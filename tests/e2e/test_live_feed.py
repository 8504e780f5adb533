"""A server that follows a market: what a person sees of it on the socket, on charts and at /feeds."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.adapters_support.alpaca_server import AlpacaServer
from tests.e2e.test_cli import one_line, outcry
from tests.running import Client, Followed, RunningServer


@pytest.fixture
async def market() -> AsyncIterator[AlpacaServer]:
    server = await AlpacaServer().start()
    yield server
    await server.stop()


@pytest.fixture
async def desk(market: AlpacaServer, tmp_path: Path) -> AsyncIterator[RunningServer]:
    server = RunningServer(
        tmp_path / "data",
        OUTCRY_AUTH_HASH_MEMORY_KIB="1024",
        **market.settings("AAPL,NEWCO"),
    )
    await asyncio.to_thread(server.start)
    yield server
    assert await asyncio.to_thread(server.stop) == 0


def newest(heard: Followed, topic: str) -> dict[str, Any]:
    """Return the newest state of a topic, empty when none came."""
    states = [update["data"] for update in heard.updates if update["topic"] == topic]
    return states[-1] if states else {}


async def test_prices_move_as_the_market_does(market: AlpacaServer, desk: RunningServer) -> None:
    await market.until_followed()
    client = await Client(desk.url).sign_up()
    now = datetime.now(UTC)
    minute = now.replace(second=0, microsecond=0)
    # A minute of the past, which only the market's own bars can give.
    market.note("NEWCO", minute - timedelta(minutes=5), 40.0)
    async with client.socket() as socket:
        for topic in ("quotes:NEWCO", "bars:NEWCO:1h", "quotes:MSFT"):
            assert (await socket.follow(topic))["type"] == "subscribed"
        for topic in ("bars:NEWCO:2h", "bars:NOPE:1h", "quotes:NOPE", "bars:NEWCO"):
            assert (await socket.follow(topic))["type"] == "error"
        await market.deal("NEWCO", now, 50.0, 3)
        await market.deal("NEWCO", now, 51.5, 1)
        await market.quote("NEWCO", datetime.now(UTC), 51.0, 52.0)
        state = await socket.until(lambda heard: (one := newest(heard, "quotes:NEWCO")).get("bid") and one)
        assert (state["timeframe"], state["open"], state["close"], state["volume"]) == ("1m", 50, 51.5, 4)
        assert (state["price"], state["bid"], state["ask"], state["replayed"]) == (51.5, 51, 52, False)
        bar = await socket.until(lambda heard: newest(heard, "bars:NEWCO:1h"))
        assert (bar["timeframe"], bar["closed"]) == ("1h", False)
        # What the feed does not give is replayed as before.
        replayed = await socket.until(lambda heard: newest(heard, "quotes:MSFT"))
        assert replayed["replayed"]
        # Whoever comes later gets the present state at once.
        async with client.socket() as second:
            await second.follow("quotes:NEWCO")
            assert (await second.until(lambda heard: newest(heard, "quotes:NEWCO")))["price"] == 51.5
    (status,) = await client.call("GET", "/feeds")
    assert (status["name"], status["connected"], status["symbols"]) == ("alpaca:iex", True, ["AAPL", "NEWCO"])
    assert (status["ticks"], status["quotes"], status["late"]) == (2, 1, 0)
    found = await client.call("GET", "/instruments/NEWCO")
    assert (found["currency"], found["zone"]) == ("USD", "America/New_York")
    await client.close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("binance:?symbols=BTC/USDT", "names no engine"),
        ("ccxt:nowhere?symbols=BTC/USDT", "the name of an exchange"),
        ("alpaca:iex", "what to follow"),
        ("alpaca:nasdaq?symbols=AAPL", "iex, sip"),
        ("yfinance:yahoo?symbols=AAPL", "one source"),
    ],
)
def test_an_address_that_names_no_feed_stops_the_start(tmp_path: Path, address: str, words: str) -> None:
    said = one_line(outcry(tmp_path / "data", "up", PORT="0", OUTCRY_FEED=address))
    assert "OUTCRY_FEED" in said
    assert words in said
