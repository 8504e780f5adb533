"""What every call to a provider goes through: TLS, checked addresses, no redirects, small answers, a time-out."""

import asyncio
import contextlib
import ipaddress
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx2

from outcry.adapters.models.addresses import Resolve, resolve_host
from outcry.adapters.models.pinned import PinnedTransport
from outcry.kit.errors import InvalidInputError, UnavailableError

MOST_BYTES = 262_144
_CONNECT_S = 3.0
_CALL_S = 10.0
# On the way, and in JSON: what is none, and what is nested so deep that Python gives up.
_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, RecursionError)


class AddressRefusedError(httpx2.HTTPError):
    """An address that a provider named and that is not called."""


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Carries calls for one issuer. The operator named the issuer's host, so that one may be on a private network;
    other hosts that its documents name may not. Only an issuer on this machine may speak without TLS, to itself.
    """

    def __init__(self, issuer: str, *, resolve: Resolve = resolve_host) -> None:
        parts = urlsplit(issuer)
        self._home = parts.hostname or ""
        self._local = is_loopback(self._home)
        self._plain = self._local and parts.scheme == "http"
        self._named = PinnedTransport(private_allowed=True, resolve=resolve)
        self._other = PinnedTransport(private_allowed=False, resolve=resolve)

    def check(self, url: str) -> str:
        """Return an address that a provider named; raises AddressRefusedError for one that is not called."""
        try:
            parts = urlsplit(url)
            host, odd = parts.hostname or "", parts.port == 0
        except ValueError as error:
            raise AddressRefusedError("an address is not a URL") from error
        safe = parts.scheme == "https" or (parts.scheme == "http" and self._plain and is_loopback(host))
        if not safe or not host or odd or parts.username is not None or parts.fragment or not url.isprintable():
            raise AddressRefusedError("an address is not of https")
        return url

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request where it may go, and cap its answer."""
        host = request.url.host
        self.check(str(request.url))
        named = host == self._home or (self._local and is_loopback(host))
        response = await (self._named if named else self._other).handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.DecodingError("a packed answer could grow without end")
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  # what asynchronous transports give
        response.stream = _Capped(response.stream)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._named.aclose()
        await self._other.aclose()


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > MOST_BYTES:
                raise httpx2.ReadError("the answer is too large")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class Outgoing:
    """Calls to one provider. Give ``options`` to every client that is made for them."""

    def __init__(self, issuer: str, title: str, *, resolve: Resolve = resolve_host) -> None:
        self.transport = GuardedTransport(issuer, resolve=resolve)
        self._title = title
        self.options: dict[str, Any] = {
            "transport": self.transport,
            "timeout": httpx2.Timeout(_CALL_S, connect=_CONNECT_S),
            "follow_redirects": False,
            "trust_env": False,
            "headers": {"accept": "application/json", "accept-encoding": "identity", "user-agent": "outcry"},
        }
        self._http = httpx2.AsyncClient(**self.options)

    @contextlib.asynccontextmanager
    async def reaching(self) -> AsyncIterator[None]:
        """Turn what can go wrong on the way into UnavailableError, and end what takes too long."""
        try:
            async with asyncio.timeout(_CALL_S):
                yield
        except (*_FAILURES, InvalidInputError) as error:
            raise UnavailableError(f"{self._title} cannot be asked right now. Try again later.") from error

    async def get(self, url: str, *, bearer: str = "") -> Any:
        """Return a JSON document; raises UnavailableError."""
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        async with self.reaching():
            response = await self._http.get(url, headers=headers)
            if response.status_code != 200:
                raise httpx2.HTTPError(f"status {response.status_code}")
            return json.loads(response.content)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
