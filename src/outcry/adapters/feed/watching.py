"""One connection of the library ccxt: all its sockets, and what came over them since the last look."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any

from outcry.adapters.feed.following import BrokenOffError

_CONNECT_S = 10.0
_GOODBYE_S = 2.0


class Watching:
    """One connection's watches: what wakes us, and what came since the last look.

    The library keeps the newest trades of each symbol and wakes whoever waits for one of them. What comes between two
    waits wakes nobody, so each look goes through all symbols, back to the last trade that was seen.

    The library tells only those who wait that a socket ended; who waits for it next is given a new socket, and never
    learns that trades between the two are missing. So no wait begins once one of the sockets is gone.

    The library lets go of sockets that are still connecting: they would open later and speak into the next connection.
    So all that it makes are kept in sight, and ended with this connection.
    """

    def __init__(self, exchange: Any, symbols: Sequence[str]) -> None:
        self._exchange = exchange
        self._symbols = symbols
        self._seen: dict[str, Any] = {}
        self._told: dict[str, Any] = {}
        self._tasks: dict[asyncio.Future[Any], Callable[[], Awaitable[Any]]] = {}
        self._sockets: list[Any] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._opened: list[Any] = []
        exchange.client = self._client
        exchange.on_connected = self._note_opened
        exchange.trades = {}
        exchange.bidsasks = {}

    async def connect(self) -> None:
        """Begin to watch, and wait until the socket is open or what failed is known."""
        exchange, symbols = self._exchange, list(self._symbols)
        if exchange.has.get("watchTradesForSymbols"):
            self._begin(partial(exchange.watch_trades_for_symbols, symbols))
        else:
            for symbol in symbols:
                self._begin(partial(exchange.watch_trades, symbol))
        if exchange.has.get("watchBidsAsks"):
            self._begin(partial(exchange.watch_bids_asks, symbols))
        await asyncio.sleep(0)
        opening = [asyncio.shield(client.connected) for client in (exchange.clients or {}).values()]
        async with asyncio.timeout(_CONNECT_S):
            await asyncio.wait([*self._tasks, *opening], return_when=asyncio.FIRST_COMPLETED)
        for one in (*self._tasks, *opening):
            if one.done():
                _result(one)

    async def news(self) -> AsyncIterator[tuple[list[Any], list[Any]]]:
        """Give trades and quotes as they come."""
        while True:
            # One step for watches that were begun: after it they wait, and what came before is here.
            await asyncio.sleep(0)
            self._check_whole()
            trades, quotes = list(self._new_trades()), list(self._new_quotes())
            if trades or quotes:
                yield trades, quotes
                continue
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                watch = self._tasks.pop(task)
                _result(task)
                self._begin(watch)

    async def end(self) -> None:
        """Stop watching, close the sockets, and open none that was asked for."""
        waiting = [*self._tasks, *self._opening]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for socket in self._sockets:
            # The library knows its sockets by their addresses, and the next connection's have the same.
            socket.on_message_callback = socket.on_error_callback = socket.on_close_callback = _ignore
        with contextlib.suppress(TimeoutError):
            # A peer that is frozen does not answer a goodbye either.
            async with asyncio.timeout(_GOODBYE_S):
                await asyncio.gather(*(socket.close() for socket in self._sockets), return_exceptions=True)
        self._exchange.clients = {}

    def _client(self, url: str) -> Any:
        """Return the library's socket to an address, as the library does."""
        socket = type(self._exchange).client(self._exchange, url)
        if socket not in self._sockets:
            self._sockets.append(socket)
            socket.open = partial(self._open, socket.open)
        return socket

    def _open(self, open_socket: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(open_socket(*arguments))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return task

    def _begin(self, watch: Callable[[], Awaitable[Any]]) -> None:
        self._tasks[asyncio.ensure_future(self._wait(watch))] = watch

    async def _wait(self, watch: Callable[[], Awaitable[Any]]) -> Any:
        # In the same step as the library looks for the socket: between the two it cannot end.
        self._check_whole()
        return await watch()

    def _note_opened(self, client: Any, message: Any = None) -> None:
        self._opened.append(client)

    def _check_whole(self) -> None:
        """Raise where a socket is gone, whether the library opened another in its place or not."""
        clients = self._exchange.clients or {}
        if any(clients.get(one.url) is not one for one in self._opened):
            raise BrokenOffError()

    def _new_trades(self) -> Iterator[Any]:
        for symbol in self._symbols:
            cache = self._exchange.trades.get(symbol)
            if not cache:
                continue
            last, fresh = self._seen.get(symbol), []
            for trade in reversed(cache):
                if trade is last:
                    break
                fresh.append(trade)
            else:
                if last is not None:
                    raise BrokenOffError()  # more came than the library keeps: some are lost
            if fresh:
                self._seen[symbol] = fresh[0]
            yield from reversed(fresh)

    def _new_quotes(self) -> Iterator[Any]:
        for symbol in self._symbols:
            ticker = self._exchange.bidsasks.get(symbol)
            if ticker is not None and ticker is not self._told.get(symbol):
                self._told[symbol] = ticker
                yield ticker


def _ignore(socket: Any, said: Any) -> None:
    """Take what the library says of a socket that was ended."""


def _result(done: "asyncio.Future[Any]") -> None:
    # The library cancels who waits when it closes a connection.
    if done.cancelled():
        raise BrokenOffError()
    done.result()
