"""The Feed port on Yahoo Finance by the library yfinance: prices by its stream, bars by its chart."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from websockets.exceptions import ConnectionClosed

from outcry.adapters.feed.bar_rows import Row, to_bars
from outcry.adapters.feed.feed_address import FeedAddress
from outcry.adapters.feed.followed import FollowedFeed
from outcry.adapters.feed.following import BrokenOffError, Groups
from outcry.adapters.feed.pace import Pace
from outcry.adapters.feed.yahoo_calls import BusyError, YahooCalls
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.outgoing.sockets import open_socket
from outcry.kit.address import AddressError
from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.ports.feed import BidAsk, FeedInstrument, FeedItem, Tick

_STREAM = "wss://streamer.finance.yahoo.com"
_CHART = "https://query2.finance.yahoo.com/v8/finance/chart"
_TIMEFRAMES = {
    Timeframe.M1: "1m",
    Timeframe.M5: "5m",
    Timeframe.M15: "15m",
    Timeframe.H1: "1h",
    Timeframe.D1: "1d",
    Timeframe.W1: "1wk",
    Timeframe.MN1: "1mo",
}
_KINDS = {
    "EQUITY": "stock",
    "ETF": "fund",
    "MUTUALFUND": "fund",
    "INDEX": "index",
    "CURRENCY": "fx",
    "CRYPTOCURRENCY": "crypto",
}
_EVERY_S = 2.0
_MILLI = 1000


@dataclass(frozen=True, kw_only=True)
class _Library:
    history: Any
    missing: type[Exception]
    socket: Any


class YfinanceFeed(FollowedFeed):
    """Follows the prices that Yahoo streams to browsers; some of its exchanges are some minutes late."""

    def __init__(self, address: FeedAddress, *, clock: Clock, outside: Destinations | None = None) -> None:
        if address.source:
            raise AddressError("yfinance: has one source alone, and no name of it")
        super().__init__(address, clock=clock, outside=outside)
        self._library = _load_library()
        self._calls = YahooCalls(address.url)
        gateway = address.url.replace("http", "ws", 1)
        self._stream = f"{gateway}/streamer.finance.yahoo.com" if gateway else _STREAM
        self._pace = Pace(1 / _EVERY_S, burst=5)
        self._socket: Any = None
        self._volumes: dict[str, int] = {}

    async def backfill(self, symbol: str, timeframe: Timeframe, *, start: datetime, end: datetime) -> Bars:
        """Return the chart's bars, unadjusted, those outside of the main session included."""
        source = self._source_symbol(symbol)
        if timeframe not in _TIMEFRAMES:
            raise InvalidInputError(f"Yahoo gives no bars of {timeframe}.")
        rows = await self._call(lambda: self._chart(source, timeframe, start, end))
        return to_bars(rows, first=to_micros(start), last=to_micros(end))

    async def instruments(self) -> Sequence[FeedInstrument]:
        """Return what was named, as Yahoo describes it."""
        found = []
        for own, source in self._symbols.items():
            meta = await self._call(lambda source=source: self._describe(source))
            found.append(
                FeedInstrument(
                    symbol=own,
                    source_symbol=source,
                    name=str(meta.get("longName") or meta.get("shortName") or source),
                    kind=_KINDS.get(str(meta.get("instrumentType")), "other"),
                    exchange=str(meta.get("fullExchangeName") or ""),
                    currency=str(meta.get("currency") or ""),
                    zone=str(meta.get("exchangeTimezoneName") or "UTC"),
                    punctual=False,
                )
            )
        return found

    async def close(self) -> None:
        """End the connection."""
        self._following.close()
        if self._socket is not None:
            await self._socket.close()

    @contextlib.asynccontextmanager
    async def _session(self, symbols: Sequence[str]) -> AsyncIterator[Groups]:
        self._socket = socket = self._library.socket(self._stream, private_allowed=bool(self._address.url))
        try:
            await socket.subscribe([self._source_symbol(symbol) for symbol in symbols])
            yield self._groups(socket)
        finally:
            await socket.close()

    async def _groups(self, socket: Any) -> Groups:
        try:
            async for said in socket.messages():
                yield tuple(self._items(said))
        except ConnectionClosed as error:
            raise BrokenOffError() from error

    def _items(self, said: dict[str, Any]) -> Iterator[FeedItem]:
        source, price = said.get("id"), said.get("price")
        if source not in self._own or price is None or "time" not in said:
            return
        own, time = self._own[source], from_micros(int(said["time"]) * _MILLI)
        yield Tick(symbol=own, time=time, price=float(price), volume=self._traded(source, said.get("day_volume")))
        if said.get("bid") and said.get("ask"):
            yield BidAsk(
                symbol=own,
                time=time,
                bid=float(said["bid"]),
                ask=float(said["ask"]),
                bid_size=float(said.get("bid_size") or 0),
                ask_size=float(said.get("ask_size") or 0),
            )

    def _traded(self, source: str, day_volume: str | int | None) -> float:
        """Return by how much the day's volume grew: single trades are not streamed."""
        if day_volume is None:
            return 0.0
        now = int(day_volume)
        before = self._volumes.get(source, now)
        self._volumes[source] = now
        return float(max(0, now - before))

    def _chart(self, source: str, timeframe: Timeframe, start: datetime, end: datetime) -> list[Row]:
        history = self._library.history(self._calls, source, "UTC")
        try:
            frame = history.history(
                start=start, end=end, interval=_TIMEFRAMES[timeframe], prepost=True, actions=False, auto_adjust=False
            )
        except self._library.missing:
            return []
        times = frame.index if timeframe.is_intraday else frame.index.tz_localize(None).tz_localize("UTC")
        micros = times.tz_convert("UTC").as_unit("us").asi8.tolist()
        columns = [frame[name].tolist() for name in ("Open", "High", "Low", "Close", "Volume")]
        return [(time, *map(float, numbers)) for time, *numbers in zip(micros, *columns, strict=True)]

    def _describe(self, source: str) -> dict[str, Any]:
        answer = self._calls.get(f"{_CHART}/{source}", {"range": "1d", "interval": "1d"})
        try:
            meta = answer.json()["chart"]["result"][0]["meta"]
        except (ValueError, LookupError, TypeError) as error:
            raise UnavailableError("Yahoo answered with something that cannot be understood.") from error
        return meta if isinstance(meta, dict) else {}

    async def _call(self, work: Any) -> Any:
        await self._pace.take()
        try:
            return await self._destination.call(
                lambda: asyncio.to_thread(work), is_failure=_is_failure, may_repeat=_is_failure
            )
        except BusyError as error:
            if error.wait_s:
                self._destination.hold(float(error.wait_s))
            raise
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            # What the library raises where an answer is not what it expects.
            raise UnavailableError("Yahoo answered with something that cannot be understood.") from error


