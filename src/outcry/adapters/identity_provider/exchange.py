"""OAuth 2.0 with a code and PKCE (RFC 6749, RFC 7636), as both kinds of provider speak it."""

import re
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from outcry.adapters.identity_provider.outgoing import Outgoing
from outcry.ports.identity_provider import Errand, IdentityRefusedError, ProviderConfig

_CODE = re.compile(r"[\x20-\x7e]{1,4096}")  # RFC 6749, appendix A.11


class Exchange:
    """Makes the address of the authorisation page, and exchanges its code for tokens."""

    def __init__(self, config: ProviderConfig, outgoing: Outgoing) -> None:
        self._config = config
        self._outgoing = outgoing

    def address(self, page: str, errand: Errand, *, scope: str, **more: str) -> str:
        """Return where the browser goes."""
        client = self._client(errand, scope=scope)
        url, _ = client.create_authorization_url(page, state=errand.state, code_verifier=errand.verifier, **more)
        return str(url)

    async def tokens(self, endpoint: str, errand: Errand, *, code: str, method: str) -> dict[str, Any]:
        """Return what the provider gives for the code; raises IdentityRefusedError, UnavailableError."""
        if not _CODE.fullmatch(code):
            raise IdentityRefusedError()
        client = self._client(errand, token_endpoint_auth_method=method)
        async with self._outgoing.reaching():
            try:
                found = await client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=errand.verifier
                )
            except AuthlibBaseError as error:
                raise IdentityRefusedError() from error
        if not isinstance(found.get("access_token"), str):
            raise IdentityRefusedError()
        return dict(found)

    def _client(self, errand: Errand, **more: Any) -> Any:
        # Never closed: it holds nothing but the transport, which is the provider's and stays open.
        return AsyncOAuth2Client(
            client_id=self._config.client_id,
            client_secret=self._config.client_secret,
            redirect_uri=errand.redirect_uri,
            code_challenge_method="S256",
            **more,
            **self._outgoing.options,
        )
