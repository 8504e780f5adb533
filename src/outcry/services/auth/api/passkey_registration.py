"""Endpoints of making an account that has a passkey and no password."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.http import public
from outcry.services.auth.api.browser import PREFIX, Solved, answer, client_of
from outcry.services.auth.api.credentials import NewCredential, Token, answer_of
from outcry.services.auth.api.passwords import EmailInput
from outcry.services.auth.commands.passkey_registration import PasskeyRegistrationCommands
from outcry.services.auth.contracts import ConfirmationSent, Session
from outcry.services.auth.passkeys import PasskeyChallenge
from outcry.services.auth.settings import AuthSettings


class PasskeyRegistration(BaseModel):
    """A new account that is to have a passkey."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: EmailInput
    name: Annotated[str, Field(max_length=1_000, description="What colleagues see: 1 to 80 characters.")]


class FirstPasskey(BaseModel):
    """The passkey of a new account, and the ticket of its challenge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token
    credential: NewCredential


def passkey_registration_router(commands: PasskeyRegistrationCommands, settings: AuthSettings) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/register/passkey/options", dependencies=[public()])
    async def ask_to_register(
        body: PasskeyRegistration, request: Request, response: Response, solved: Solved = None
    ) -> PasskeyChallenge:
        """Ask for the passkey of a new account; the same whether the address is taken or not."""
        response.headers["cache-control"] = "no-store"
        return await commands.ask(client_of(request, solved), email=body.email, name=body.name)

    @router.post(
        "/register/passkey", status_code=201, responses={202: {"model": ConfirmationSent}}, dependencies=[public()]
    )
    async def register_with_passkey(
        body: FirstPasskey, request: Request, response: Response
    ) -> Session | ConfirmationSent:
        """Make an account that has this passkey and no password, and sign in; 202 and 409 as with a password."""
        result = await commands.finish(client_of(request), answer_of(body.ticket, body.credential))
        if isinstance(result, ConfirmationSent):
            response.status_code = 202
        return answer(result, request, response, device_days=settings.device_days)

    return router
