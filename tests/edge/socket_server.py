"""The realtime socket alone, served as in production but in this process, over a courier and people of the test."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.edge.calls import Calls
from outcry.edge.counting import Counts
from outcry.edge.fan_out import FanOut
from outcry.edge.frame_quota import FrameQuota
from outcry.edge.http_protocol import strict_protocol
from outcry.edge.session_watch import SessionWatch
from outcry.edge.settings import EdgeSettings
from outcry.edge.socket import RealtimeSocket, SocketParts
from outcry.edge.socket_frames import MOST_FRAME_BYTES
from outcry.edge.socket_protocol import ComeBackProtocol
from outcry.edge.tickets import Tickets
from outcry.kit.clock import SystemClock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.ids import new_id
from outcry.kit.module import SocketCall, Topic
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import AuthFacade


@dataclass
class People:
    """Who may sign in, by token, and how often that was asked."""

    by_token: dict[str, Principal] = field(default_factory=dict)
    asked: int = 0

    def add(self, token: str, *scopes: str) -> Principal:
        """Let somebody in by a token."""
        person = Principal(
            user_id=new_id(), tenant_id=new_id(), role="member", scopes=frozenset(scopes), session_id=new_id()
        )
        self.by_token[token] = person
        return person

    def change(self, token: str, *scopes: str) -> None:
        """Let them do something else from now on."""
        self.by_token[token] = replace(self.by_token[token], scopes=frozenset(scopes))

    async def authenticate(self, *, access_token: str) -> Principal:
        """Return whose token it is."""
        self.asked += 1
        if access_token not in self.by_token:
            raise UnauthenticatedError()
        return self.by_token[access_token]


@dataclass
class SocketServer:
    """A running server of sockets. Rooms in ``closed`` are nobody's to follow."""

    port: int
    realtime: MemoryRealtime
    people: People
    tickets: Tickets
    parts: SocketParts
    closed: set[str]
    connections: list[ClientConnection] = field(default_factory=list)

    async def connect(self, token: str = "", *, packed: bool = False, **options: Any) -> "Socket":
        """Open a socket, signed in when there is a token."""
        connection = await connect(
            f"ws://127.0.0.1:{self.port}/",
            proxy=None,
            compression="deflate" if packed else None,
            max_size=None,
            **options,
        )
        self.connections.append(connection)
        socket = Socket(connection)
        if token:
            await socket.say(type="auth", ticket=await self.tickets.issue(token))
            assert await socket.next() == {"type": "ready"}
        return socket


@dataclass
class Socket:
    """The client's side."""

    connection: ClientConnection

    async def say(self, **frame: Any) -> None:
        """Send a frame."""
        await self.connection.send(json.dumps(frame))

    async def next(self) -> Any:
        """Return the next frame."""
        async with asyncio.timeout(10):
            return json.loads(await self.connection.recv())

    async def follow(self, topic: str, **position: Any) -> Any:
        """Subscribe and return the next frame."""
        await self.say(type="subscribe", topic=topic, **position)
        return await self.next()

    async def ended(self) -> tuple[int | None, list[Any]]:
        """Return the code that it was closed with, and what was said before."""
        said: list[Any] = []
        try:
            while True:
                said.append(await self.next())
        except ConnectionClosed:
            return self.connection.close_code, said


@asynccontextmanager
async def serving(
    *,
    calls: Mapping[str, SocketCall] | None = None,
    heartbeat_s: float = 25.0,
    quota: FrameQuota | None = None,
    realtime: MemoryRealtime | None = None,
) -> AsyncIterator[SocketServer]:
    """Serve while the block lasts."""
    realtime, people = realtime or MemoryRealtime(), People()
    fan_out, tickets = FanOut(realtime), Tickets(MemoryCache(SystemClock()))
    closed: set[str] = set()

    async def may_listen(principal: Principal, name: str) -> bool:
        return principal.may("read") and name not in closed

    parts = SocketParts(
        auth=cast(AuthFacade, people),
        realtime=realtime,
        tickets=tickets,
        topics={
            "room": Topic(log=True, may_listen=may_listen),
            "quotes": Topic(log=False, may_listen=may_listen),
        },
        calls=Calls(calls or {}),
        fan_out=fan_out,
        watch=SessionWatch(fan_out.look, every_s=heartbeat_s),
        quota=quota or FrameQuota(most=1e9, window_s=1),
    )

    async def follow(socket: WebSocket) -> None:
        await RealtimeSocket.serve(socket, parts)

    config = uvicorn.Config(
        Starlette(routes=[WebSocketRoute("/", follow)]),
        port=0,
        http=strict_protocol(EdgeSettings(), Counts()),
        ws=ComeBackProtocol,
        ws_max_size=MOST_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=heartbeat_s,
        ws_ping_timeout=heartbeat_s,
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    await server.up.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    running = SocketServer(port=port, realtime=realtime, people=people, tickets=tickets, parts=parts, closed=closed)
    try:
        yield running
    finally:
        for connection in running.connections:
            connection.transport.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in running.connections))
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """One that says when it is up, and leaves the process's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    def capture_signals(self) -> Any:
        """Capture none."""
        return nullcontext()

    async def startup(self, sockets: Any = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.up.set()


async def until(check: Any) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not check():  # noqa: ASYNC110  # the server has no sign for it
            await asyncio.sleep(0.01)
