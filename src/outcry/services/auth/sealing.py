"""Sealing small secrets for storage: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_SIZE = 32
_NONCE_SIZE = 12


class SealBrokenError(Exception):
    """What is stored was sealed with another key, for another place, or was changed."""


def seal(key: bytes, plain: bytes, *, place: str) -> bytes:
    """Return nonce, ciphertext and tag. ``place`` names where it is stored, so it opens nowhere else."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, sealed: bytes, *, place: str) -> bytes:
    """Return what was sealed; raises SealBrokenError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError(place) from error
