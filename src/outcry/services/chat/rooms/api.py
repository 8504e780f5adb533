"""Endpoints by which people find rooms and each other, and of what they are in a room."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, StrictBool

from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Member, Room, RoomRole
from outcry.services.chat.rooms.commands import RoomCommands
from outcry.services.chat.rooms.contracts import FoundPerson, OpenRoom
from outcry.services.chat.rooms.queries import RoomQueries

Cursor = Annotated[str | None, Query(max_length=1200, description="The next_cursor of the page before.")]


@dataclass(frozen=True, kw_only=True)
class DirectPartner:
    """Whom to talk with alone."""

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoleChange:
    """The role that a member is to have."""

    role: RoomRole


@dataclass(frozen=True, kw_only=True)
class PlaceChange:
    """How to keep a room in one's own list; what is left out stays, and an empty ``section`` is none."""

    favourite: StrictBool | None = None
    muted: StrictBool | None = None
    archived: StrictBool | None = None
    section: Annotated[str, Field(max_length=200)] | None = None


def rooms_router(commands: RoomCommands, queries: RoomQueries) -> APIRouter:
    """Return the endpoints, bound to these commands and queries."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])
    _add_finding(router, commands, queries)
    _add_members(router, commands)
    return router


def _add_finding(router: APIRouter, commands: RoomCommands, queries: RoomQueries) -> None:
    @router.get("/open-rooms")
    async def list_open_rooms(
        principal: Annotated[Principal, requires("chat:directory:read")],
        search: Annotated[str, Query(max_length=200, description="Words of the title or the description.")] = "",
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=200, description="Most items of a page.")] = 50,
    ) -> Page[OpenRoom]:
        """List the organisation's open rooms by title, with the number of their members."""
        return await queries.list_open(principal, search=search, cursor=cursor, limit=limit)

    @router.post("/open-rooms/{room_id}/join", responses=refusals(409))
    async def join_room(principal: Annotated[Principal, requires("chat:room:join")], room_id: UUID) -> Room:
        """Come into an open room. Whoever is in it already stays as they are."""
        return await commands.join(principal, room_id)

    @router.post("/direct-rooms", responses=refusals(404, 409))
    async def open_direct_room(
        principal: Annotated[Principal, requires("chat:room:create")], body: DirectPartner
    ) -> Room:
        """Return the one room of the person and a colleague; it is made when there is none yet."""
        return await commands.open_direct(principal, person_id=body.person_id)

    @router.get("/people", responses=refusals(404))
    async def find_people(
        principal: Annotated[Principal, requires("chat:person:search")],
        start: Annotated[str, Query(min_length=1, max_length=100, description="How the name or address begins.")],
        room_id: Annotated[UUID | None, Query(description="Say of each whether they are in this room.")] = None,
    ) -> tuple[FoundPerson, ...]:
        """Find colleagues by how a word of their name, or their e-mail address, begins: at most 20."""
        return await queries.find_people(principal, start=start, room_id=room_id)


def _add_members(router: APIRouter, commands: RoomCommands) -> None:
    @router.put("/rooms/{room_id}/members/{user_id}/role", responses=refusals(409))
    async def change_room_role(
        principal: Annotated[Principal, requires("chat:member:manage")], room_id: UUID, user_id: UUID, body: RoleChange
    ) -> Member:
        """Give a member another role. As `owner` the room is handed over, and who had it becomes a moderator."""
        return await commands.change_role(principal, room_id, user_id, role=body.role)

    @router.patch("/rooms/{room_id}/place")
    async def keep_room(
        principal: Annotated[Principal, requires("chat:room:keep")], room_id: UUID, body: PlaceChange
    ) -> Room:
        """Mark a room as favourite, mute it, archive it, or put it into a section of one's own list."""
        return await commands.keep(
            principal,
            room_id,
            favourite=body.favourite,
            muted=body.muted,
            archived=body.archived,
            section=body.section,
        )
