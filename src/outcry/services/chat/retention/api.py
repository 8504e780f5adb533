"""The endpoints of retention and legal hold."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.files.headers import BYTES, file_headers
from outcry.services.chat.retention.commands import RetentionCommands
from outcry.services.chat.retention.contracts import HeldMessage, HeldRoom, Hold, Keeping
from outcry.services.chat.retention.queries import RetentionQueries

_Days = Annotated[int, Field(ge=0, le=36_500)]
_Holder = Annotated[Principal, requires("chat:hold:manage")]
_Cursor = Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")]
_Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]


@dataclass(frozen=True, kw_only=True)
class RoomRule:
    """Days that a room keeps messages, 0 for good; without them it follows the organisation's rule."""

    days: _Days | None = None


@dataclass(frozen=True, kw_only=True)
class UsualRule:
    """Days that rooms without a rule of their own keep messages, 0 for good."""

    days: _Days


@dataclass(frozen=True, kw_only=True)
class HoldReason:
    """Why nothing may go."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


def retention_router(commands: RetentionCommands, queries: RetentionQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])
    _add_rules(router, commands, queries)
    _add_holds(router, commands, queries)
    _add_held(router, queries)
    return router


def _add_rules(router: APIRouter, commands: RetentionCommands, queries: RetentionQueries) -> None:
    @router.get("/rooms/{room_id}/retention")
    async def get_room_retention(principal: Annotated[Principal, requires("chat:room:read")], room_id: UUID) -> Keeping:
        """Say how long a room keeps messages."""
        return await queries.keeping(principal, room_id)

    @router.put("/rooms/{room_id}/retention", responses=refusals(409))
    async def set_room_retention(
        principal: Annotated[Principal, requires("chat:retention:manage")], room_id: UUID, body: RoomRule
    ) -> Keeping:
        """Have a room keep messages so long."""
        await commands.set_rule(principal, room_id, days=body.days)
        return await queries.keeping(principal, room_id)

    @router.get("/retention")
    async def get_retention(principal: Annotated[Principal, requires("chat:retention:default")]) -> Keeping:
        """Say how long rooms without a rule of their own keep messages."""
        return await queries.usual(principal)

    @router.put("/retention")
    async def set_retention(
        principal: Annotated[Principal, requires("chat:retention:default")], body: UsualRule
    ) -> Keeping:
        """Have all rooms without a rule of their own keep messages so long."""
        await commands.set_usual(principal, days=body.days)
        return await queries.usual(principal)


def _add_holds(router: APIRouter, commands: RetentionCommands, queries: RetentionQueries) -> None:
    @router.get("/holds")
    async def list_holds(principal: _Holder) -> tuple[Hold, ...]:
        """List the legal holds of the organisation."""
        return await queries.list_holds(principal)

    @router.put("/holds/organisation", status_code=204)
    async def hold_organisation(principal: _Holder, body: HoldReason) -> None:
        """Let nothing go from any room of the organisation."""
        await commands.hold(principal, None, reason=body.reason)

    @router.delete("/holds/organisation", status_code=204, responses=refusals(404))
    async def release_organisation(principal: _Holder) -> None:
        """Lift the hold of the organisation."""
        await commands.release(principal, None)

    @router.put("/holds/rooms/{room_id}", status_code=204)
    async def hold_room(principal: _Holder, room_id: UUID, body: HoldReason) -> None:
        """Let nothing go from a room."""
        await commands.hold(principal, room_id, reason=body.reason)

    @router.delete("/holds/rooms/{room_id}", status_code=204)
    async def release_room(principal: _Holder, room_id: UUID) -> None:
        """Lift the hold of a room."""
        await commands.release(principal, room_id)


def _add_held(router: APIRouter, queries: RetentionQueries) -> None:
    @router.get("/holds/rooms")
    async def list_held_rooms(principal: _Holder, cursor: _Cursor = None, limit: _Limit = 50) -> Page[HeldRoom]:
        """List the rooms in which something was taken away under a hold."""
        return await queries.list_held_rooms(principal, cursor=cursor, limit=limit)

    @router.get("/holds/rooms/{room_id}/messages")
    async def list_held_messages(
        principal: _Holder, room_id: UUID, cursor: _Cursor = None, limit: _Limit = 50
    ) -> Page[HeldMessage]:
        """List what was taken away in a room under a hold. That it was read stands in the audit log."""
        return await queries.list_held(principal, room_id, cursor=cursor, limit=limit)

    @router.get("/holds/files/{file_id}", response_class=StreamingResponse, responses={200: BYTES})
    async def get_held_file(principal: _Holder, file_id: UUID) -> StreamingResponse:
        """Return the bytes of a file whose message was taken away. That it was read stands in the audit log."""
        row = await queries.held_file(principal, file_id)
        headers = file_headers(row, only_saved=True) | {"content-length": str(row.size)}
        return StreamingResponse(queries.store.parts(row.tenant_id, row.digest, 0, row.size), headers=headers)
