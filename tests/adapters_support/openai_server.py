"""A small real HTTP server that speaks OpenAI's chat completions, scripted to behave well or badly.

Used by tests and benchmarks::

    async with OpenaiServer() as server:
        server.script = [CallTools(("indicator", {"symbol": "AAPL", "name": "rsi"})), Say("It is 64.8.")]
        ...  # talk to server.base_url

Each request to ``/v1/chat/completions`` takes the next step of the script; the last one is repeated.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Say:
    """Stream a text in pieces of a word, with a pause before each."""

    text: str
    pause_s: float = 0.0


@dataclass(frozen=True, init=False)
class CallTools:
    """Call tools: pairs of a name and its arguments (a dict, or text that need not be JSON)."""

    calls: tuple[tuple[str, Any], ...]

    def __init__(self, *calls: tuple[str, Any]) -> None:
        object.__setattr__(self, "calls", calls)


@dataclass(frozen=True)
class Fail:
    """Answer with an HTTP error whose body has something secret in it."""

    status: int
    body: str = '{"error": {"message": "secret-detail sk-leaked", "type": "server_error"}}'
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Stall:
    """Stream some words, then say nothing more until the client goes away."""

    after: str = ""


@dataclass(frozen=True)
class Cut:
    """Stream some words, then cut the connection."""

    after: str = ""


@dataclass(frozen=True)
class Garbage:
    """Answer 200 with bytes that are no event stream."""

    body: bytes = b"data: {not json at all\n\ndata: [1,2,3]\n\n"


Step = Say | CallTools | Fail | Stall | Cut | Garbage


@dataclass
class Request:
    """What a client sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class OpenaiServer:
    """The server, on a free port of 127.0.0.1."""

    script: Sequence[Step] = field(default_factory=lambda: [Say("ready")])
    models: Sequence[str] = ("test-model",)
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    _position: int = 0
    _server: asyncio.Server | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        """The address to configure."""
        return f"http://127.0.0.1:{self.port}/v1"

    def play(self, *steps: Step) -> None:
        """Begin another script."""
        self.script, self._position = steps, 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._serve(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; True when the connection stays open."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path = first.split(" ")[1]
        self.requests.append(Request(path, headers, json.loads(body) if body else {}))
        if path == "/v1/models":
            listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}
            _send(writer, 200, json.dumps(listed).encode(), "application/json")
        elif path == "/v1/chat/completions":
            return await self._complete(reader, writer)
        else:
            _send(writer, 404, b'{"error": {"message": "no such path"}}', "application/json")
        await writer.drain()
        return True

    def _next(self) -> Step:
        step = self.script[min(self._position, len(self.script) - 1)]
        self._position += 1
        return step

    async def _complete(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        step = self._next()
        if isinstance(step, Fail):
            _send(writer, step.status, step.body.encode(), "application/json", step.headers)
            await writer.drain()
            return True
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        if isinstance(step, Garbage):
            _chunk(writer, step.body)
        else:
            async for piece in _pieces(step):
                _chunk(writer, f"data: {json.dumps(piece)}\n\n".encode())
                await writer.drain()
        if isinstance(step, Stall):
            self.stalled.set()
            await reader.read(1)  # until the client goes away
            return False
        if isinstance(step, Cut):
            await writer.drain()
            return False
        if not isinstance(step, Garbage):
            _chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _pieces(step: Step) -> AsyncIterator[dict[str, Any]]:
    if isinstance(step, CallTools):
        calls = [
            {
                "index": index,
                "id": f"call_{index}",
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
            for index, (name, arguments) in enumerate(step.calls)
        ]
        yield _delta({"role": "assistant", "content": None, "tool_calls": calls})
        yield _delta({}, finish="tool_calls")
        return
    text = step.text if isinstance(step, Say) else step.after if isinstance(step, Stall | Cut) else ""
    for word in text.split(" ") if text else ():
        if isinstance(step, Say) and step.pause_s:
            await asyncio.sleep(step.pause_s)
        yield _delta({"content": f"{word} " if not text.endswith(word) else word})
    if isinstance(step, Say):
        yield _delta({}, finish="stop")


def _delta(delta: dict[str, Any], *, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "test-model",
        "choices": [choice],
    }


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _send(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    content_type: str,
    headers: Sequence[tuple[str, str]] = (),
) -> None:
    extra = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    writer.write(head.encode() + body)
