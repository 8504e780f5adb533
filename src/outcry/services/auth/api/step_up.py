"""Endpoints that ask for a factor again, before something that matters."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, client_of
from outcry.services.auth.api.credentials import Code, Manager, Token, UsedCredential, answer_of
from outcry.services.auth.commands.step_up import StepUp, StepUpCommands
from outcry.services.auth.passkeys import PasskeyChallenge
from outcry.services.auth.proofs import Shown


class PasswordAgain(BaseModel):
    """The password, for who has no second factor."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["password"]
    password: Annotated[SecretStr, Field(max_length=1_000)]


class CodeAgain(BaseModel):
    """A code of the authenticator app, or a recovery code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["totp", "recovery_code"]
    code: Code


class PasskeyAgain(BaseModel):
    """A passkey's answer, and the ticket of its challenge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["passkey"]
    ticket: Token
    credential: UsedCredential


FactorAgain = Annotated[PasswordAgain | CodeAgain | PasskeyAgain, Field(discriminator="kind")]


def step_up_router(commands: StepUpCommands) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.get("/step-up")
    async def get_step_up(principal: Annotated[Principal, requires("auth:factor:read")]) -> StepUp:
        """Say until when the factor shown last is fresh, and what can be shown again."""
        return await commands.get_step_up(principal)

    @router.post("/step-up/passkey/options")
    async def ask_to_step_up(principal: Manager, response: Response) -> PasskeyChallenge:
        """Ask for a challenge. Its ``options`` are for ``PublicKeyCredential.parseRequestOptionsFromJSON``."""
        response.headers["cache-control"] = "no-store"
        return await commands.ask_passkey(principal)

    @router.post("/step-up")
    async def step_up(principal: Manager, body: FactorAgain, request: Request) -> StepUp:
        """Show a factor again, so that what needs a fresh one can be done for some minutes."""
        if isinstance(body, PasswordAgain):
            password = body.password.get_secret_value()
            return await commands.show_password(principal, client_of(request), password)
        if isinstance(body, PasskeyAgain):
            shown = Shown(kind=body.kind, passkey=answer_of(body.ticket, body.credential))
        else:
            shown = Shown(kind=body.kind, code=body.code)
        return await commands.show_factor(principal, client_of(request), shown)

    return router
