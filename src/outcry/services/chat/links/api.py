"""Endpoints of links to rooms. Their token travels behind the # of a page's address, so no server logs it."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool

from outcry.kit.http import public, refusals, requires
from outcry.kit.principal import Principal
from outcry.services.chat.links.commands import LinkCommands
from outcry.services.chat.links.contracts import Joined, LinkLook, LinkRole, NewLink, RoomLink
from outcry.services.chat.links.queries import LinkQueries

USUAL_HOURS = 7 * 24
LONGEST_HOURS = 90 * 24


@dataclass(frozen=True, kw_only=True)
class LinkWish:
    """A link to make: the role that it gives, for how long and how many people it works, and for whom."""

    role: LinkRole | None = None
    guests: StrictBool | None = None
    hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] | None = None
    most_uses: Annotated[int, Field(ge=1, le=10_000)] | None = None


class LinkToken(BaseModel):
    """The token of a link."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[SecretStr, Field(min_length=1, max_length=100)]


def links_router(commands: LinkCommands, queries: LinkQueries) -> APIRouter:
    """Return the endpoints, bound to these commands and queries."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])
    _add_making(router, commands, queries)
    _add_using(router, commands, queries)
    return router


def _add_making(router: APIRouter, commands: LinkCommands, queries: LinkQueries) -> None:
    @router.get("/rooms/{room_id}/links")
    async def list_links(
        principal: Annotated[Principal, requires("chat:link:manage")], room_id: UUID
    ) -> tuple[RoomLink, ...]:
        """List the links to a room that work; for its owner and moderators."""
        return await queries.list_links(principal, room_id)

    @router.post("/rooms/{room_id}/links", status_code=201, responses=refusals(409))
    async def make_link(
        principal: Annotated[Principal, requires("chat:link:manage")],
        room_id: UUID,
        body: LinkWish,
        response: Response,
    ) -> NewLink:
        """Make a link to a room. Its token is in this answer alone."""
        response.headers["cache-control"] = "no-store"
        return await commands.make(
            principal,
            room_id,
            role=body.role or "member",
            guests=body.guests or False,
            hours=body.hours or USUAL_HOURS,
            most_uses=body.most_uses,
        )

    @router.delete("/rooms/{room_id}/links/{link_id}", status_code=204)
    async def revoke_link(
        principal: Annotated[Principal, requires("chat:link:manage")], room_id: UUID, link_id: UUID
    ) -> None:
        """End a link."""
        await commands.revoke(principal, room_id, link_id)


def _add_using(router: APIRouter, commands: LinkCommands, queries: LinkQueries) -> None:
    @router.post("/room-links/look", responses=refusals(404), dependencies=[public()])
    async def look_at_link(body: LinkToken, response: Response) -> LinkLook:
        """Say where a link leads. One that was used up or revoked, is too old or never was gets the same 404."""
        response.headers["cache-control"] = "no-store"
        return await queries.look(body.token.get_secret_value())

    @router.post("/room-links/join", responses=refusals(404, 409))
    async def join_by_link(principal: Annotated[Principal, requires("chat:link:use")], body: LinkToken) -> Joined:
        """Come into the room of a link; from another organisation as a guest, where the link is for guests too."""
        return await commands.join(principal, token=body.token.get_secret_value())
