"""An ETag for each JSON answer to a GET, and a 304 for who has it already (RFC 9110, sections 8.8.3 and 13.1.2).

The tag is of the bytes that this request would be answered with, so nobody learns by it of what they may not read.
"""

import asyncio
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.answers import asks_for_data, change_json

# Hashing more takes longer than sending saves for whom it is the same.
MOST_BYTES = 4_000_000
_MOST_BYTES_ON_LOOP = 512 * 1_024
# What a browser may keep on disk, asking each time whether it is still so. Of all else, which is about people, it keeps
# nothing (``no-store`` is added further out); programs use the tags all the same.
_KEPT = "private, no-cache"
_KEEPABLE = (
    "/api/v1/ai/modes",
    "/api/v1/auth/jwks",
    "/api/v1/auth/providers",
    "/api/v1/indicators",
    "/api/v1/instruments",
    "/api/v1/openapi.json",
    "/api/v1/quotes",
)
_TAG = re.compile(r'(?:W/)?("[^"]*")')


class ETags:
    """Adds the tags, and says of market data and descriptions that browsers may keep them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if not asks_for_data(scope):
            await self._app(scope, receive, send)
            return
        has = b",".join(value for name, value in scope["headers"] if name == b"if-none-match").decode("latin-1")

        async def tag(head: Message, body: bytes) -> tuple[Message, bytes]:
            headers = MutableHeaders(raw=head["headers"])
            if scope["path"].startswith(_KEEPABLE):
                headers.setdefault("cache-control", _KEPT)
            if "no-store" in headers.get("cache-control", "") or len(body) > MOST_BYTES:
                return head, body
            if "etag" not in headers:
                on_loop = len(body) <= _MOST_BYTES_ON_LOOP
                headers["etag"] = _tag(body) if on_loop else await asyncio.to_thread(_tag, body)
            known = find_match(has, headers["etag"])
            return (head, body) if known is None else (_not_modified(head, known), b"")

        await self._app(scope, receive, change_json(scope, send, tag))


def _tag(body: bytes) -> str:
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def find_match(said: str, etag: str) -> str | None:
    """Return the tag of an If-None-Match that stands for what has this ETag; compared weakly, as it must be."""
    if said.strip() == "*":
        return etag
    strong = etag.removeprefix("W/")
    return next((found.group() for found in _TAG.finditer(said) if found.group(1) == strong), None)


def _not_modified(head: Message, known: str) -> Message:
    """Return a head without a body, under the tag by which the client knows it: whether weak depends on the coding."""
    headers = MutableHeaders(raw=head["headers"])
    del headers["content-length"]
    del headers["content-type"]
    headers["etag"] = known
    return {**head, "status": 304}
