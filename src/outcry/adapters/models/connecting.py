"""One server's client: addresses checked and pinned at every call, no redirects to elsewhere, at most one retry."""

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from outcry.adapters.models.addresses import Resolve, allowed_addresses
from outcry.ports.models import ModelServer

_NO_KEY = "no-key"  # the client library wants one even where the server does not


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


class Connection:
    """A server's model and the HTTP client under it."""

    def __init__(self, server: ModelServer, *, connect_s: float, silence_s: float, resolve: Resolve) -> None:
        timeout = httpx2.Timeout(silence_s, connect=connect_s)
        self.http = httpx2.AsyncClient(
            transport=PinnedTransport(private_allowed=server.private_allowed, resolve=resolve),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
        )
        self._client = AsyncOpenAI(
            base_url=server.base_url,
            api_key=server.api_key or _NO_KEY,
            http_client=self.http,
            timeout=timeout,
            max_retries=0,
        )
        self.model = OpenAIChatModel(server.model, provider=OpenAIProvider(openai_client=self._client))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
