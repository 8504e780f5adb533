"""A market on this machine that speaks a vendor's protocol, and misbehaves when a test wants it to."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from aiohttp import WSMsgType, web

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Deal:
    """A trade as the market knows it."""

    symbol: str
    time: datetime
    price: float
    size: float
    number: int


@dataclass(frozen=True, kw_only=True)
class Candle:
    """A bar of the market's own."""

    time: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass
class Refusal:
    """What the next call gets instead of an answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


class MarketServer:
    """Keeps every deal, tells those who subscribed, and answers with bars made of all deals.

    Subclasses say it as their vendor does. ``silent`` keeps the sockets open and says nothing; ``shut`` is how many
    handshakes are refused, ``hold`` how many are not answered before ``let_in``; ``refusals`` are given, one each, to
    the next calls. While ``heeds`` is not set, subscriptions are taken and have no effect.
    """

    def __init__(self) -> None:
        self.deals: list[Deal] = []
        self.sockets: dict[web.WebSocketResponse, set[str]] = {}
        self.silent = False
        self.shut = 0
        self.hold = 0
        self.held: list[web.Request] = []
        self.let_in = asyncio.Event()
        self.heeds = asyncio.Event()
        self.heeds.set()
        self.asked_for = asyncio.Event()
        self.refusals: list[Refusal] = []
        self.asked: list[dict[str, str]] = []
        self.handshakes = 0
        self.subscribed = asyncio.Event()
        self.url = ""
        self._app = web.Application(middlewares=[self._refuse])
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        self.add_routes(self._app.router)

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the vendor's addresses."""
        raise NotImplementedError

    def frame(self, deal: Deal) -> dict[str, Any]:
        """Return a deal as the vendor writes it."""
        raise NotImplementedError

    async def start(self, port: int = 0) -> Self:
        """Listen."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        """Cut everything and stop listening."""
        self.cut()
        await self._runner.cleanup()

    def cut(self) -> None:
        """Break every connection off in the middle, as a network does."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()
        self.sockets.clear()

    async def deal(self, symbol: str, time: datetime, price: float, size: float = 1.0) -> Deal:
        """Make a deal and tell it."""
        made = self.note(symbol, time, price, size)
        await self.tell(made)
        return made

    def note(self, symbol: str, time: datetime, price: float, size: float = 1.0) -> Deal:
        """Make a deal that nobody is told of."""
        made = Deal(symbol=symbol, time=time, price=price, size=size, number=len(self.deals) + 1)
        self.deals.append(made)
        return made

    async def tell(self, *deals: Deal) -> None:
        """Tell these deals, whether they were told before or not, to all who follow them."""
        if not self.silent:
            for socket, symbols in list(self.sockets.items()):
                wanted = [deal for deal in deals if deal.symbol in symbols]
                if wanted and not socket.closed:
                    await self.send(socket, wanted)

    async def send(self, socket: web.WebSocketResponse, deals: Sequence[Deal]) -> None:
        """Send deals, one message each; vendors that join them do otherwise."""
        for deal in deals:
            await socket.send_json(self.frame(deal))

    def candles(self, symbol: str, start: datetime, end: datetime, length: timedelta = MINUTE) -> list[Candle]:
        """Return bars with start <= time < end, made of all deals by their time."""
        made: dict[datetime, list[Deal]] = {}
        for deal in sorted(self.deals, key=lambda deal: (deal.time, deal.number)):
            opened = datetime.fromtimestamp(
                deal.time.timestamp() // length.total_seconds() * length.total_seconds(), UTC
            )
            if deal.symbol == symbol and start <= opened < end:
                made.setdefault(opened, []).append(deal)
        return [
            Candle(
                time=opened,
                open=deals[0].price,
                high=max(deal.price for deal in deals),
                low=min(deal.price for deal in deals),
                close=deals[-1].price,
                volume=sum(deal.size for deal in deals),
            )
            for opened, deals in sorted(made.items())
        ]

    async def serve_socket(self, request: web.Request) -> web.WebSocketResponse:
        """Take one socket: greet it, then heed what it says until it ends."""
        self.handshakes += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self.greet(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self.heed(socket, message.json())
        self.sockets.pop(socket, None)
        return socket

    async def greet(self, socket: web.WebSocketResponse) -> None:
        """Say what the vendor says first."""

    async def heed(self, socket: web.WebSocketResponse, said: Any) -> None:
        """Do what a client asks for."""
        raise NotImplementedError

    async def follow(self, socket: web.WebSocketResponse, symbols: Sequence[str]) -> None:
        """Let a socket follow these, once the market heeds it."""
        self.asked_for.set()
        await self.heeds.wait()
        self.sockets.setdefault(socket, set()).update(symbols)
        self.subscribed.set()

    async def until_followed(self) -> None:
        """Wait until somebody has subscribed since the last look."""
        async with asyncio.timeout(10):
            await self.subscribed.wait()
        self.subscribed.clear()

    async def until_asked_for(self) -> None:
        """Wait until somebody has asked for a subscription since the last look, whether it has an effect or not."""
        async with asyncio.timeout(10):
            await self.asked_for.wait()
        self.asked_for.clear()

    async def until_given_up(self) -> None:
        """Wait until whoever waits for a handshake has gone away."""
        async with asyncio.timeout(10):
            while not self.held or any(one.transport is not None for one in self.held):  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0.01)

    @web.middleware
    async def _refuse(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("upgrade", "").lower() == "websocket":
            if self.shut:
                self.shut -= 1
                return web.Response(status=503)
            if self.hold:
                self.hold -= 1
                self.held.append(request)
                await self.let_in.wait()
        else:
            self.asked.append({"path": request.path, **request.query})
            if self.refusals:
                refusal = self.refusals.pop(0)
                return web.Response(text="not now", status=refusal.status, headers=refusal.headers)
        answer: web.StreamResponse = await handler(request)
        return answer
