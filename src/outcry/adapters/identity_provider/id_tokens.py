"""ID tokens, checked to the letter (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry

from outcry.ports.identity_provider import IdentityRefusedError

_LONGEST = 16_384
_SKEW_S = 60

# Only algorithms with a public key: with a shared one, whoever can check a token could also write it. Each goes with
# one type of key, so that no key is ever used for what it was not made for.
_ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}

PublicKey = RSAKey | ECKey | OKPKey


class _Asymmetric(JWSRegistry):
    """Knows the algorithms above. Looked up here because the library warns of ``EdDSA``, which providers still use."""

    def get_alg(self, name: str) -> Any:
        if name not in _ALGORITHMS:
            raise UnsupportedAlgorithmError(f"{name} is not allowed")
        return self.algorithms[name]


_REGISTRY = _Asymmetric(strict_check_header=False)


def read_keys(document: Any) -> list[PublicKey]:
    """Return the signing keys of a key set (RFC 7517); what cannot be used is left out."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: list[PublicKey] = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = import_key({**entry, "kid": str(entry.get("kid", ""))})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            keys.append(key)
    return keys


def read_header(token: str) -> tuple[str, str]:
    """Return the algorithm and the key id of a token, nothing of which is checked yet; raises IdentityRefusedError."""
    if len(token) > _LONGEST:
        raise IdentityRefusedError()
    try:
        header = extract_compact(token.encode("ascii"), registry=_REGISTRY).protected
    except (JoseError, ValueError, RecursionError) as error:
        raise IdentityRefusedError() from error
    algorithm, kid = header.get("alg"), header.get("kid", "")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS or not isinstance(kid, str):
        raise IdentityRefusedError()
    return algorithm, kid


def pick_key(keys: Sequence[PublicKey], algorithm: str, kid: str) -> PublicKey | None:
    """Return the key that a token names; without a name the only one of the right type."""
    fitting = [key for key in keys if key.key_type == _ALGORITHMS[algorithm]]
    named = [key for key in fitting if key.kid == kid]
    if kid:
        return named[0] if len(named) == 1 else None
    return fitting[0] if len(fitting) == 1 else None


def read_claims(
    token: str,
    key: PublicKey,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: int,
    since: int | None = None,
) -> dict[str, Any]:
    """Return what a valid ID token says; raises IdentityRefusedError, never saying what was wrong with it.

    With ``since`` (seconds since 1970) the person has to have signed in at the provider after that.
    """
    try:
        decoded = jwt.decode(token, key, registry=_REGISTRY)
        JWTClaimsRegistry(
            now=now,
            leeway=_SKEW_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(decoded.claims)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise IdentityRefusedError() from error
    claims = decoded.claims
    if not isinstance(claims["nonce"], str) or not _meant_for(claims, client_id):
        raise IdentityRefusedError()
    if since is not None and not _signed_in_since(claims.get("auth_time"), since, now):
        raise IdentityRefusedError()
    if not _goes_with(claims.get("at_hash"), access_token, decoded.header["alg"]):
        raise IdentityRefusedError()
    return claims


def _meant_for(claims: dict[str, Any], client_id: str) -> bool:
    """Say whether we asked for this token, and no other party that it is also for."""
    audience, party = claims["aud"], claims.get("azp")
    alone = audience == client_id or audience == [client_id]
    return party == client_id if party is not None or not alone else True


def _signed_in_since(auth_time: Any, since: int, now: int) -> bool:
    """Say whether the provider saw the person sign in again. It has to tell when it was asked by ``max_age``."""
    known = isinstance(auth_time, int | float) and not isinstance(auth_time, bool)
    return known and since - _SKEW_S <= auth_time <= now + _SKEW_S


def _goes_with(at_hash: Any, access_token: str, algorithm: str) -> bool:
    """Say whether the access token is the one that came with this ID token (section 3.1.3.6)."""
    if at_hash is None:
        return True
    size = "512" if algorithm in ("EdDSA", "Ed25519") else algorithm[2:]
    digest = hashlib.new(f"sha{size}", access_token.encode()).digest()
    wanted = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    return isinstance(at_hash, str) and hmac.compare_digest(at_hash.encode(), wanted.encode())
