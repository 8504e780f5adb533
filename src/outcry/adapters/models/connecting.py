"""One server's client, over the guarded way out."""

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from outcry.adapters.outgoing.addresses import Resolve
from outcry.adapters.outgoing.breaking import BreakingTransport
from outcry.adapters.outgoing.destinations import Destination
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.ports.models import ModelServer

_NO_KEY = "no-key"  # the client library wants one even where the server does not
_MOST_BYTES = 33_554_432  # of one turn; answers are cut at some number of characters long before
_CALL_S = 3_600.0  # whoever asks has less patience


class Connection:
    """A server's model and the HTTP client under it."""

    def __init__(
        self, server: ModelServer, destination: Destination, *, connect_s: float, silence_s: float, resolve: Resolve
    ) -> None:
        rules = Rules(
            home=server.base_url,
            private_allowed=server.private_allowed,
            clear_allowed=True,
            most_bytes=_MOST_BYTES,
            total_s=_CALL_S,
        )
        self.destination = destination
        transport = BreakingTransport(GuardedTransport(rules, resolve=resolve), destination)
        self.http = httpx2.AsyncClient(**client_options(transport, connect_s=connect_s, silence_s=silence_s))
        self._client = AsyncOpenAI(
            base_url=server.base_url,
            api_key=server.api_key or _NO_KEY,
            http_client=self.http,
            timeout=self.http.timeout,
            max_retries=0,
        )
        self.model = OpenAIChatModel(server.model, provider=OpenAIProvider(openai_client=self._client))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
