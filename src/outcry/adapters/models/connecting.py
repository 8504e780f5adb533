"""One server's client: addresses checked and pinned at every call, no redirects to elsewhere, at most one retry."""

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from outcry.adapters.models.addresses import Resolve
from outcry.adapters.models.pinned import PinnedTransport
from outcry.ports.models import ModelServer

_NO_KEY = "no-key"  # the client library wants one even where the server does not


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
