"""A proxy as a bad network is: it delays, cuts in the middle of a request, an answer or a frame, and asks twice."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random

_LARGEST = 1024 * 1024
# Of requests, so many are cut on their way, so many lose their answer, and so many are sent twice.
_CUT, _UNANSWERED, _TWICE = 0.02, 0.03, 0.10
# After so many bytes either way, and so many seconds, a socket is cut: on the average.
_SOCKET_BYTES, _SOCKET_S = 60_000, 15.0
_LONGEST_DELAY_S = 0.03


class RoughNetwork:
    """Stands before a server's port. What it does to its connections comes from ``seed``, in their order."""

    def __init__(self, port: int, *, seed: str) -> None:
        self._port = port
        self._seed = seed
        self._numbers = itertools.count()
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.calm = False
        self.cuts = self.repeats = 0

    async def start(self) -> str:
        """Listen; return the address to use in place of the server's."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=_LARGEST)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """End every connection."""
        assert self._server
        self._server.close()
        for task in tuple(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        connection = _Connection(self, self._port, Random(f"{self._seed}/{next(self._numbers)}"))
        try:
            await connection.serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either side is gone, or the test ends
        finally:
            connection.end()
            writer.transport.abort()
            self._connections.discard(task)


class _Connection:
    """One connection of a client, and the one to the server behind it."""

    def __init__(self, network: RoughNetwork, port: int, draw: Random) -> None:
        self._network = network
        self._port = port
        self._draw = draw
        # Bytes that still go through towards the client, and towards the server.
        self._left: dict[str, float] = {"down": float("inf"), "up": float("inf")}
        self._writers: list[asyncio.StreamWriter] = []
        self._others: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        """Let go of both sides, at once, as a cut does."""
        if self._timer:
            self._timer.cancel()
        for task in self._others:
            task.cancel()
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass requests on, until one of them becomes a socket or something is cut."""
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers = [writer, up_writer]
        answers = self._beside(partial(self._pump, up_reader, writer, "down"))
        while not answers.done():
            request = await _read_request(reader)
            await self._delay()
            await self._send(request, up_writer)
            if b"upgrade: websocket" in request.lower():
                self._bound_socket()
                await self._pump(reader, up_writer, "up")

    async def _send(self, request: bytes, up_writer: asyncio.StreamWriter) -> None:
        fate = 1.0 if self._network.calm else self._draw.random()
        if fate < _CUT:
            up_writer.write(request[: self._draw.randrange(len(request))])
            await up_writer.drain()
            self._cut()
        elif fate < _CUT + _UNANSWERED:
            # The server does what is asked; of its answer a part comes back, or nothing.
            self._left["down"] = self._draw.randrange(400)
        elif fate < _CUT + _UNANSWERED + _TWICE and b"upgrade: websocket" not in request.lower():
            self._network.repeats += 1
            self._beside(partial(self._repeat, request, self._draw.random()))
        up_writer.write(request)
        await up_writer.drain()

    def _bound_socket(self) -> None:
        if self._network.calm:
            return
        self._left = {way: self._draw.expovariate(1 / _SOCKET_BYTES) for way in ("down", "up")}
        wait = self._draw.expovariate(1 / _SOCKET_S)
        self._timer = asyncio.get_running_loop().call_later(wait, self._cut_in_time)

    def _cut_in_time(self) -> None:
        if not self._network.calm:
            self._network.cuts += 1
            for writer in self._writers:
                writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._delay()
                if len(data) > self._left[way] and not self._network.calm:
                    writer.write(data[: int(self._left[way])])
                    await writer.drain()
                    self._cut()
                self._left[way] -= len(data)
                writer.write(data)
                await writer.drain()
        for each in self._writers:
            each.close()

    def _cut(self) -> None:
        self._network.cuts += 1
        for writer in self._writers:
            writer.transport.abort()
        raise ConnectionAbortedError

    async def _repeat(self, request: bytes, wait_s: float) -> None:
        """Ask the same once more, a moment later, on a connection of its own; nobody hears the answer."""
        await asyncio.sleep(wait_s)
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            self._writers.append(writer)
            writer.write(request)
            await reader.read(1)
            writer.close()

    async def _delay(self) -> None:
        if not self._network.calm:
            await asyncio.sleep(self._draw.random() * _LONGEST_DELAY_S)

    def _beside(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._others.add(task)
        task.add_done_callback(self._others.discard)
        return task


async def _quietly(work: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(OSError):
        await work()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    """Return a whole request; a client of ours says how long its bodies are."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + (await reader.readexactly(length) if length else b"")
