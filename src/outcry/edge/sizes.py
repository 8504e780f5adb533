"""How much a request may bring: a body over the limit is refused before anything of it is looked at."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.kit.errors import TooLargeError

MOST_DRAINED_BYTES = 8_000_000


class BodySizes:
    """Refuses bodies of more than ``most`` bytes, whether their length is told or not."""

    def __init__(self, app: ASGIApp, *, most: int, counts: Counts) -> None:
        self._app = app
        self._most = most
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        fits = not length.isdigit() or int(length) <= self._most
        if not fits:
            await _drain(receive)
        elif b"transfer-encoding" in headers:
            # A body without a length is read here, so that it cannot grow past the limit further in.
            whole = await _read_whole(receive, self._most)
            fits = whole is not None
            receive = whole or receive
        if fits:
            await self._app(scope, receive, send)
            return
        self._counts.add(TooLargeError.code)
        error = TooLargeError(f"A request can have {self._most:,} bytes at most.")
        await refuse(scope, send, error, headers=((b"connection", b"close"),))


async def _read_whole(receive: Receive, most: int) -> Receive | None:
    """Read a body to its end; None when it is longer than ``most`` bytes."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return receive
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            if more:
                await _drain(receive)
            return None
    whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

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
