"""Access tokens: JWTs in the profile of RFC 9068, signed with EdDSA, checked to the letter (RFC 8725)."""

import hashlib
from collections import OrderedDict
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry
from pydantic import BaseModel, ConfigDict, ValidationError

from outcry.kit.clock import Clock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.ids import new_id
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.signing_keys import SigningKeys

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
AUDIENCE = "outcry"
_LONGEST = 2_048
# Of so many tokens it is remembered what they say: a page asks often, and a socket's sign-in twice, with the same.
_MOST_KNOWN = 4_096
_SKEW_S = 5  # seconds by which another of our machines may be ahead


class _OnlyEdDSA(JWSRegistry):
    """Knows one algorithm. It is looked up here because the library warns of every name that RFC 9864 replaced,
    and the replacement, ``Ed25519``, is not yet known to those who verify our tokens with other libraries."""

    def get_alg(self, name: str) -> Any:
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[ALGORITHM]


_REGISTRY = _OnlyEdDSA()


class Claims(BaseModel):
    """What an access token says. Every claim must be there, of exactly this type."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    iss: str
    aud: Literal["outcry"]
    sub: UUID
    tenant: UUID
    role: str
    sid: UUID
    iat: int
    exp: int
    jti: UUID


class AccessTokens:
    """Issues and verifies access tokens."""

    def __init__(self, keys: SigningKeys, settings: AuthSettings, clock: Clock) -> None:
        self._keys = keys
        self._issuer = settings.issuer
        self._lifetime = timedelta(minutes=settings.access_minutes)
        self._clock = clock
        # By the hash of a token that was verified: the key that signed it, and what it says.
        self._known: OrderedDict[bytes, tuple[str, Claims]] = OrderedDict()

    @property
    def lifetime_s(self) -> int:
        """For how many seconds a token is valid."""
        return int(self._lifetime.total_seconds())

    async def issue(self, *, person_id: UUID, tenant_id: UUID, role: str, session_id: UUID) -> str:
        """Return a signed token."""
        kid, key = await self._keys.current()
        now = int(self._clock.now().timestamp())
        claims = Claims(
            iss=self._issuer,
            aud="outcry",
            sub=person_id,
            tenant=tenant_id,
            role=role,
            sid=session_id,
            iat=now,
            exp=now + self.lifetime_s,
            jti=new_id(),
        )
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": kid}
        return jws.serialize_compact(header, claims.model_dump_json(), key, registry=_REGISTRY)

    async def verify(self, token: str) -> Claims:
        """Return what a valid token says; raises UnauthenticatedError, never saying what was wrong with it."""
        if len(token) > _LONGEST:
            raise UnauthenticatedError()
        try:
            claims = await self._verified(token)
        except (JoseError, ValidationError, ValueError) as error:
            raise UnauthenticatedError() from error
        now = self._clock.now().timestamp()
        in_time = claims.iat <= now + _SKEW_S and now < claims.exp <= claims.iat + self.lifetime_s
        if claims.iss != self._issuer or not in_time:
            raise UnauthenticatedError()
        return claims

    async def _verified(self, token: str) -> Claims:
        said = token.encode("ascii")
        name = hashlib.sha256(said).digest()
        known = self._known.get(name)
        # A key that is withdrawn takes its tokens with it, also those that were verified before.
        if known and await self._keys.find(known[0]) is not None:
            return known[1]
        signed = jws.extract_compact(said, registry=_REGISTRY)
        header = signed.protected
        kid = header.get("kid") if isinstance(header, dict) else None
        # Exactly the header that we write: no other algorithm or type, and nothing that names a key elsewhere.
        if header != {"alg": ALGORITHM, "typ": TYPE, "kid": kid} or not isinstance(kid, str):
            raise UnauthenticatedError()
        key = await self._keys.find(kid)
        if key is None or not jws.validate_compact(signed, key, registry=_REGISTRY):
            raise UnauthenticatedError()
        claims = Claims.model_validate_json(signed.payload)
        self._remember(name, kid, claims)
        return claims

    def _remember(self, name: bytes, kid: str, claims: Claims) -> None:
        self._known[name] = kid, claims
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
