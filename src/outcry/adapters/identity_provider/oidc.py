"""Any OpenID provider, found by its issuer (OpenID Connect Discovery 1.0)."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outcry.adapters.identity_provider.exchange import Exchange
from outcry.adapters.identity_provider.id_tokens import PublicKey, pick_key, read_claims, read_header, read_keys
from outcry.adapters.identity_provider.outgoing import Outgoing
from outcry.adapters.outgoing.addresses import Resolve, resolve_host
from outcry.adapters.outgoing.destinations import Destinations
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.ports.identity_provider import (
    LONGEST_SUBJECT,
    Errand,
    ForeignIdentity,
    IdentityRefusedError,
    ProviderConfig,
)

_SCOPE = "openid email profile"
_KNOWN_FOR = timedelta(hours=1)
# A token may name a key that is newer than what we read, but made-up names must not make us ask all the time.
_KEYS_ASKED_EVERY = timedelta(minutes=1)
_SUBJECT = re.compile(rf"[\x20-\x7e]{{1,{LONGEST_SUBJECT}}}")

_Url = Annotated[str, Field(max_length=2_000)]


class _Document(BaseModel):
    """What we need of a provider's description of itself."""

    model_config = ConfigDict(frozen=True, strict=True)

    issuer: _Url
    authorization_endpoint: _Url
    token_endpoint: _Url
    jwks_uri: _Url
    userinfo_endpoint: _Url | None = None
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]

    def addresses(self) -> list[str]:
        """Return every address in it."""
        found = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri, self.userinfo_endpoint)
        return [url for url in found if url]

    def method(self) -> str:
        """Return how we say who we are. Basic last: the two sides may not agree how it writes odd characters."""
        known = self.token_endpoint_auth_methods_supported
        return "client_secret_post" if "client_secret_post" in known else "client_secret_basic"


class OidcIdentityProvider:
    """Sign-in by an OpenID provider. Its description and keys are read at the first need and kept for an hour."""

    def __init__(
        self,
        config: ProviderConfig,
        clock: Clock,
        *,
        resolve: Resolve = resolve_host,
        outside: Destinations | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._outgoing = Outgoing(config.issuer, config.title, resolve=resolve, outside=outside)
        self._exchange = Exchange(config, self._outgoing)
        self._document: tuple[datetime, _Document] | None = None
        self._keys: tuple[datetime, list[PublicKey]] | None = None

    async def address(self, errand: Errand) -> str:
        """Return where to send the browser."""
        document = await self._discover()
        again = {} if errand.since is None else {"prompt": "login", "max_age": "0"}
        page = document.authorization_endpoint
        return self._exchange.address(page, errand, scope=_SCOPE, nonce=errand.nonce, **again)

    async def identify(self, errand: Errand, *, code: str, issuer: str | None) -> ForeignIdentity:
        """Return whom the ID token for this code names."""
        document = await self._discover()
        named = issuer is not None or document.authorization_response_iss_parameter_supported
        if named and issuer != document.issuer:
            raise IdentityRefusedError()
        tokens = await self._exchange.tokens(document.token_endpoint, errand, code=code, method=document.method())
        claims = await self._claims(document, tokens, errand)
        if not isinstance(claims["sub"], str) or not _SUBJECT.fullmatch(claims["sub"]):
            raise IdentityRefusedError()
        said = claims if "email" in claims else await self._ask(document, claims, tokens["access_token"])
        return ForeignIdentity(
            issuer=document.issuer,
            subject=claims["sub"],
            email=_text(said.get("email")),
            email_verified=said.get("email_verified") is True,
            name=_text(said.get("name") or said.get("preferred_username")),
        )

    async def _discover(self) -> _Document:
        now = self._clock.now()
        if self._document and timedelta(0) <= now - self._document[0] < _KNOWN_FOR:
            return self._document[1]
        found = await self._outgoing.get(f"{self._config.issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            document = _Document.model_validate(found)
        except ValidationError as error:
            raise UnavailableError(f"{self._config.title} does not describe itself as OpenID providers do.") from error
        if document.issuer != self._config.issuer:
            raise UnavailableError(f"{self._config.title} says that it is another issuer than the one that is set.")
        async with self._outgoing.reaching():
            for url in document.addresses():
                self._outgoing.check(url)
        self._document = (now, document)
        return document

    async def _claims(self, document: _Document, tokens: dict[str, Any], errand: Errand) -> dict[str, Any]:
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise IdentityRefusedError()
        algorithm, kid = read_header(token)
        key = pick_key(await self._read_keys(document, _KNOWN_FOR), algorithm, kid)
        if key is None:
            key = pick_key(await self._read_keys(document, _KEYS_ASKED_EVERY), algorithm, kid)
        if key is None:
            raise IdentityRefusedError()
        return read_claims(
            token,
            key,
            issuer=document.issuer,
            client_id=self._config.client_id,
            nonce=errand.nonce,
            since=int(errand.since.timestamp()) if errand.since else None,
            access_token=tokens["access_token"],
            now=int(self._clock.now().timestamp()),
        )

    async def _read_keys(self, document: _Document, known_for: timedelta) -> list[PublicKey]:
        now = self._clock.now()
        if self._keys and timedelta(0) <= now - self._keys[0] < known_for:
            return self._keys[1]
        keys = read_keys(await self._outgoing.get(document.jwks_uri))
        self._keys = (now, keys)
        return keys

    async def _ask(self, document: _Document, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Return what the provider says of the person where the ID token is silent, if it is the same person."""
        if document.userinfo_endpoint is None:
            return claims
        said = await self._outgoing.get(document.userinfo_endpoint, bearer=access_token)
        if not isinstance(said, dict) or said.get("sub") != claims["sub"]:
            raise IdentityRefusedError()
        return said

    async def close(self) -> None:
        """Close the connections."""
        await self._outgoing.close()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
