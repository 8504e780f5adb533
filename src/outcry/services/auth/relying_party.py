"""Passkeys as W3C Web Authentication Level 3 has them: options for the browser, and what it answers, verified.

Nothing here is stored. The library verifies; what it raises over bytes that a stranger chose is a refusal, whatever
it is.
"""

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from outcry.kit.network import USUAL_PORTS
from outcry.services.auth.errors import PasskeyRefusedError, PasskeysUnavailableError
from outcry.services.auth.models.factors import PasskeyRow

NAME = "Outcry"
TIMEOUT_MS = 300_000
_TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the browser is to be given, and the challenge in it."""

    challenge: bytes = field(repr=False)
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPasskey:
    """A passkey that was just made, verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    backed_up: bool

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of RFC 8176 that making it has shown: the person was verified."""
        return (key_method(backed_up=self.backed_up), "user", "mfa")


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyUse:
    """A passkey that was just used, verified but for its count."""

    sign_count: int
    backed_up: bool


class RelyingParty:
    """This installation, as authenticators know it: by the host of its public address."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._host = _as_browsers_write(parts.hostname or "")
        port = "" if parts.port in (None, USUAL_PORTS.get(parts.scheme)) else f":{parts.port}"
        self._origins = [f"{parts.scheme}://{self._host}{port}"]
        if self._host == "localhost" and parts.port:
            self._origins.append(f"http://localhost:{parts.port}")

    @property
    def rp_id(self) -> str:
        """The host; raises PasskeysUnavailableError where it is a number, to which no passkey can be bound."""
        if not self._host or _is_number(self._host):
            raise PasskeysUnavailableError("Passkeys need an address with a name. Set OUTCRY_PUBLIC_URL to it.")
        return self._host

    def options_to_make(self, *, handle: bytes, email: str, name: str, known: Iterable[PasskeyRow] = ()) -> Options:
        """Return options for ``navigator.credentials.create``: discoverable, with the person verified."""
        options = generate_registration_options(
            rp_id=self.rp_id,
            rp_name=NAME,
            user_id=handle,
            user_name=email,
            user_display_name=name,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[_descriptor(row) for row in known],
        )
        return Options(challenge=options.challenge, options=options_to_json_dict(options))

    def options_to_use(self, *, known: Iterable[PasskeyRow] = (), verified: bool) -> Options:
        """Return options for ``navigator.credentials.get``: for one of these passkeys, or whichever there is."""
        options = generate_authentication_options(
            rp_id=self.rp_id,
            timeout=TIMEOUT_MS,
            allow_credentials=[_descriptor(row) for row in known],
            user_verification=(
                UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED
            ),
        )
        return Options(challenge=options.challenge, options=options_to_json_dict(options))

    def read_new(self, credential: dict[str, Any], challenge: bytes) -> NewPasskey:
        """Return the passkey of an answer to ``options_to_make``; raises PasskeyRefusedError."""
        try:
            _refuse_frames(credential)
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self._origins,
                require_user_verification=True,
            )
            # A key that is none would be noticed only when somebody wants to sign in with it.
            decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
        except Exception as error:
            raise PasskeyRefusedError() from error
        transports = tuple(t for t in credential["response"].get("transports", ()) if t in _TRANSPORTS)
        return NewPasskey(
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=transports,
            backed_up=verified.credential_backed_up,
        )

    def read_use(self, credential: dict[str, Any], challenge: bytes, row: PasskeyRow, *, verified: bool) -> PasskeyUse:
        """Return what an answer to ``options_to_use`` says; raises PasskeyRefusedError.

        The count is left to the caller: the library looks at it before the signature, when anybody could have sent it.
        """
        try:
            _refuse_frames(credential)
            used = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.rp_id,
                expected_origin=self._origins,
                credential_public_key=row.public_key,
                credential_current_sign_count=0,
                require_user_verification=verified,
            )
        except Exception as error:
            raise PasskeyRefusedError() from error
        return PasskeyUse(sign_count=used.new_sign_count, backed_up=used.credential_backed_up)


def _as_browsers_write(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def key_method(*, backed_up: bool) -> str:
    """Return the method of RFC 8176: a key that is copied to other devices is not bound to hardware."""
    return "swk" if backed_up else "hwk"


def bytes_of(text: str) -> bytes:
    """Return the bytes of Base64url, none when it is not that."""
    try:
        return base64url_to_bytes(text)
    except ValueError:
        return b""


def _descriptor(row: PasskeyRow) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(value) for value in row.transports if value in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=row.credential_id, transports=transports)


def _refuse_frames(credential: dict[str, Any]) -> None:
    # A page of another site that frames ours may not have a passkey used there (Level 3, section 13.4.9).
    if json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"])).get("crossOrigin"):
        raise PasskeyRefusedError()
