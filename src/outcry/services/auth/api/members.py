"""Endpoints of the people in an organisation."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from outcry.kit.http import requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX
from outcry.services.auth.commands.members import MemberCommands
from outcry.services.auth.queries.members import MemberQueries, MemberView

_Cursor = Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
_Manager = Annotated[Principal, requires("auth:member:manage", fresh=True)]


class RoleInput(BaseModel):
    """A role. An owner is made by a transfer, a guest by an invitation to a room."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["admin", "analyst", "member", "viewer"]


class TransferInput(BaseModel):
    """Who is to own the organisation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person_id: UUID


def member_router(commands: MemberCommands, queries: MemberQueries) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=f"{PREFIX}/organisation", tags=["auth"])

    @router.get("/members")
    async def list_organisation_members(
        principal: Annotated[Principal, requires("auth:member:read")], cursor: _Cursor = None, limit: _Limit = 50
    ) -> Page[MemberView]:
        """List the organisation's people, guests and disabled ones too."""
        return await queries.list_members(principal, cursor=cursor, limit=limit)

    @router.patch("/members/{person_id}")
    async def change_role(principal: _Manager, person_id: UUID, body: RoleInput) -> MemberView:
        """Give a member below owner another role, everywhere within a second. Nobody changes their own."""
        await commands.change_role(principal, person_id, body.role)
        return await queries.get_member(principal, person_id)

    @router.post("/members/{person_id}/disable")
    async def disable_member(principal: _Manager, person_id: UUID) -> MemberView:
        """Keep a member out until they are enabled again: their sessions here end, their keys stop working."""
        await commands.disable(principal, person_id)
        return await queries.get_member(principal, person_id)

    @router.post("/members/{person_id}/enable")
    async def enable_member(principal: _Manager, person_id: UUID) -> MemberView:
        """Let a disabled member in again."""
        await commands.enable(principal, person_id)
        return await queries.get_member(principal, person_id)

    @router.delete("/members/{person_id}/sessions", status_code=204)
    async def end_member_sessions(principal: _Manager, person_id: UUID) -> None:
        """Sign a member out of the organisation on every device, within a second; they may sign in again."""
        await commands.end_sessions(principal, person_id)

    @router.delete("/members/{person_id}", status_code=204)
    async def remove_organisation_member(principal: _Manager, person_id: UUID) -> None:
        """Take a member out: their sessions and keys here end for good."""
        await commands.remove(principal, person_id)

    @router.post("/leave", status_code=204)
    async def leave_organisation(principal: Annotated[Principal, requires("auth:organisation:leave")]) -> None:
        """Leave the organisation, and be signed out of it. The owner transfers it first."""
        await commands.leave(principal)

    @router.post("/transfer", status_code=204)
    async def transfer_organisation(
        principal: Annotated[Principal, requires("auth:organisation:transfer", fresh=True)], body: TransferInput
    ) -> None:
        """Make another member the owner; whoever was it becomes an admin."""
        await commands.transfer(principal, body.person_id)

    return router
