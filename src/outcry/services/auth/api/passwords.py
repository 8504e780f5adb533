"""Endpoints of registering, of passwords, and of getting back in without one."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from outcry.kit.http import public, requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, Solved, answer, client_of
from outcry.services.auth.commands.recovery import RecoveryCommands
from outcry.services.auth.commands.registration import RegistrationCommands
from outcry.services.auth.contracts import ConfirmationSent, FactorNeeded, Session
from outcry.services.auth.settings import AuthSettings

# Longer than any password that is taken, so that one that is too long is told so by the rules of passwords.
PasswordInput = Annotated[
    SecretStr,
    Field(max_length=1_000, description="At least 15 characters, 8 beside a second factor; at most 256."),
]
EmailInput = Annotated[str, Field(max_length=1_000, description="An e-mail address.", examples=["ann@example.com"])]
TokenInput = Annotated[SecretStr, Field(max_length=200, description="What stands behind the # of the link.")]

_FRESH = requires("auth:factor:manage", fresh=True)


class Registration(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: EmailInput
    password: PasswordInput
    name: Annotated[str, Field(max_length=1_000, description="What colleagues see: 1 to 80 characters.")]


class LinkToken(BaseModel):
    """The token of a link in a mail."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: TokenInput


class EmailOnly(BaseModel):
    """An e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: EmailInput


class NewPassword(BaseModel):
    """A new password, and the present one of who has one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password: PasswordInput
    present: Annotated[SecretStr | None, Field(max_length=1_000, description="The password as it is now.")] = None


class Recovery(BaseModel):
    """The token of a link, and the password that it sets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: TokenInput
    password: PasswordInput


def registration_router(registration: RegistrationCommands, settings: AuthSettings) -> APIRouter:
    """Return the endpoints of making an account."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/register", status_code=201, responses={202: {"model": ConfirmationSent}}, dependencies=[public()])
    async def register(
        body: Registration, request: Request, response: Response, solved: Solved = None
    ) -> Session | ConfirmationSent:
        """Make an account with an organisation of its own, and sign in.

        Where addresses are confirmed first the answer is 202, alike for an address that is taken, and a mail goes
        out; elsewhere one that is taken gets a 409.
        """
        result = await registration.with_password(
            email=body.email,
            password=body.password.get_secret_value(),
            name=body.name,
            client=client_of(request, solved),
        )
        if isinstance(result, ConfirmationSent):
            response.status_code = 202
        return answer(result, request, response, device_days=settings.device_days)

    @router.post("/confirm", dependencies=[public()])
    async def confirm(body: LinkToken, request: Request, response: Response) -> Session:
        """Make the account that the link of a mail is for, and sign in."""
        signed_in = await registration.confirm(token=body.token.get_secret_value(), client=client_of(request))
        return answer(signed_in, request, response, device_days=settings.device_days)

    return router


def password_router(recovery: RecoveryCommands, settings: AuthSettings) -> APIRouter:
    """Return the endpoints of passwords."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/recover", status_code=202, dependencies=[public()])
    async def recover(body: EmailOnly, request: Request, solved: Solved = None) -> ConfirmationSent:
        """Send a link to choose a new password. The answer is the same whether there is an account or not."""
        return await recovery.ask(email=body.email, client=client_of(request, solved))

    @router.post("/recover/finish", dependencies=[public()])
    async def finish_recovery(body: Recovery, request: Request, response: Response) -> Session | FactorNeeded:
        """Set a new password by the link of a mail. Every session ends; a second factor that is on is asked for."""
        result = await recovery.finish(
            token=body.token.get_secret_value(),
            password=body.password.get_secret_value(),
            client=client_of(request),
        )
        return answer(result, request, response, device_days=settings.device_days)

    @router.put("/me/password", status_code=204)
    async def set_password(principal: Annotated[Principal, _FRESH], body: NewPassword, request: Request) -> None:
        """Choose another password, or a first one. All other sessions end."""
        await recovery.set_password(
            principal,
            password=body.password.get_secret_value(),
            present=body.present.get_secret_value() if body.present else None,
            client=client_of(request),
        )

    @router.delete("/me/password", status_code=204)
    async def remove_password(principal: Annotated[Principal, _FRESH]) -> None:
        """Do without a password from now on; there must be a passkey."""
        await recovery.remove_password(principal)

    return router
