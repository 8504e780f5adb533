"""Many plain sockets from one process, cheap enough that the server is what is measured.

What they hear is not parsed: a message has marks of one byte each, which are counted as the bytes come in.
"""

import asyncio
import base64
import json
import os
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

# One in each message, and nowhere else in what a server sends. (A tilde is also the length of a frame.)
MARK = b"#"
# One of these in each message: whose it is.
SENDERS = (b"^", b"`", b"|", b"@", b"%", b"$", b"=", b"*")


_TEXT, _PING, _PONG = 0x81, 0x89, 0x8A


@dataclass
class Heard:
    """What all sockets of a crowd heard together."""

    deliveries: int = 0
    largest: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class PlainSocket(asyncio.Protocol):
    """A WebSocket client without packing (RFC 6455): whole frames at first, and once ``counting`` bytes alone."""

    def __init__(self, heard: Heard, own_mark: bytes = b"") -> None:
        self.heard = heard
        self.own_mark = own_mark
        self.own = 0
        self.counting = False
        # Counts whole messages, and answers when it is asked whether it is there.
        self.idle = False
        self.transport: asyncio.Transport
        self._bytes = b""
        self._open = False
        self.frames: asyncio.Queue[str] = asyncio.Queue()
        self.on_own = asyncio.Event()
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Note that it is gone."""
        del error
        self.closed.set()

    def data_received(self, data: bytes) -> None:
        """Count, or take frames apart."""
        if self.counting:
            self._count(data)
            return
        self._bytes += data
        if not self._open:
            head, end, rest = self._bytes.partition(b"\r\n\r\n")
            if not end:
                return
            assert b" 101 " in head.split(b"\r\n")[0], head
            self._bytes, self._open = rest, True
            self.opened.set()
        self._take_frames()

    def _count(self, data: bytes) -> None:
        self.heard.deliveries += data.count(MARK)
        if self.own_mark:
            own = data.count(self.own_mark)
            if own:
                self.own += own
                self.on_own.set()

    def _take_frames(self) -> None:
        while len(self._bytes) >= 2:
            length, start = self._bytes[1], 2
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(self._bytes[2:start], "big")
            if len(self._bytes) < start + length:
                return
            first, body = self._bytes[0], self._bytes[start : start + length]
            self._bytes = self._bytes[start + length :]
            if first == _PING:
                self.transport.write(bytes((_PONG, 0x80 | length)) + b"\x00\x00\x00\x00" + body)
            elif first == _TEXT:
                self._hear(body)

    def _hear(self, body: bytes) -> None:
        if self.idle:
            self.heard.deliveries += body.count(MARK)
        else:
            self.frames.put_nowait(body.decode())

    def count(self) -> None:
        """From now on count alone, and answer to nothing: for as long as a server waits for a sign of life."""
        self.counting = True
        while not self.frames.empty():
            self._count(self.frames.get_nowait().encode())

    def send(self, text: str) -> None:
        """Send a message. The mask is zero, so that its bytes are those of the text."""
        body = text.encode()
        length = len(body)
        head = bytes((0x81, 0x80 | length)) if length < 126 else b"\x81\xfe" + length.to_bytes(2, "big")
        self.transport.write(head + b"\x00\x00\x00\x00" + body)

    async def next(self) -> str:
        """Return the next whole message."""
        async with asyncio.timeout(30):
            return await self.frames.get()

    async def own_reached(self, count: int) -> None:
        """Wait until so many of its own messages came."""
        while self.own < count:
            self.on_own.clear()
            await self.on_own.wait()


async def open_plain(url: str, heard: Heard, own_mark: bytes = b"") -> PlainSocket:
    """Open a socket."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(
        lambda: PlainSocket(heard, own_mark), parts.hostname or "", parts.port or 80
    )
    key = base64.b64encode(os.urandom(16)).decode()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    socket.transport.write(
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    async with asyncio.timeout(30):
        await socket.opened.wait()
    return socket


async def sign_in(socket: PlainSocket, ticket: str) -> None:
    """Sign in to an installation of ours."""
    socket.send(json.dumps({"type": "auth", "ticket": ticket}))
    assert json.loads(await socket.next())["type"] == "ready"


async def follow(socket: PlainSocket, topic: str) -> None:
    """Follow a topic of ours."""
    socket.send(json.dumps({"type": "subscribe", "topic": topic}))
    assert json.loads(await socket.next())["type"] == "subscribed"
