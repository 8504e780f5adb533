"""The protocol that reCAPTCHA began: the widget gives a word, and its maker says once whether it is good."""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx2

from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.breaking import BreakingTransport
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.kit.network import find_address
from outcry.ports.challenges import Widget, is_response
from outcry.ports.secrets import Secrets

log = logging.getLogger(__name__)

_MOST_BYTES = 65_536
_CONNECT_S = 2.0
# Somebody waits for their sign-in meanwhile.
_CALL_S = 5.0
_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, InvalidInputError, TimeoutError, ValueError, RecursionError)
# What the operator, or the maker, did wrong; whoever solved the challenge did not.
_OURS = frozenset(
    {
        "bad-request",
        "internal-error",
        "invalid-input-secret",
        "invalid-remoteip",
        "missing-input-secret",
        "missing-remoteip",
        "not-using-dummy-passcode",
        "sitekey-secret-mismatch",
    }
)


class SiteverifyChallenges:
    """Verifies by a form sent to ``verify_url``; ``extra`` are fields that every form has.

    The secret is the one named ``challenge-<provider>``, read at the start. The address of whoever solved the challenge
    is sent along where it is one of the internet: their browser was there already.
    """

    def __init__(
        self,
        widget: Widget,
        verify_url: str,
        *,
        secrets: Secrets,
        extra: Mapping[str, str],
        resolve: Resolve = resolve_host,
        outside: Destinations | None = None,
    ) -> None:
        self._widget = widget
        self._verify_url = verify_url
        self._secrets = secrets
        self._extra = dict(extra)
        self._secret = ""
        rules = Rules(
            home=verify_url, private_allowed=True, clear_allowed=False, most_bytes=_MOST_BYTES, total_s=_CALL_S
        )
        guarded = GuardedTransport(rules, resolve=resolve)
        destination = (outside or Destinations()).get("challenge server", widget.provider)
        transport = BreakingTransport(guarded, destination)
        self._http = httpx2.AsyncClient(**client_options(transport, connect_s=_CONNECT_S, silence_s=_CALL_S))

    @property
    def widget(self) -> Widget | None:
        """What pages show."""
        return self._widget

    async def start(self) -> None:
        """Read the secret."""
        name = f"challenge-{self._widget.provider}"
        self._secret = (await self._secrets.find(name) or b"").decode(errors="replace").strip()
        if not self._secret:
            raise UnavailableError(f"OUTCRY_CHALLENGE needs a secret named {name}.")

    async def verify(self, response: str, *, address: str) -> bool:
        """Ask, once: what is sent is used up by it, so that no call is repeated."""
        if not is_response(response):
            return False
        form = {"secret": self._secret, "response": response, **self._extra}
        known = find_address(address)
        if known is not None and known.is_global:
            form["remoteip"] = str(known)
        said = await self._ask(form)
        if said.get("success") is True:
            return True
        codes = said.get("error-codes")
        wrong = _OURS & {code for code in codes if isinstance(code, str)} if isinstance(codes, list) else set()
        if wrong:
            log.error("%s does not verify for us: %s", self._widget.provider, ", ".join(sorted(wrong)))
            raise UnavailableError("The challenge cannot be verified.")
        return False

    async def _ask(self, form: dict[str, str]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(_CALL_S):
                answer = await self._http.post(self._verify_url, data=form)
                if answer.status_code != 200:
                    raise httpx2.HTTPError(f"status {answer.status_code}")
                said = json.loads(answer.content)
        except _FAILURES as error:
            raise UnavailableError("The challenge cannot be verified right now.") from error
        if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
            raise UnavailableError("The challenge cannot be verified right now.")
        return said

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
