"""What browsers send of passkeys, and what is sent with every factor."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.auth.passkeys import PasskeyAnswer

Manager = Annotated[Principal, requires("auth:factor:manage")]
Fresh = Annotated[Principal, requires("auth:factor:manage", fresh=True)]
Token = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=100, examples=["123456"])]

# A credential id has at most 1023 bytes (Level 3, section 6.1).
_Id = Annotated[str, Field(min_length=1, max_length=1_400)]
# Browsers send more than we read, and something new every year.
_FROM_A_BROWSER = ConfigDict(extra="ignore", frozen=True)


class Made(BaseModel):
    """The response of a credential that was just made (AuthenticatorAttestationResponseJSON)."""

    model_config = _FROM_A_BROWSER

    client_data: Annotated[str, Field(alias="clientDataJSON", max_length=8_000)]
    attestation: Annotated[str, Field(alias="attestationObject", max_length=20_000)]
    transports: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=12)] = ()


class Used(BaseModel):
    """The response of a credential that was just used (AuthenticatorAssertionResponseJSON)."""

    model_config = _FROM_A_BROWSER

    client_data: Annotated[str, Field(alias="clientDataJSON", max_length=8_000)]
    authenticator_data: Annotated[str, Field(alias="authenticatorData", max_length=8_000)]
    signature: Annotated[str, Field(max_length=4_000)]
    user_handle: Annotated[str | None, Field(alias="userHandle", max_length=200)] = None


class _Credential(BaseModel):
    model_config = _FROM_A_BROWSER

    id: _Id
    raw_id: Annotated[_Id, Field(alias="rawId")]
    type: Literal["public-key"]


class NewCredential(_Credential):
    """What ``navigator.credentials.create`` gave, as its ``toJSON`` has it (RegistrationResponseJSON)."""

    response: Made


class UsedCredential(_Credential):
    """What ``navigator.credentials.get`` gave, as its ``toJSON`` has it (AuthenticationResponseJSON)."""

    response: Used


def answer_of(ticket: str, credential: NewCredential | UsedCredential) -> PasskeyAnswer:
    """Return a browser's answer as the commands take it."""
    sent: dict[str, Any] = credential.model_dump(by_alias=True)
    return PasskeyAnswer(ticket=ticket, credential=sent)
