"""The guard around what feeds open: sockets, and the connections of libraries that bring a client of their own."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest
from aiohttp import web

from outcry.adapters.feed.feed_address import read_feed_address
from outcry.adapters.feed.pace import Pace
from outcry.adapters.feed.yahoo_calls import YahooCalls
from outcry.adapters.outgoing.addresses import AddressRefusedError
from outcry.adapters.outgoing.connector import GuardedConnector
from outcry.adapters.outgoing.sockets import open_socket
from outcry.kit.address import AddressError
from outcry.kit.errors import InvalidInputError, UnavailableError


async def to_metadata(host: str, port: int) -> Sequence[str]:
    """Say that every name is where clouds keep a machine's credentials."""
    return ["169.254.169.254"]


async def to_here(host: str, port: int) -> Sequence[str]:
    """Say that every name is this machine."""
    return ["127.0.0.1"]


@pytest.fixture
async def leading_away() -> AsyncIterator[str]:
    """A server on this machine that leads elsewhere."""

    async def away(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"location": "http://169.254.169.254/latest"})

    app = web.Application()
    app.router.add_get("/{anywhere:.*}", away)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize(
    ("url", "resolve"),
    [
        ("wss://feed.example/v2", to_metadata),
        ("wss://feed.example/v2", to_here),
        ("wss://169.254.169.254/v2", to_metadata),
        ("ws://feed.example/v2", to_here),
        ("http://feed.example/v2", to_here),
        ("wss://user@feed.example/v2", to_here),
    ],
)
async def test_sockets_go_only_where_calls_may(url: str, resolve: object) -> None:
    with pytest.raises(AddressRefusedError):
        await open_socket(url, private_allowed=False, resolve=resolve)  # type: ignore[arg-type]  # one of the two above


@pytest.mark.parametrize(
    ("url", "resolve"),
    [
        ("https://exchange.example/", to_metadata),
        ("https://exchange.example/", to_here),
        ("https://10.0.0.1/", to_here),
        ("http://exchange.example/", to_here),
        ("http://127.0.0.1:9/", to_here),
    ],
)
async def test_a_librarys_connections_go_only_where_calls_may(url: str, resolve: object) -> None:
    connector = GuardedConnector(home="", resolve=resolve)  # type: ignore[arg-type]  # one of the two above
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises((AddressRefusedError, aiohttp.ClientConnectorError)):
            await session.get(url)
        with pytest.raises((AddressRefusedError, aiohttp.ClientConnectorError)):
            await session.ws_connect(url)


async def test_a_redirect_is_checked_like_any_address(leading_away: str) -> None:
    async with aiohttp.ClientSession(connector=GuardedConnector(home="127.0.0.1")) as session:
        answer = await session.get(leading_away, allow_redirects=False)
        assert answer.status == 302
        with pytest.raises(AddressRefusedError):
            await session.get(leading_away)


async def test_the_chart_is_asked_for_at_checked_addresses_and_no_redirect_is_followed(leading_away: str) -> None:
    with pytest.raises(InvalidInputError):
        await asyncio.to_thread(YahooCalls("", resolve=to_metadata).get, "https://query2.finance.yahoo.com/v8")
    app_url = leading_away
    with pytest.raises((InvalidInputError, UnavailableError)):
        await asyncio.to_thread(YahooCalls(app_url).get, "https://query2.finance.yahoo.com/v8")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ccxt:binance", "what to follow"),
        ("ccxt:binance?symbols=", "what to follow"),
        ("ccxt:binance?symbols=BTC/USDT&key=abc", "once each"),
        ("ccxt:binance?symbols=A&symbols=B", "once each"),
        ("ccxt:Binance!?symbols=A", "Keys are never part"),
        ("ccxt:binance?symbols=<b>", "a symbol is made of"),
        ("ccxt:binance?symbols=" + ",".join(f"S{one}" for one in range(201)), "at most 200"),
        ("alpaca:iex?symbols=A&url=http://gateway.example", "https://"),
        ("alpaca:iex?symbols=A&url=ftp://gateway.example", "no address"),
        ("alpaca:iex?symbols=A&silence=soon", "seconds"),
        ("alpaca:iex?symbols=A&silence=1e9", "seconds"),
    ],
)
def test_a_wrong_address_is_told(text: str, complaint: str) -> None:
    with pytest.raises(AddressError, match=complaint):
        read_feed_address(text)


async def test_calls_are_paced() -> None:
    now, waits = [0.0], list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(2, burst=3, now=lambda: now[0], sleep=sleep)
    for _ in range(5):
        await pace.take()
    assert waits == [0.5, 0.5]
    now[0] += 100
    for _ in range(3):
        await pace.take()
    assert len(waits) == 2
