"""Connections to addresses that somebody wrote down: each is checked when it is used."""

import ssl

import httpx2

from outcry.adapters.outgoing.addresses import Resolve, allowed_addresses, read_host
from outcry.kit.network import USUAL_PORTS

_MOST_KEPT = 8  # hosts whose connections are kept open
_MOST_TRIED = 3  # addresses of one host


class PinnedTransport(httpx2.AsyncBaseTransport):
    """Resolves a host, checks every address, and connects to exactly one that was checked.

    Resolving once and connecting by address is what keeps a name from pointing somewhere else between the two. Each
    host has connections of its own: one that was opened to an address as one host, with that host's certificate, must
    not carry what is meant for another at the same address.
    """

    def __init__(self, *, private_allowed: bool, resolve: Resolve, tls: ssl.SSLContext) -> None:
        self._kept: dict[str, httpx2.AsyncHTTPTransport] = {}
        self._other: httpx2.AsyncHTTPTransport | None = None
        self._private_allowed = private_allowed
        self._resolve = resolve
        self._tls = tls

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the first of the host's addresses that takes the connection."""
        host, port = read_host(request.url.host), request.url.port or USUAL_PORTS[request.url.scheme]
        addresses = await allowed_addresses(host, port, private_allowed=self._private_allowed, resolve=self._resolve)
        inner = self._connections(host)
        failure: httpx2.TransportError = httpx2.ConnectError("no address")
        for address in addresses[:_MOST_TRIED]:
            pinned = httpx2.Request(
                method=request.method,
                url=request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await inner.handle_async_request(pinned)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure

    def _connections(self, host: str) -> httpx2.AsyncHTTPTransport:
        if host in self._kept:
            return self._kept[host]
        if len(self._kept) < _MOST_KEPT:
            return self._kept.setdefault(host, self._open(kept=20))
        if self._other is None:
            self._other = self._open(kept=0)
        return self._other

    def _open(self, *, kept: int) -> httpx2.AsyncHTTPTransport:
        limits = httpx2.Limits(max_connections=64, max_keepalive_connections=kept)
        return httpx2.AsyncHTTPTransport(verify=self._tls, retries=0, limits=limits)

    async def aclose(self) -> None:
        """Close the connections."""
        opened, self._kept = [*self._kept.values()], {}
        if self._other is not None:
            opened.append(self._other)
            self._other = None
        for transport in opened:
            await transport.aclose()
