"""An id for each request, its trace (W3C Trace Context) and the address that it came from."""

import re
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.kit import trace
from outcry.kit.ids import new_id

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


class RequestIdentity:
    """Says in ``kit.trace`` which request a task belongs to, and in every answer which request it answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = new_id()
        request_id = str(request)
        scope.setdefault("state", {})["request_id"] = request_id
        trace.causation_id.set(request)
        trace.address.set(scope["client"][0] if scope.get("client") else "")
        said = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        found = _TRACEPARENT.match(said.decode("latin-1"))
        trace.trace_id.set(found.group(1) if found else secrets.token_hex(16))
        name = (b"x-request-id", request_id.encode())

        async def send_named(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message.get("headers", ()), name]
            await send(message)

        await self._app(scope, receive, send_named)
