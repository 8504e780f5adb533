"""Sealing: small secrets kept in tables, opened by a key that none holds (AES-256-GCM, NIST SP 800-38D)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32
_NONCE_SIZE = 12
_VERSION = b"\x01"


class SealBrokenError(ValueError):
    """Sealed bytes were changed, belong elsewhere, or were sealed with another key."""


class Sealer:
    """Seals and opens with one key of 32 bytes; making one costs as much as sealing a few words."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Return ``plain`` encrypted: a version byte, 12 random bytes, then the ciphertext with its 16-byte tag.

        ``context`` (such as the tenant's id) is not kept, but the seal opens only with the same one, so that a sealed
        value copied into another row is of no use there.
        """
        nonce = os.urandom(_NONCE_SIZE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, _VERSION + context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Return what was sealed; raises SealBrokenError when it does not open with this key and context."""
        if sealed[:1] != _VERSION:
            raise SealBrokenError("The sealed value is of an unknown version.")
        nonce, body = sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
        try:
            return self._cipher.decrypt(nonce, body, _VERSION + context)
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError("The sealed value does not open.") from error


def seal_secret(plain: bytes, *, key: bytes, context: bytes) -> bytes:
    """Return ``plain`` sealed with a key that is used once; see ``Sealer.seal``."""
    return Sealer(key).seal(plain, context=context)


def open_secret(sealed: bytes, *, key: bytes, context: bytes) -> bytes:
    """Return what was sealed; raises as ``Sealer.open`` does."""
    return Sealer(key).open(sealed, context=context)
