"""The one way out to addresses that somebody wrote down: where calls may go, and how much may come back."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from outcry.adapters.outgoing.addresses import AddressRefusedError, Resolve, resolve_host
from outcry.adapters.outgoing.pinned import PinnedTransport


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What calls on behalf of one address may do.

    Args:
        home: the URL that was written down.
        private_allowed: the operator wrote it, so that its host may be on this machine or in the private network.
            Other hosts, which answers name, never may.
        clear_allowed: an http: home need not be on this machine.
        most_bytes: the size of the largest answer.
        total_s: the longest time that a call may take, its answer included.
    """

    home: str
    private_allowed: bool
    clear_allowed: bool
    most_bytes: int
    total_s: float


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Carries calls under rules: each hop's address is checked, and answers are small, plain and in time."""

    def __init__(self, rules: Rules, *, resolve: Resolve = resolve_host) -> None:
        parts = urlsplit(rules.home)
        self._rules = rules
        self._home = parts.hostname or ""
        self._local = rules.private_allowed and is_loopback(self._home)
        self._clear = parts.scheme == "http" and (self._local or rules.clear_allowed)
        # Made once, and here: reading all certificates takes a tenth of a second.
        tls = httpx2.create_ssl_context()
        self._named = PinnedTransport(private_allowed=rules.private_allowed, resolve=resolve, tls=tls)
        self._other = PinnedTransport(private_allowed=False, resolve=resolve, tls=tls)

    def check(self, url: str) -> str:
        """Return an address that an answer named; raises AddressRefusedError for one that is not called."""
        try:
            parts = urlsplit(url)
            host, odd = parts.hostname or "", parts.port == 0
        except ValueError as error:
            raise AddressRefusedError("An address is not a URL.") from error
        safe = parts.scheme == "https" or (parts.scheme == "http" and self._clear and self._is_named(host))
        if not safe or not host or odd or parts.username is not None or parts.fragment or not url.isprintable():
            raise AddressRefusedError("An address is not one of https.")
        return url

    def _is_named(self, host: str) -> bool:
        return host == self._home or (self._local and is_loopback(host))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request where it may go, and bound its answer."""
        self.check(str(request.url))
        inner = self._named if self._is_named(request.url.host) else self._other
        deadline = asyncio.get_running_loop().time() + self._rules.total_s
        try:
            async with asyncio.timeout_at(deadline):
                response = await inner.handle_async_request(request)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("no answer in time") from error
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.DecodingError("a packed answer could grow without end")
        # Clients would give it back, to whoever the next call is for.
        response.headers.pop("set-cookie", None)
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  # what asynchronous transports give
        response.stream = _Bounded(response.stream, most_bytes=self._rules.most_bytes, deadline=deadline)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._named.aclose()
        await self._other.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, *, most_bytes: int, deadline: float) -> None:
        self._inner = inner
        self._most_bytes = most_bytes
        self._deadline = deadline

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, pieces = 0, aiter(self._inner)
        while (piece := await self._next(pieces)) is not None:
            size += len(piece)
            if size > self._most_bytes:
                raise httpx2.ReadError("the answer is too large")
            yield piece

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await anext(pieces, None)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("the answer took too long") from error

    async def aclose(self) -> None:
        await self._inner.aclose()


def client_options(transport: httpx2.AsyncBaseTransport, *, connect_s: float, silence_s: float) -> dict[str, Any]:
    """Return what every client is made with, whoever's library makes it."""
    return {
        "transport": transport,
        "timeout": httpx2.Timeout(silence_s, connect=connect_s),
        "follow_redirects": False,
        "trust_env": False,
        "headers": {"accept": "application/json", "accept-encoding": "identity", "user-agent": "outcry"},
    }


async def get(
    client: httpx2.AsyncClient, url: str, *, headers: dict[str, str], most_redirects: int = 0
) -> httpx2.Response:
    """Return the answer at an address, after at most so many redirects; each is a call under all rules.

    ``headers`` stay behind where a redirect leads to another host, port or protocol: they may hold keys. Raises
    AddressRefusedError for a redirect out of TLS, TooManyRedirects, and whatever a call raises.
    """
    sent, left = headers, most_redirects
    while True:
        response = await client.get(url, headers=sent)
        if not most_redirects or not response.is_redirect:
            return response
        if not left:
            raise httpx2.TooManyRedirects("too many redirects", request=response.request)
        here, there = response.url, response.url.join(response.headers["location"])
        if here.scheme == "https" and there.scheme != "https":
            raise AddressRefusedError("The server leads out of https.")
        if _origin(here) != _origin(there):
            sent = {}
        url, left = str(there), left - 1


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
