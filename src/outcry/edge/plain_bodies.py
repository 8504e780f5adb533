"""Packed bodies are refused: a few bytes could become gigabytes, and nothing that we take is large."""

from starlette.types import ASGIApp, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.edge.refusals import UnsupportedEncodingError

# RFC 9110, section 15.5.16: what would have been taken.
_TAKEN = (b"accept-encoding", b"identity")


class PlainBodies:
    """Answers 415 to a request with a Content-Encoding. Stands behind the limit of sizes, which reads the body."""

    def __init__(self, app: ASGIApp, *, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        codings = [value for name, value in scope.get("headers", ()) if name == b"content-encoding"]
        if scope["type"] != "http" or all(value.strip().lower() in (b"", b"identity") for value in codings):
            await self._app(scope, receive, send)
            return
        self._counts.add(UnsupportedEncodingError.code)
        await refuse(scope, send, UnsupportedEncodingError(), headers=(_TAKEN,))
