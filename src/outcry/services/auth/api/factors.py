"""Endpoints of second factors: showing one, switching them on and off, remembered devices."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from outcry.kit.http import public, refusals, requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, answer, client_of, device_token_of
from outcry.services.auth.api.credentials import Code, Fresh, Manager, Token, UsedCredential, answer_of
from outcry.services.auth.commands.factors import FactorCommands, NewRecoveryCodes, TotpOffer
from outcry.services.auth.commands.second_factor import Finish, SecondFactorCommands
from outcry.services.auth.contracts import Session
from outcry.services.auth.proofs import Shown
from outcry.services.auth.queries.factors import FactorQueries, Factors
from outcry.services.auth.settings import AuthSettings

_Remember = Annotated[StrictBool, Field(description="Do not ask for it again in this browser, for some weeks.")]


class CodeShown(BaseModel):
    """A code for the ticket of a sign-in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token
    kind: Literal["totp", "recovery_code"]
    code: Code
    remember: _Remember = False

    def to_shown(self) -> Shown:
        """Return what was shown."""
        return Shown(kind=self.kind, code=self.code)


class SecondPasskeyShown(BaseModel):
    """A passkey for the ticket of a sign-in; ``passkey_ticket`` is the one of its challenge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token
    kind: Literal["passkey"]
    passkey_ticket: Token
    credential: UsedCredential
    remember: _Remember = False

    def to_shown(self) -> Shown:
        """Return what was shown."""
        return Shown(kind=self.kind, passkey=answer_of(self.passkey_ticket, self.credential))


FactorShown = Annotated[CodeShown | SecondPasskeyShown, Field(discriminator="kind")]


class TotpConfirmation(BaseModel):
    """The first code of an authenticator app, for the ticket of its offer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ticket: Token
    code: Code


def factors_router(
    commands: FactorCommands, second: SecondFactorCommands, queries: FactorQueries, settings: AuthSettings
) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/sign-in/factor", responses=refusals(401), dependencies=[public()])
    async def show_factor(body: FactorShown, request: Request, response: Response) -> Session:
        """Show the second factor that a sign-in waits for. A ticket has five tries."""
        asked = Finish(ticket=body.ticket, shown=body.to_shown(), remember=body.remember, client=client_of(request))
        return answer(await second.finish(asked), request, response, device_days=settings.device_days)

    @router.get("/factors")
    async def get_factors(principal: Annotated[Principal, requires("auth:factor:read")], request: Request) -> Factors:
        """Say what the person signs in with, and which devices are remembered."""
        return await queries.get_factors(principal, device_token=device_token_of(request))

    @router.post("/factors/totp")
    async def offer_totp(principal: Fresh, response: Response) -> TotpOffer:
        """Offer a seed for an authenticator app. Nothing is on until its first code was shown."""
        response.headers["cache-control"] = "no-store"
        return await commands.offer_totp(principal)

    @router.post("/factors/totp/confirm")
    async def confirm_totp(
        principal: Fresh, body: TotpConfirmation, request: Request, response: Response
    ) -> NewRecoveryCodes:
        """Switch the app on by its first code. With the first second factor come recovery codes, shown this once."""
        response.headers["cache-control"] = "no-store"
        return await commands.confirm_totp(principal, client_of(request), ticket=body.ticket, code=body.code)

    @router.delete("/factors/totp", status_code=204)
    async def remove_totp(principal: Fresh, request: Request) -> None:
        """Switch the authenticator app off."""
        await commands.remove_totp(principal, client_of(request))

    @router.post("/factors/recovery-codes")
    async def renew_recovery_codes(principal: Fresh, request: Request, response: Response) -> NewRecoveryCodes:
        """Make ten new recovery codes, shown this once; the old ones end."""
        response.headers["cache-control"] = "no-store"
        return await commands.renew_recovery_codes(principal, client_of(request))

    @router.delete("/factors/devices/{device_id}", status_code=204)
    async def forget_device(principal: Manager, device_id: UUID) -> None:
        """Forget a remembered device: it is asked for the second factor again."""
        await commands.forget_device(principal, device_id)

    @router.delete("/factors/devices", status_code=204)
    async def forget_devices(principal: Manager) -> None:
        """Forget all remembered devices."""
        await commands.forget_device(principal)

    return router
