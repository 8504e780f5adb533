"""An authenticator in software: it makes passkeys and signs with them, and does wrong on purpose when told to.

Attestation "none", algorithms ES256 and EdDSA, as W3C Web Authentication Level 3 has them.
"""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any, Literal

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Algorithm = Literal["ES256", "EdDSA"]
_Key = EllipticCurvePrivateKey | Ed25519PrivateKey

_PRESENT, _VERIFIED, _MAY_BACK_UP, _BACKED_UP, _ATTESTED = 1, 4, 8, 16, 64


def encode(data: bytes) -> str:
    """Return Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of Base64url."""
    return base64.urlsafe_b64decode(text + "===")


@dataclass
class Held:
    """A passkey that the authenticator holds."""

    id: bytes
    rp_id: str
    handle: bytes
    key: _Key
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What to do wrong; None and the defaults do it right."""

    origin: str | None = None
    rp_id: str | None = None
    challenge: bytes | None = None
    kind: str | None = None
    credential_id: bytes | None = None
    handle: bytes | None = None
    no_handle: bool = False
    verified: bool = True
    present: bool = True
    count: int | None = None
    signature: bytes | None = None
    cross_origin: bool = False
    public_key: bytes | None = None
    format: str | None = None


RIGHT = Wrong()


@dataclass
class Authenticator:
    """A browser with an authenticator in it, on a page of ``origin``."""

    origin: str = "http://desk.example"
    algorithm: Algorithm = "ES256"
    counts: bool = True
    backed_up: bool = False
    held: list[Held] = field(default_factory=list)

    def make(self, options: dict[str, Any], wrong: Wrong = RIGHT) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``; the passkey is held from then on."""
        known = {decode(each["id"]) for each in options.get("excludeCredentials", [])}
        if any(held.id in known for held in self.held):
            raise ValueError("InvalidStateError: there is a passkey for this account already")
        key: _Key = generate_private_key(SECP256R1()) if self.algorithm == "ES256" else Ed25519PrivateKey.generate()
        held = Held(
            id=wrong.credential_id or os.urandom(32),
            rp_id=options["rp"]["id"],
            handle=decode(options["user"]["id"]),
            key=key,
        )
        self.held.append(held)
        cose = cbor2.dumps(_cose(key)) if wrong.public_key is None else wrong.public_key
        attested = bytes(16) + struct.pack(">H", len(held.id)) + held.id + cose
        data = self._data(held, wrong, attested)
        attestation = cbor2.dumps({"fmt": wrong.format or "none", "attStmt": {}, "authData": data})
        return {
            **self._credential(held, wrong),
            "response": {
                "clientDataJSON": encode(self._client_data("webauthn.create", options, wrong)),
                "attestationObject": encode(attestation),
                "transports": ["internal", "hybrid", "carrier-pigeon"],
                "publicKeyAlgorithm": -7,
            },
        }

    def use(self, options: dict[str, Any], wrong: Wrong = RIGHT, *, held: Held | None = None) -> dict[str, Any]:
        """Answer ``navigator.credentials.get`` with the newest passkey that is allowed, or this one."""
        allowed = {decode(each["id"]) for each in options.get("allowCredentials", [])}
        held = held or next(each for each in reversed(self.held) if not allowed or each.id in allowed)
        if self.counts:
            held.count += 1
        data = self._data(held, wrong)
        client_data = self._client_data("webauthn.get", options, wrong)
        signature = wrong.signature or _sign(held.key, data + hashlib.sha256(client_data).digest())
        response = {
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
        }
        if not wrong.no_handle:
            response["userHandle"] = encode(wrong.handle or held.handle)
        return {**self._credential(held, wrong), "response": response}

    def _credential(self, held: Held, wrong: Wrong) -> dict[str, Any]:
        shown = encode(wrong.credential_id or held.id)
        return {
            "id": shown,
            "rawId": shown,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
        }

    def _client_data(self, kind: str, options: dict[str, Any], wrong: Wrong) -> bytes:
        challenge = options["challenge"] if wrong.challenge is None else encode(wrong.challenge)
        content = {
            "type": wrong.kind or kind,
            "challenge": challenge,
            "origin": wrong.origin or self.origin,
            "crossOrigin": wrong.cross_origin,
        }
        return json.dumps(content).encode()

    def _data(self, held: Held, wrong: Wrong, attested: bytes = b"") -> bytes:
        flags = (_PRESENT if wrong.present else 0) | (_VERIFIED if wrong.verified else 0)
        flags |= (_MAY_BACK_UP | _BACKED_UP) if self.backed_up else 0
        flags |= _ATTESTED if attested else 0
        count = held.count if wrong.count is None else wrong.count
        rp_id = hashlib.sha256((wrong.rp_id or held.rp_id).encode()).digest()
        return rp_id + struct.pack(">BI", flags, count) + attested


def _cose(key: _Key) -> dict[int, Any]:
    """Return a public key as COSE has it (RFC 9053, section 7)."""
    if isinstance(key, Ed25519PrivateKey):
        return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)}
    numbers = key.public_key().public_numbers()
    return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


def _sign(key: _Key, data: bytes) -> bytes:
    return key.sign(data) if isinstance(key, Ed25519PrivateKey) else key.sign(data, ECDSA(hashes.SHA256()))