def _is_failure(error: BaseException) -> bool:
    return isinstance(error, UnavailableError) and not isinstance(error, BusyError)


def _load_library() -> _Library:
    # Not with this module: it brings pandas, which takes most of a second.
    import yfinance
    from yfinance.config import YfConfig
    from yfinance.exceptions import YFPricesMissingError
    from yfinance.scrapers.history import PriceHistory

    YfConfig.debug.hide_exceptions = False  # else the library logs what went wrong and gives nothing

    class GuardedSocket(yfinance.AsyncWebSocket):  # type: ignore[misc]  # the library has no types
        """The library's stream, over a socket that the guard opened, and ended when the server ends it."""

        def __init__(self, url: str, *, private_allowed: bool) -> None:
            super().__init__(f"{url}/?version=2", verbose=False)
            self._ws: Any = None
            self._private_allowed = private_allowed

        async def _connect(self) -> None:
            if self._ws is None:
                self._ws = await open_socket(self.url, private_allowed=self._private_allowed)

        async def messages(self) -> AsyncIterator[dict[str, Any]]:
            """Give what comes, taken out of its wrappings."""
            async for text in self._ws:
                yield self._decode_message(json.loads(text).get("message", ""))

    return _Library(history=PriceHistory, missing=YFPricesMissingError, socket=GuardedSocket)
