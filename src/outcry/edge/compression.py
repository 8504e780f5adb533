"""Packs answers by zstd, brotli or gzip, as the client wishes.

Never packed is what is marked ``Cache-Control: no-store``, nor what an endpoint answers to a change without saying how
it may be kept, which becomes ``no-store`` further out: such answers carry tokens, keys and codes, and the length of a
packed answer tells of its contents (BREACH).
"""

import asyncio
import re
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.codings import Packer, Wish, negotiate, pack, to_packer
from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.edge.refusals import NotAcceptableError

# Below this, packing saves less than the network's own packets cost.
LEAST_BYTES = 1_024
# Packing more than this takes longer than others on the event loop should wait.
MOST_BYTES_ON_LOOP = 64 * 1_024

_PACKABLE = re.compile(
    r"text/(?!event-stream)|application/(json|javascript|xml|wasm|manifest\+json|.+\+(json|xml))$|image/svg\+xml$|font/[ot]tf$"
)
# Without a body, or a part of one whose places are counted in the bytes as they are.
_LEFT_ALONE = (204, 205, 206, 304)


class Compression:
    """Answers in the coding that the client likes best."""

    def __init__(self, app: ASGIApp, *, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wish = negotiate(accepted(scope))
        if wish.impossible:
            self._counts.add(NotAcceptableError.code)
            await refuse(scope, send, NotAcceptableError(), headers=((b"vary", b"Accept-Encoding"),))
            return
        await self._app(scope, receive, _Answer(scope, wish, send))


def accepted(scope: Scope) -> str:
    """Return a request's Accept-Encoding, its lines as one."""
    return b",".join(value for name, value in scope["headers"] if name == b"accept-encoding").decode("latin-1")


class _Answer:
    """One answer on its way out. A head that tells of a length waits for the body: how that is packed depends on it."""

    def __init__(self, scope: Scope, wish: Wish, send: Send) -> None:
        self._scope = scope
        self._wish = wish
        self._send = send
        self._head: Message | None = None
        self._packer: Packer | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] != "http.response.body":
            await self._send(message)
        elif self._head is not None:
            await self._first(self._head, message)
        elif self._packer is not None:
            await self._send(await _next(self._packer, message))
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = MutableHeaders(raw=message["headers"])
        may_pack = message["status"] not in _LEFT_ALONE and self._may_pack(headers)
        depends = may_pack or message["status"] == 304
        if depends and "accept-encoding" not in headers.get("vary", "").lower():
            headers.add_vary_header("Accept-Encoding")
        coding = self._wish.coding if may_pack and self._scope["method"] != "HEAD" else None
        length = headers.get("content-length", "")
        if coding is None or (length and int(length) < (1 if self._wish.refuses_plain else LEAST_BYTES)):
            await self._send(message)
        elif length:
            self._head = message
        else:
            # A stream: nobody knows when its first part comes.
            self._packer = to_packer(coding)
            await self._send(_packed_head(message, coding))

    def _may_pack(self, headers: Headers) -> bool:
        kept = headers.get("cache-control", "")
        changes = self._scope["method"] not in ("GET", "HEAD") and self._scope["path"].startswith("/api/")
        if "no-store" in kept or "no-transform" in kept or (changes and not kept):
            return False
        if headers.get("content-encoding", "identity") != "identity" or "content-range" in headers:
            return False
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if self._wish.refuses_plain:
            return kind not in ("", "text/event-stream")
        return bool(_PACKABLE.match(kind))

    async def _first(self, head: Message, message: Message) -> None:
        self._head = None
        coding = self._wish.coding
        assert coding is not None  # noqa: S101  # a head waits only where there is one
        if message.get("more_body", False):
            self._packer = to_packer(coding)
            await self._send(_packed_head(head, coding))
            await self._send(await _next(self._packer, message))
            return
        packed = await _work(lambda part: pack(part, coding), message.get("body", b""))
        await self._send(_packed_head(head, coding, len(packed)))
        await self._send({"type": "http.response.body", "body": packed})


async def _next(packer: Packer, message: Message) -> Message:
    body, more = message.get("body", b""), message.get("more_body", False)
    packed = b"" if more and not body else await _work(packer.pack if more else packer.end, body)
    return {"type": "http.response.body", "body": packed, "more_body": more}


async def _work(step: Callable[[bytes], bytes], part: bytes) -> bytes:
    return step(part) if len(part) <= MOST_BYTES_ON_LOOP else await asyncio.to_thread(step, part)


def _packed_head(head: Message, coding: str, length: int | None = None) -> Message:
    """Return the head of the packed answer. Its ETag is weak: the same contents, other bytes."""
    headers = MutableHeaders(raw=head["headers"])
    headers["content-encoding"] = coding
    del headers["content-length"]
    # Parts are counted in the bytes as they are, of which this client has none.
    del headers["accept-ranges"]
    if length is not None:
        headers["content-length"] = str(length)
    etag = headers.get("etag", "")
    if etag and not etag.startswith("W/"):
        headers["etag"] = f"W/{etag}"
    return head
