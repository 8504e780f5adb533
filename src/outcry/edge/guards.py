"""What every request passes: an id, a size limit, and headers that keep browsers strict. Plain ASGI, so it is cheap."""

import json
import re
import secrets
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.kit import trace
from outcry.kit.errors import TooLargeError
from outcry.kit.ids import new_id

MOST_BODY_BYTES = 1_000_000
MOST_DRAINED_BYTES = 8_000_000

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")

_READ = (b"content-length", b"transfer-encoding", b"traceparent")

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guards:
    """Gives each request an id and a trace id, refuses bodies over the limit, sets the security headers."""

    def __init__(self, app: ASGIApp, *, most_body_bytes: int = MOST_BODY_BYTES) -> None:
        self._app = app
        self._most = most_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"] if name in _READ}
        request = new_id()
        request_id = str(request)
        scope.setdefault("state", {})["request_id"] = request_id
        trace.causation_id.set(request)
        trace.address.set(scope["client"][0] if scope.get("client") else "")
        found = _TRACEPARENT.match(headers.get(b"traceparent", b"").decode("latin-1"))
        trace.trace_id.set(found.group(1) if found else secrets.token_hex(16))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                response = MutableHeaders(scope=message)
                response["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    response.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    response.setdefault("cache-control", "no-store")
            await send(message)

        fits = _length(headers.get(b"content-length", b"0")) <= self._most
        if not fits:
            await _drain(receive)
        if fits and b"transfer-encoding" in headers:
            # A body without a length is read here, so that it cannot grow past the limit further in.
            whole = await _read_whole(receive, self._most)
            fits = whole is not None
            receive = whole or receive
        if fits:
            await self._app(scope, receive, send_guarded)
        else:
            await _refuse(send_guarded, scope, request_id, self._most)


def _length(header: bytes) -> int:
    return int(header) if header.isdigit() else 0


async def _read_whole(receive: Receive, most: int) -> Receive | None:
    """Read a body to its end; None when it is longer than ``most`` bytes."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return receive
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
        if sum(map(len, parts)) > most:
            if more:
                await _drain(receive)
            return None
    whole: list[Message] = [{"type": "http.request", "body": b"".join(parts), "more_body": False}]

    async def receive_whole() -> Message:
        return whole.pop() if whole else await receive()

    return receive_whole


async def _drain(receive: Receive) -> None:
    """Read on for a while: a client that is still sending would miss an answer that comes with a closed connection."""
    seen = 0
    while seen < MOST_DRAINED_BYTES:
        message = await receive()
        seen += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def _refuse(send: Send, scope: Scope, request_id: str, most: int) -> None:
    error = TooLargeError(f"A request can have {most:,} bytes at most.")
    problem: dict[str, Any] = error.to_problem(instance=scope["path"], request_id=request_id)
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
