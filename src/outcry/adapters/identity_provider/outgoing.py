"""What every call to a provider goes through: the guarded way out, and words for what goes wrong."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.breaking import BreakingTransport
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options, get
from outcry.kit.errors import InvalidInputError, UnavailableError

MOST_BYTES = 262_144
_CONNECT_S = 3.0
_CALL_S = 10.0
# On the way, and in JSON: what is none, and what is nested so deep that Python gives up.
_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, RecursionError)


class Outgoing:
    """Calls to one provider. Give ``options`` to every client that is made for them.

    The operator named the issuer's host, so that one may be on a private network; other hosts that its documents name
    may not. Only an issuer on this machine may speak without TLS, to itself.
    """

    def __init__(
        self, issuer: str, title: str, *, resolve: Resolve = resolve_host, outside: Destinations | None = None
    ) -> None:
        rules = Rules(home=issuer, private_allowed=True, clear_allowed=False, most_bytes=MOST_BYTES, total_s=_CALL_S)
        guarded = GuardedTransport(rules, resolve=resolve)
        destination = (outside or Destinations()).get("sign-in provider", title)
        self.check = guarded.check
        self._title = title
        self.options = client_options(BreakingTransport(guarded, destination), connect_s=_CONNECT_S, silence_s=_CALL_S)
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
            response = await get(self._http, url, headers=headers)
            if response.status_code != 200:
                raise httpx2.HTTPError(f"status {response.status_code}")
            return json.loads(response.content)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
