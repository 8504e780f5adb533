"""The rules of calls for libraries that bring aiohttp: every host is checked when a connection to it is asked for."""

import socket
from typing import TYPE_CHECKING

import aiohttp
import httpx2
from aiohttp.abc import AbstractResolver, ResolveResult

from outcry.adapters.outgoing.addresses import AddressRefusedError, Resolve, allowed_addresses, resolve_host
from outcry.adapters.outgoing.guarded import is_loopback
from outcry.kit.errors import InvalidInputError

if TYPE_CHECKING:
    from aiohttp.client import ClientTimeout
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace


class GuardedConnector(aiohttp.TCPConnector):
    """Connects to addresses that were checked, also where a redirect leads; without TLS only to this machine.

    Args:
        home: the host that the operator named, which may be on the private network; empty for none. Others may not.
    """

    def __init__(self, *, home: str, resolve: Resolve = resolve_host) -> None:
        self._home = home
        resolver = _GuardedResolver(home, resolve)
        super().__init__(resolver=resolver, use_dns_cache=False, ssl=httpx2.create_ssl_context())
        self._check = resolver

    async def connect(
        self,
        req: "ClientRequest",
        traces: "list[Trace]",
        timeout: "ClientTimeout",  # noqa: ASYNC109  # the library's own signature
    ) -> "Connection":
        """Check where a request goes, then carry it."""
        host, port = req.url.host or "", req.url.port or 0
        if req.url.scheme not in ("https", "wss") and not (host == self._home and is_loopback(host)):
            raise AddressRefusedError("An address is not one of https.")
        # Names are checked by the resolver, and connected to as checked; addresses never come there.
        await self._check.allowed(host, port)
        return await super().connect(req, traces, timeout)


class _GuardedResolver(AbstractResolver):
    def __init__(self, home: str, resolve: Resolve) -> None:
        self._home, self._resolve = home, resolve

    async def allowed(self, host: str, port: int) -> tuple[str, ...]:
        return await allowed_addresses(host, port, private_allowed=host == self._home, resolve=self._resolve)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        try:
            found = await self.allowed(host, port)
        except InvalidInputError as error:
            raise OSError(error.detail) from error
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is open."""
