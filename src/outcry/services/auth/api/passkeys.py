"""Endpoints of passkeys: signing in by one, adding, naming and removing them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.http import public, refusals
from outcry.services.auth.api.browser import PREFIX, answer, client_of
from outcry.services.auth.api.credentials import Fresh, Manager, NewCredential, Token, UsedCredential, answer_of
from outcry.services.auth.commands.passkey_sign_in import PasskeySignInCommands
from outcry.services.auth.commands.passkeys import AddedPasskey, PasskeyCommands
from outcry.services.auth.contracts import Session
from outcry.services.auth.passkeys import PasskeyChallenge
from outcry.services.auth.queries.factors import Passkey
from outcry.services.auth.settings import AuthSettings

_Name = Annotated[str, Field(max_length=1_000, description="Where it is: 1 to 80 characters.", examples=["Phone"])]


class PasskeyWanted(BaseModel):
    """Asks for a challenge: for the sign-in of this ticket, or to sign in by passkey alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token | None = None


class PasskeyShown(BaseModel):
    """A passkey's answer, and the ticket of its challenge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token
    credential: UsedCredential


class PasskeyInput(BaseModel):
    """A new passkey: the browser's answer, the ticket of its challenge, and a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token
    credential: NewCredential
    name: _Name


class PasskeyName(BaseModel):
    """Another name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name


def passkeys_router(commands: PasskeyCommands, sign_ins: PasskeySignInCommands, settings: AuthSettings) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/sign-in/passkey/options", dependencies=[public()])
    async def ask_to_sign_in(body: PasskeyWanted, request: Request, response: Response) -> PasskeyChallenge:
        """Ask for a challenge. Its ``options`` are for ``PublicKeyCredential.parseRequestOptionsFromJSON``."""
        response.headers["cache-control"] = "no-store"
        return await sign_ins.ask(client_of(request), body.ticket)

    @router.post("/sign-in/passkey", responses=refusals(401), dependencies=[public()])
    async def sign_in_by_passkey(body: PasskeyShown, request: Request, response: Response) -> Session:
        """Sign in by a passkey alone."""
        signed_in = await sign_ins.sign_in(client_of(request), answer_of(body.ticket, body.credential))
        return answer(signed_in, request, response, device_days=settings.device_days)

    @router.post("/factors/passkeys/options")
    async def ask_to_add(principal: Fresh, response: Response) -> PasskeyChallenge:
        """Ask for a new passkey. Its ``options`` are for ``PublicKeyCredential.parseCreationOptionsFromJSON``."""
        response.headers["cache-control"] = "no-store"
        return await commands.ask(principal)

    @router.post("/factors/passkeys", status_code=201)
    async def add_passkey(principal: Fresh, body: PasskeyInput, request: Request, response: Response) -> AddedPasskey:
        """Add a passkey. With the first second factor come recovery codes, shown this once."""
        response.headers["cache-control"] = "no-store"
        made = answer_of(body.ticket, body.credential)
        return await commands.add(principal, client_of(request), made, name=body.name)

    @router.patch("/factors/passkeys/{passkey_id}")
    async def rename_passkey(principal: Manager, passkey_id: UUID, body: PasskeyName) -> Passkey:
        """Give a passkey another name."""
        return await commands.rename(principal, passkey_id, body.name)

    @router.delete("/factors/passkeys/{passkey_id}", status_code=204)
    async def remove_passkey(principal: Fresh, passkey_id: UUID, request: Request) -> None:
        """Remove a passkey. The last way to sign in stays."""
        await commands.remove(principal, client_of(request), passkey_id)

    return router
