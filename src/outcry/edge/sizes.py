"""How much a request may bring: a body over the limit is refused before anything of it is looked at."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.edge.refusals import OverloadedError
from outcry.edge.uploads import counted, is_upload
from outcry.kit.errors import OutcryError, TooLargeError

MOST_DRAINED_BYTES = 8_000_000
# What is no JSON has a limit of its own.
PICTURE = ("PUT", "/api/v1/auth/me/picture")
_COME_BACK_S = 2


class BodySizes:
    """Refuses bodies of more than ``most`` bytes, whether their length is told or not.

    ``others`` are the limits of endpoints, by method and path, that take more or less than that.
    A body is read here to its end, so that who sends slowly holds nothing further in. ``most_held`` bounds the bytes of
    all bodies that are coming in together. Uploads are not held: of them ``most_upload`` bytes pass on.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most: int,
        most_held: int,
        counts: Counts,
        most_upload: int = 0,
        others: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self._app = app
        self._most = most
        self._others = others or {}
        self._most_held = most_held
        self._held = 0
        self._counts = counts
        self._most_upload = most_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        told = int(length) if length.isdigit() else 0
        wrong: OutcryError | None = None
        upload = is_upload(scope["method"], scope["path"])
        most = self._others.get((scope["method"], scope["path"].rstrip("/")), self._most)
        most = self._most_upload if upload else most
        if told > most:
            wrong = _too_large(most)
            await _drain(receive)
        elif upload:
            receive = counted(receive, most)
        elif told or b"transfer-encoding" in headers:
            body = await self._read(receive, most)
            if isinstance(body, OutcryError):
                wrong = body
            else:
                receive = _give(body, receive)
        if wrong is None:
            await self._app(scope, receive, send)
            return
        self._counts.add(wrong.code)
        await refuse(scope, send, wrong, headers=((b"connection", b"close"),))

    async def _read(self, receive: Receive, most: int) -> list[Message] | OutcryError:
        """Read a body to its end, or tell why not."""
        body = bytearray()
        more = True
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return [message]
                part = message.get("body", b"")
                body += part
                self._held += len(part)
                more = message.get("more_body", False)
                if len(body) > most or self._held > self._most_held:
                    wrong = _too_large(most) if len(body) > most else OverloadedError(wait_s=_COME_BACK_S)
                    if more:
                        await _drain(receive)
                    return wrong
        finally:
            self._held -= len(body)
        return [{"type": "http.request", "body": bytes(body), "more_body": False}]


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"This can have {most:,} bytes at most.")


def _give(messages: list[Message], receive: Receive) -> Receive:
    async def receive_whole() -> Message:
        return messages.pop() if messages else await receive()

    return receive_whole


async def _drain(receive: Receive) -> None:
    """Read on for a while: a client that is still sending would miss an answer that comes with a closed connection."""
    seen = 0
    while seen < MOST_DRAINED_BYTES:
        message = await receive()
        seen += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return
