"""The Feed port on Alpaca's market data for US stocks, by its documented protocol.

Not by its library: that one makes clients of its own which go around our way out, stops the thread that it is called in
to wait, and opens sockets by a part of ``websockets`` that is deprecated.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from outcry.adapters.feed.bar_rows import Row, to_bars
from outcry.adapters.feed.feed_address import FeedAddress
from outcry.adapters.feed.followed import FollowedFeed
from outcry.adapters.feed.following import BrokenOffError, Groups
from outcry.adapters.feed.pace import Pace
from outcry.adapters.outgoing.breaking import BreakingTransport
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.adapters.outgoing.sockets import open_socket
from outcry.kit.address import AddressError
from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.kit.market import Bars, Timeframe, to_micros
from outcry.ports.feed import BidAsk, FeedInstrument, FeedItem, Resumed, Tick
from outcry.ports.secrets import Secrets

KEY, SECRET = "alpaca-key", "alpaca-secret"
SOURCES = ("iex", "sip", "delayed_sip", "test")

_SOCKETS, _CALLS = "wss://stream.data.alpaca.markets", "https://data.alpaca.markets"
_TIMEFRAMES = {
    Timeframe.M1: "1Min",
    Timeframe.M5: "5Min",
    Timeframe.M15: "15Min",
    Timeframe.H1: "1Hour",
    Timeframe.H4: "4Hour",
    Timeframe.D1: "1Day",
    Timeframe.W1: "1Week",
    Timeframe.MN1: "1Month",
}
_PAGE = 10_000
_MOST_PAGES = 200
_MOST_BYTES = 16_777_216
_CONNECT_S, _CALL_S = 5.0, 30.0
_A_MINUTE = 200  # calls that the free plan has


class AlpacaFeed(FollowedFeed):
    """Follows trades and quotes over a WebSocket and fetches bars over HTTPS; keys are the secrets named above."""

    def __init__(
        self, address: FeedAddress, *, secrets: Secrets, clock: Clock, outside: Destinations | None = None
    ) -> None:
        if address.source not in SOURCES:
            raise AddressError(f"alpaca: has the sources {', '.join(SOURCES)}")
        super().__init__(address, clock=clock, outside=outside)
        self._secrets = secrets
        self._calls = address.url or _CALLS
        self._sockets = address.url.replace("http", "ws", 1) or _SOCKETS
        rules = Rules(
            home=self._calls,
            private_allowed=bool(address.url),
            clear_allowed=False,
            most_bytes=_MOST_BYTES,
            total_s=_CALL_S,
        )
        transport = BreakingTransport(GuardedTransport(rules), self._destination)
        self._http = httpx2.AsyncClient(**client_options(transport, connect_s=_CONNECT_S, silence_s=_CALL_S))
        self._pace = Pace(_A_MINUTE / 60, burst=20)
        self._socket: ClientConnection | None = None

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Return Alpaca's bars, unadjusted, page by page."""
        source, rows, token = self._source_symbol(symbol), list[Row](), ""
        first, last = to_micros(start), to_micros(end)
        for _ in range(_MOST_PAGES):
            query = {
                "symbols": source,
                "timeframe": _TIMEFRAMES[timeframe],
                "start": start.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "end": end.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "limit": str(_PAGE),
                "adjustment": "raw",
                "feed": self._address.source,
                "sort": "asc",
            }
            page = await self._get("/v2/stocks/bars", query | ({"page_token": token} if token else {}))
            rows += _read_bars(page, source)
            token = str(page.get("next_page_token") or "")
            if not token:
                return to_bars(rows, first=first, last=last)
        raise InvalidInputError("That is more than can be fetched at once: ask for a shorter time.")

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Return what was named: US stocks, in dollars, with New York's sessions."""
        return [
            FeedInstrument(
                symbol=own,
                source_symbol=source,
                name=source,
                kind="stock",
                exchange="",
                currency="USD",
                zone="America/New_York",
            )
            for own, source in self._symbols.items()
        ]

    async def close(self) -> None:
        """End the connection."""
        self._following.close()
        if self._socket is not None:
            await self._socket.close()
        await self._http.aclose()

    @contextlib.asynccontextmanager
    async def _session(self, symbols: Sequence[str]) -> AsyncIterator[Groups]:
        key, secret = await self._keys()
        url = f"{self._sockets}/v2/{self._address.source}"
        self._socket = socket = await open_socket(url, private_allowed=bool(self._address.url))
        try:
            await _expect(socket, "connected")
            await socket.send(json.dumps({"action": "auth", "key": key, "secret": secret}))
            await _expect(socket, "authenticated")
            wanted = [self._source_symbol(symbol) for symbol in symbols]
            await socket.send(json.dumps({"action": "subscribe", "trades": wanted, "quotes": wanted}))
            yield self._groups(socket)
        finally:
            await socket.close()

    async def _groups(self, socket: ClientConnection) -> Groups:
        try:
            async for message in socket:
                yield tuple(self._items(json.loads(message)))
        except ConnectionClosed as error:
            raise BrokenOffError() from error

    def _items(self, said: Any) -> Iterator[FeedItem]:
        own = self._own
        for one in said:
            kind = one.get("T")
            if kind == "t" and one["S"] in own:
                yield Tick(
                    symbol=own[one["S"]],
                    time=datetime.fromisoformat(one["t"]),
                    price=float(one["p"]),
                    volume=float(one["s"]),
                    # A number is unique among the trades of one symbol at one exchange.
                    id=f"{one['x']}{one['i']}",
                )
            elif kind == "q" and one["S"] in own:
                yield BidAsk(
                    symbol=own[one["S"]],
                    time=datetime.fromisoformat(one["t"]),
                    bid=float(one["bp"]),
                    ask=float(one["ap"]),
                    bid_size=float(one["bs"]),
                    ask_size=float(one["as"]),
                )
            elif kind == "subscription":
                yield Resumed(symbols=tuple(own[source] for source in one.get("trades") or () if source in own))
            elif kind == "error":
                raise _refused(one)

    async def _get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        key, secret = await self._keys()
        await self._pace.take()
        headers = {"apca-api-key-id": key, "apca-api-secret-key": secret}
        try:
            answer = await self._http.get(self._calls + path, params=query, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise UnavailableError("Alpaca cannot be asked right now.") from error
        if answer.status_code in (401, 403):
            raise InvalidInputError("Alpaca does not give this to these keys.")
        if answer.status_code in (400, 404, 422):
            raise InvalidInputError("Alpaca does not know this symbol, or does not give these bars.")
        if answer.status_code != 200:
            raise UnavailableError("Alpaca cannot be asked right now.")
        try:
            said = json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise UnavailableError("Alpaca answered with something that cannot be understood.") from error
        return said if isinstance(said, dict) else {}

    async def _keys(self) -> tuple[str, str]:
        key, secret = await self._secrets.find(KEY), await self._secrets.find(SECRET)
        if not key or not secret:
            raise UnavailableError(f"the secrets {KEY} and {SECRET} are missing.")
        return key.decode().strip(), secret.decode().strip()


async def _expect(socket: ClientConnection, word: str) -> None:
    said = json.loads(await socket.recv())
    first = said[0] if isinstance(said, list) and said else {}
    if first.get("T") == "error":
        raise _refused(first)
    if first.get("T") != "success" or first.get("msg") != word:
        raise BrokenOffError()


def _refused(said: dict[str, Any]) -> UnavailableError:
    words = {
        401: "Alpaca wants to know the keys.",
        402: "Alpaca did not accept the keys.",
        405: "the plan does not allow so many symbols.",
        406: "the plan allows one connection, and there is one already.",
        409: "the plan does not have this source.",
    }
    code = said.get("code")
    return UnavailableError(words.get(code if isinstance(code, int) else 0, "Alpaca refused what was asked for."))


def _read_bars(page: dict[str, Any], source: str) -> Iterator[Row]:
    try:
        for one in (page.get("bars") or {}).get(source) or ():
            time = to_micros(datetime.fromisoformat(one["t"]))
            yield time, float(one["o"]), float(one["h"]), float(one["l"]), float(one["c"]), float(one["v"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnavailableError("Alpaca answered with something that cannot be understood.") from error
