"""Which pages may call: those of this installation, and of the origins that the operator allows.

A browser says with each request which page made it (``Sec-Fetch-Site``, ``Origin``), and no script can change that.
What changes something, and every socket, is refused when a page of elsewhere asks: cookies go along with such a call
(CSRF). Programs say neither; a program has no cookies that somebody else could use.
"""

from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.kit.errors import ForbiddenError
from outcry.kit.network import USUAL_PORTS

_READING = ("GET", "HEAD", "OPTIONS")
_PREFLIGHT_S = b"600"
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_HEADERS = b"authorization, challenge-response, content-type, idempotency-key, if-none-match, x-outcry, traceparent"
_EXPOSED = b"etag, idempotency-replayed, retry-after, x-request-id, ratelimit, ratelimit-policy"
_VARY = (b"vary", b"Origin")


class CrossSiteError(ForbiddenError):
    """A page of another site asks for something that only this installation's pages may ask for."""

    code: ClassVar[str] = "cross_site"
    title: ClassVar[str] = "A page of another site may not do this"


def read_origin(value: str) -> str:
    """Return an origin as browsers write it; raises ValueError for what is not one, and for ``*`` and ``null``."""
    parts = urlsplit(value.strip().lower())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError(f"{value!r} is not an origin such as https://desk.example")
    if parts.username is not None or parts.query or parts.fragment or "*" in parts.netloc:
        raise ValueError(f"{value!r} is not an origin such as https://desk.example")
    usual = USUAL_PORTS[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


class Origins:
    """Refuses calls from pages of elsewhere, and answers browsers that ask whether one of ``allowed`` may call."""

    def __init__(self, app: ASGIApp, *, public_url: str, allowed: Iterable[str], counts: Counts) -> None:
        self._app = app
        self._own = read_origin(_origin_of(public_url)) if public_url else ""
        self._allowed = frozenset(allowed)
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1").lower()
        allowed = origin in self._allowed
        if scope["type"] == "http" and _is_preflight(scope, headers) and origin and not self._is_own(origin, headers):
            await self._answer_preflight(scope, send, origin, allowed=allowed)
        elif not self._may(scope, headers, origin, allowed=allowed):
            await self._refuse(scope, send)
        elif scope["type"] == "http" and self._allowed and scope["path"].startswith("/api/"):
            await self._app(scope, receive, _telling(send, origin if allowed else ""))
        else:
            await self._app(scope, receive, send)

    def _may(self, scope: Scope, headers: dict[bytes, bytes], origin: str, *, allowed: bool) -> bool:
        if allowed or (scope["type"] == "http" and scope["method"] in _READING):
            return True
        site = headers.get(b"sec-fetch-site")
        if site is not None and scope["type"] == "http":
            return site in (b"same-origin", b"none")
        return not origin or self._is_own(origin, headers)

    def _is_own(self, origin: str, headers: dict[bytes, bytes]) -> bool:
        if self._own:
            return origin == self._own
        # Without a public address only the name tells: TLS may end at a proxy that we do not know of.
        host = headers.get(b"host", b"").decode("latin-1").lower()
        scheme, _, named = origin.partition("://")
        usual = f":{USUAL_PORTS.get(scheme)}"
        return scheme in USUAL_PORTS and bool(named) and named.removesuffix(usual) == host.removesuffix(usual)

    async def _refuse(self, scope: Scope, send: Send) -> None:
        self._counts.add(CrossSiteError.code)
        await refuse(scope, send, CrossSiteError(), headers=(_VARY,))

    async def _answer_preflight(self, scope: Scope, send: Send, origin: str, *, allowed: bool) -> None:
        if not allowed:
            await self._refuse(scope, send)
            return
        told = [
            (b"access-control-allow-origin", origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-allow-headers", _HEADERS),
            (b"access-control-max-age", _PREFLIGHT_S),
            (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ]
        await send({"type": "http.response.start", "status": 204, "headers": told})
        await send({"type": "http.response.body", "body": b""})


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_preflight(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    return scope["method"] == "OPTIONS" and b"access-control-request-method" in headers


def _telling(send: Send, origin: str) -> Send:
    """Return a ``send`` that says that this origin may read the answer; an empty one: that origins matter."""

    async def send_telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = [_VARY]
            if origin:
                told += [
                    (b"access-control-allow-origin", origin.encode()),
                    (b"access-control-allow-credentials", b"true"),
                    (b"access-control-expose-headers", _EXPOSED),
                ]
            message["headers"] = [*message.get("headers", ()), *told]
        await send(message)

    return send_telling
