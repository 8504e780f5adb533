"""The endpoints of receipts and unread messages."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from outcry.kit.errors import InvalidInputError
from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.chat.receipts.commands import ReceiptCommands
from outcry.services.chat.receipts.contracts import Receipts, SeenPage, Unread, UnreadRooms
from outcry.services.chat.receipts.queries import ReceiptQueries

_Sequence = Annotated[int, Field(ge=1, lt=2**31, description="The sequence of a message.")]


@dataclass(frozen=True, kw_only=True)
class ReadMark:
    """How far a person has read a room, or only a ``topic`` of it, or its ``main`` stream.

    ``delivered`` is up to where this device has the room, if that is further.
    """

    read: Annotated[int, Field(ge=0, lt=2**31)]
    delivered: Annotated[int, Field(ge=0, lt=2**31)] = 0
    topic: UUID | Literal["main"] | None = None


@dataclass(frozen=True, kw_only=True)
class UnreadMark:
    """From which message on its stream is unread again, or which topic is by its newest message."""

    first: _Sequence | None = None
    topic_id: UUID | None = None


def receipts_router(commands: ReceiptCommands, queries: ReceiptQueries) -> APIRouter:
    """Return the router over these commands and queries."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.get("/unread")
    async def list_unread(principal: Annotated[Principal, requires("chat:receipt:read")]) -> UnreadRooms:
        """Say of each of the person's rooms how much of it is unread, and from where to follow changes of that."""
        return await queries.list_unread(principal)

    @router.delete("/unread", status_code=204)
    async def mark_all_read(principal: Annotated[Principal, requires("chat:receipt:change")]) -> None:
        """Mark everything in every room as read."""
        await commands.mark_all_read(principal)

    @router.put("/rooms/{room_id}/read", status_code=204)
    async def mark_read(
        principal: Annotated[Principal, requires("chat:receipt:change")], room_id: UUID, body: ReadMark
    ) -> None:
        """Mark a room, or one stream of it, as read up to a message; it never goes back."""
        await commands.mark_read(principal, room_id, read=body.read, delivered=body.delivered, stream=body.topic)

    @router.put("/rooms/{room_id}/unread")
    async def mark_unread(
        principal: Annotated[Principal, requires("chat:receipt:change")], room_id: UUID, body: UnreadMark
    ) -> Unread:
        """Mark a message and what follows it in its stream, or a topic, as unread; what others saw of it stays."""
        if (body.first is None) == (body.topic_id is None):
            raise InvalidInputError("Give either first or topic_id.")
        return await commands.mark_unread(principal, room_id, first=body.first, topic_id=body.topic_id)

    @router.get("/rooms/{room_id}/receipts")
    async def get_receipts(principal: Annotated[Principal, requires("chat:receipt:read")], room_id: UUID) -> Receipts:
        """Say how far the people of a room have read it."""
        return await queries.get_receipts(principal, room_id)

    @router.get("/rooms/{room_id}/messages/{message_id}/seen")
    async def list_seen(
        principal: Annotated[Principal, requires("chat:receipt:read")],
        room_id: UUID,
        message_id: UUID,
        cursor: Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="Most items of a page.")] = 50,
    ) -> SeenPage:
        """List who has seen a message."""
        return await queries.list_seen(principal, room_id, message_id, cursor=cursor, limit=limit)

    return router
