"""A server that speaks the protocol as a test tells it to."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed


class Desk:
    """Says ``ready`` to every sign-in, keeps what it hears, and says what a test wants it to."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.connections: list[ServerConnection] = []
        self.refused: set[str] = set()
        self.changed = asyncio.Event()
        self._server: Server | None = None

    async def start(self) -> str:
        """Listen on a free port and return the address."""
        self._server = await serve(self._serve, "127.0.0.1", 0)
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        with contextlib.suppress(ConnectionClosed):
            await self._hear(connection)

    async def _hear(self, connection: ServerConnection) -> None:
        async for text in connection:
            frame = json.loads(text)
            self.heard.append(frame)
            self.changed.set()
            if frame["type"] == "auth" and frame["ticket"] in self.refused:
                await connection.close(4401)
            elif frame["type"] == "auth":
                await self.say({"type": "ready"})

    async def say(self, said: Any) -> None:
        """Send a frame on the newest connection."""
        await self.connections[-1].send(json.dumps(said))

    async def until(self, check: Callable[[list[dict[str, Any]]], Any]) -> Any:
        """Wait until what was heard is as wanted."""
        async with asyncio.timeout(10):
            while not (found := check(self.heard)):
                self.changed.clear()
                await self.changed.wait()
        return found

    def subscriptions(self) -> list[dict[str, Any]]:
        """What was asked to be followed."""
        return [frame for frame in self.heard if frame["type"] == "subscribe"]

    async def stop(self) -> None:
        """End it."""
        if self._server:
            self._server.close(close_connections=True)
            await self._server.wait_closed()
