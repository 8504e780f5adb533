"""GitHub, which is no OpenID provider: OAuth 2.0, then two questions to its API."""

from typing import Any

from outcry.adapters.identity_provider.exchange import Exchange
from outcry.adapters.identity_provider.outgoing import Outgoing
from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.destinations import Destinations
from outcry.ports.identity_provider import Errand, ForeignIdentity, IdentityRefusedError, ProviderConfig

_SCOPE = "read:user user:email"


class GithubIdentityProvider:
    """Sign-in by GitHub, or by a GitHub Enterprise server. A person is known by the number of their account:
    names there can be changed, and taken by somebody else afterwards."""

    def __init__(
        self, config: ProviderConfig, *, resolve: Resolve = resolve_host, outside: Destinations | None = None
    ) -> None:
        self._config = config
        self._site = config.issuer.rstrip("/")
        self._api = config.api.rstrip("/")
        self._outgoing = Outgoing(config.issuer, config.title, resolve=resolve, outside=outside)
        self._exchange = Exchange(config, self._outgoing)

    async def address(self, errand: Errand) -> str:
        """Return where to send the browser."""
        return self._exchange.address(f"{self._site}/login/oauth/authorize", errand, scope=_SCOPE)

    async def identify(self, errand: Errand, *, code: str, issuer: str | None) -> ForeignIdentity:
        """Return whose account the code came from."""
        if issuer is not None and issuer.rstrip("/") not in (self._site, f"{self._site}/login/oauth"):
            raise IdentityRefusedError()
        tokens = await self._exchange.tokens(
            f"{self._site}/login/oauth/access_token", errand, code=code, method="client_secret_post"
        )
        bearer = tokens["access_token"]
        user = await self._outgoing.get(f"{self._api}/user", bearer=bearer)
        number = user.get("id") if isinstance(user, dict) else None
        if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
            raise IdentityRefusedError()
        emails = await self._outgoing.get(f"{self._api}/user/emails?per_page=100", bearer=bearer)
        email = _primary(emails)
        name = user.get("name") or user.get("login") or ""
        return ForeignIdentity(
            issuer=self._site,
            subject=str(number),
            email=email,
            email_verified=bool(email),
            name=name if isinstance(name, str) else "",
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._outgoing.close()


def _primary(emails: Any) -> str:
    """Return the address that is the account's first and is verified, else nothing."""
    for entry in emails if isinstance(emails, list) else ():
        if isinstance(entry, dict) and entry.get("primary") is True and entry.get("verified") is True:
            email = entry.get("email")
            return email if isinstance(email, str) else ""
    return ""
