"""Endpoints of invitations. Their token travels in a mail, and behind the # of a page's address."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from outcry.kit.http import public, refusals, requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, Guard, answer, client_of, refresh_cookie_of
from outcry.services.auth.commands.invitations import InvitationCommands
from outcry.services.auth.contracts import Session
from outcry.services.auth.errors import SessionEndedError
from outcry.services.auth.queries.invitations import Invitation, InvitationLook, InvitationQueries
from outcry.services.auth.settings import AuthSettings

_Manager = Annotated[Principal, requires("auth:invitation:manage")]


class InvitationInput(BaseModel):
    """An invitation to send; ``room_id`` is the one room of a guest, and only of a guest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Annotated[str, Field(max_length=1_000, examples=["ben@example.com"])]
    role: Literal["admin", "analyst", "member", "viewer", "guest"]
    room_id: UUID | None = None


class InvitationToken(BaseModel):
    """What stands behind the # of the link."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Annotated[SecretStr, Field(max_length=1_000)]


def invitation_router(commands: InvitationCommands, queries: InvitationQueries, settings: AuthSettings) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.get("/organisation/invitations")
    async def list_invitations(principal: _Manager) -> tuple[Invitation, ...]:
        """List the organisation's open invitations."""
        return await queries.list_open(principal)

    @router.post("/organisation/invitations", status_code=201)
    async def invite(principal: _Manager, body: InvitationInput) -> Invitation:
        """Send an invitation by mail. An older one to the same address is replaced."""
        made = await commands.invite(principal, email=body.email, role=body.role, room_id=body.room_id)
        return await queries.get(principal, made)

    @router.delete("/organisation/invitations/{invitation_id}", status_code=204)
    async def revoke_invitation(principal: _Manager, invitation_id: UUID) -> None:
        """Take an open invitation back."""
        await commands.revoke(principal, invitation_id)

    @router.post("/invitations/look", responses=refusals(404), dependencies=[public()])
    async def look_at_invitation(body: InvitationToken, response: Response) -> InvitationLook:
        """Say what an invitation is for. One that was used or revoked, is too old or never was gets the same 404."""
        response.headers["cache-control"] = "no-store"
        return await queries.look(body.token.get_secret_value())

    @router.post("/invitations/accept", responses=refusals(404))
    async def accept_invitation(
        principal: Annotated[Principal, requires("auth:session:manage")],
        body: InvitationToken,
        request: Request,
        response: Response,
        guard: Guard = None,
    ) -> Session:
        """Join the organisation and go on there: new tokens, as after a refresh. Only for the invited address."""
        refresh_token = refresh_cookie_of(request, guard)
        if refresh_token is None:
            raise SessionEndedError()
        joined = await commands.accept(
            principal, token=body.token.get_secret_value(), refresh_token=refresh_token, client=client_of(request)
        )
        return answer(joined, request, response, device_days=settings.device_days)

    return router
