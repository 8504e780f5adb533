"""The Feed port on any exchange of the library ccxt: trades and best prices by socket, bars by call."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from outcry.adapters.feed.bar_rows import Row, to_bars
from outcry.adapters.feed.feed_address import FeedAddress
from outcry.adapters.feed.followed import FollowedFeed
from outcry.adapters.feed.following import Groups
from outcry.adapters.feed.watching import Watching
from outcry.adapters.outgoing.breaking import read_retry_after
from outcry.adapters.outgoing.connector import GuardedConnector
from outcry.adapters.outgoing.destinations import Destinations
from outcry.kit.address import AddressError
from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, NotFoundError, OutcryError, UnavailableError
from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.ports.feed import BidAsk, FeedInstrument, FeedItem, Tick

T = TypeVar("T")

_PAGE = 1000
_MOST_PAGES = 500
_MILLI = 1000


@dataclass(frozen=True, kw_only=True)
class _Library:
    """The library, and its errors by what they mean: ``answers`` are no failures of the exchange."""

    exchanges: Any
    unknown: type[Exception]
    answers: tuple[type[Exception], ...]
    busy: tuple[type[Exception], ...]
    network: type[Exception]
    any: type[Exception]


def _load_library() -> _Library:
    # Not with this module: the library takes a second, and starts programs when it is imported.
    import ccxt.pro as exchanges

    return _Library(
        exchanges=exchanges,
        unknown=exchanges.BadSymbol,
        answers=(exchanges.BadRequest, exchanges.NotSupported, exchanges.AuthenticationError),
        busy=(exchanges.DDoSProtection, exchanges.RateLimitExceeded),
        network=exchanges.NetworkError,
        any=exchanges.BaseError,
    )


class CcxtFeed(FollowedFeed):
    """Follows an exchange's public trades; no key is needed and none is used.

    The library keeps the exchange's own limits: it knows what each call weighs. A gateway named by ``url=`` gets the
    exchange's addresses with their host as the first part of the path.
    """

    def __init__(self, address: FeedAddress, *, clock: Clock, outside: Destinations | None = None) -> None:
        self._library = library = _load_library()
        if address.source not in library.exchanges.exchanges:
            raise AddressError("ccxt: is followed by the name of an exchange that ccxt can watch, such as binance")
        super().__init__(address, clock=clock, outside=outside)
        self._clock = clock
        self._exchange: Any = getattr(library.exchanges, address.source)({"enableRateLimit": True, "newUpdates": True})
        if not self._exchange.has.get("watchTrades"):
            raise AddressError(f"{address.source} gives no live trades")
        self._prepare()

    def _prepare(self) -> None:
        exchange, url = self._exchange, self._address.url
        exchange.timeout_on_exit = 0
        exchange.has["fetchCurrencies"] = False  # what can be paid in does not matter here
        markets = exchange.options.get("fetchMarkets")
        if isinstance(markets, dict) and not any(":" in symbol for symbol in self._own):
            markets["types"] = ["spot"]
        if url:
            exchange.urls["api"] = _through(exchange.implode_hostname, url, exchange.urls["api"])

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Return the exchange's candles page by page, without those in which nothing was traded."""
        source, rows = self._source_symbol(symbol), list[Row]()
        if not self._exchange.has.get("fetchOHLCV") or timeframe.value not in (self._exchange.timeframes or {}):
            raise InvalidInputError(f"{self._address.source} gives no bars of {timeframe}.")
        first, last = to_micros(start), to_micros(end)
        since = first // _MILLI
        for _ in range(_MOST_PAGES):
            page = await self._call(partial(self._fetch, source, timeframe, since))
            rows += (_read_candle(one) for one in page)
            newest = max((row[0] for row in rows), default=-1) // _MILLI
            if not page or newest < since or newest * _MILLI >= last:
                return to_bars((row for row in rows if row[5] > 0), first=first, last=last)
            since = newest + 1
        raise InvalidInputError("That is more than can be fetched at once: ask for a shorter time.")

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Return what was named, as the exchange describes it; days are those of UTC, as exchanges count them."""
        await self._call(self._load)
        name = str(self._exchange.name)
        found = []
        for own, source in self._symbols.items():
            market = (self._exchange.markets or {}).get(source)
            if market is None:
                raise NotFoundError(f"{name} has no {source}.")
            found.append(
                FeedInstrument(
                    symbol=own,
                    source_symbol=source,
                    name=f"{market['base']} in {market['quote']} at {name}",
                    kind="crypto",
                    exchange=name,
                    currency=str(market["quote"]),
                    zone="UTC",
                )
            )
        return found

    async def close(self) -> None:
        """End the connections."""
        self._following.close()
        session = self._exchange.session
        await self._exchange.close()
        if session is not None:
            await session.close()

    @contextlib.asynccontextmanager
    async def _session(self, symbols: Sequence[str]) -> AsyncIterator[Groups]:
        await self._call(self._load)
        watching = Watching(self._exchange, [self._source_symbol(symbol) for symbol in symbols])
        try:
            await watching.connect()
            yield self._groups(watching)
        finally:
            await watching.end()

    async def _groups(self, watching: Watching) -> Groups:
        async for trades, quotes in watching.news():
            now = self._clock.now()
            group: list[FeedItem] = [self._tick(one, now) for one in trades if one["symbol"] in self._own]
            group += (item for one in quotes if (item := self._quote(one, now)) is not None)
            yield group

    def _tick(self, trade: dict[str, Any], now: datetime) -> Tick:
        return Tick(
            symbol=self._own[trade["symbol"]],
            time=_moment(trade["timestamp"], now),
            price=float(trade["price"]),
            volume=float(trade["amount"]),
            id=str(trade["id"] or ""),
        )

    def _quote(self, ticker: dict[str, Any], now: datetime) -> BidAsk | None:
        bid, ask, own = ticker.get("bid"), ticker.get("ask"), self._own.get(ticker["symbol"])
        if bid is None or ask is None or own is None:
            return None
        return BidAsk(
            symbol=own,
            time=_moment(ticker.get("timestamp"), now),
            bid=float(bid),
            ask=float(ask),
            bid_size=float(ticker.get("bidVolume") or 0),
            ask_size=float(ticker.get("askVolume") or 0),
        )

    async def _load(self) -> None:
        if self._exchange.session is None:
            home = urlsplit(self._address.url).hostname or ""
            self._exchange.own_session = False
            self._exchange.session = aiohttp.ClientSession(connector=GuardedConnector(home=home), trust_env=False)
        await self._exchange.load_markets()

    async def _fetch(self, source: str, timeframe: Timeframe, since: int) -> list[Any]:
        await self._load()
        found: list[Any] = await self._exchange.fetch_ohlcv(source, timeframe.value, since, _PAGE)
        return found

    async def _call(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await self._destination.call(
                lambda: self._heeding(work), is_failure=self._is_failure, may_repeat=self._may_repeat
            )
        except self._library.unknown as error:
            raise NotFoundError(f"{self._address.source} does not know this symbol.") from error
        except self._library.answers as error:
            raise InvalidInputError(f"{self._address.source} does not give this.") from error
        except (self._library.any, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UnavailableError(f"{self._address.source} cannot be asked right now.") from error

    async def _heeding(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        except self._library.busy:
            if wait_s := read_retry_after(_lower(self._exchange.last_response_headers)):
                self._destination.hold(wait_s)
            raise

    def _is_failure(self, error: BaseException) -> bool:
        return not isinstance(error, (*self._library.answers, *self._library.busy, OutcryError))

    def _may_repeat(self, error: BaseException) -> bool:
        return isinstance(error, self._library.network) and not isinstance(error, self._library.busy)


def _through(fill: Callable[[str], str], gateway: str, urls: Any) -> Any:
    """Return the same addresses behind a gateway."""
    if isinstance(urls, dict):
        return {name: _through(fill, gateway, inner) for name, inner in urls.items()}
    if not isinstance(urls, str):
        return urls
    parts = urlsplit(fill(urls))
    home = gateway.replace("http", "ws", 1) if parts.scheme in ("ws", "wss") else gateway
    return f"{home}/{parts.hostname}{parts.path}"


def _moment(milliseconds: int | None, now: datetime) -> datetime:
    return now if milliseconds is None else from_micros(int(milliseconds) * _MILLI)


def _read_candle(candle: Sequence[Any]) -> Row:
    time, *numbers = candle[:6]
    first, high, low, close, volume = (float("nan") if one is None else float(one) for one in numbers)
    return int(time) * _MILLI, first, high, low, close, volume


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in (headers or {}).items()}
