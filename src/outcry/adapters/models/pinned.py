"""Connections to addresses that somebody wrote down: each is checked when it is used."""

import httpx2

from outcry.adapters.models.addresses import Resolve, allowed_addresses


class PinnedTransport(httpx2.AsyncBaseTransport):
    """Resolves a host, checks every address, and connects to exactly one that was checked.

    Resolving once and connecting by address is what keeps a name from pointing somewhere else between the two.
    """

    def __init__(self, *, private_allowed: bool, resolve: Resolve) -> None:
        self._inner = httpx2.AsyncHTTPTransport(retries=0, limits=httpx2.Limits(max_connections=64))
        self._private_allowed = private_allowed
        self._resolve = resolve

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the first of the host's addresses that takes the connection."""
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = await allowed_addresses(host, port, private_allowed=self._private_allowed, resolve=self._resolve)
        name = host.encode("idna").decode() if not host.isascii() else host
        failure: httpx2.ConnectError | None = None
        for address in addresses:
            pinned = httpx2.Request(
                method=request.method,
                url=request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": name},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except httpx2.ConnectError as error:
                failure = error
        raise failure or httpx2.ConnectError("no address")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
