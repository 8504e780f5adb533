"""What a key claims: one request of one person (or key of theirs), by method, path and contents."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.types import Scope

from outcry.edge.idempotency.errors import IdempotencyKeyError
from outcry.kit.principal import Principal

_MOST = 255
_PRINTABLE = range(0x20, 0x7F)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request and its key. ``id`` says which, ``fingerprint`` what it asks for: 32 bytes each."""

    id: bytes
    fingerprint: bytes
    tenant_id: UUID
    person_id: UUID


def read_key(said: Sequence[bytes]) -> bytes:
    """Return the key that the header's lines say, quoted (RFC 9651, a string) or bare; raises IdempotencyKeyError."""
    if len(said) != 1:
        raise IdempotencyKeyError("One Idempotency-Key is enough.")
    key = said[0].strip(b" \t")
    if len(key) > 1 and key.startswith(b'"') and key.endswith(b'"'):
        key = key[1:-1]
    if not 1 <= len(key) <= _MOST or any(byte not in _PRINTABLE for byte in key):
        raise IdempotencyKeyError()
    return key


def to_claim(scope: Scope, principal: Principal, *, by_key: bool, key: bytes, body: bytes) -> Claim:
    """Return a request's claim. Neither the key nor anything of the contents can be read back from it.

    The fingerprint is over the key too: whoever guesses a short body cannot try whether it was that one.
    """
    who = f"key:{principal.session_id}" if by_key else f"person:{principal.user_id}"
    place = (str(principal.tenant_id), who, scope["method"], scope["path"])
    return Claim(
        id=_digest(*(part.encode() for part in place), key),
        fingerprint=_digest(key, scope["query_string"], body),
        tenant_id=principal.tenant_id,
        person_id=principal.user_id,
    )


def _digest(*parts: bytes) -> bytes:
    """Return the SHA-256 of parts, each after its length, so that none can pass for the beginning of the next."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()
