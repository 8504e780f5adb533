"""The chat service's endpoints."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field, StrictBool

from outcry.kit.errors import InvalidInputError
from outcry.kit.http import requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.commands import ChatCommands
from outcry.services.chat.contracts import HistoryPage, Member, Message, Room
from outcry.services.chat.messages.api import FileIds, Mentions, to_extras
from outcry.services.chat.queries import ChatQueries

Cursor = Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")]
# Sums with a page's length still fit the column of sequences.
_LAST = 2**31 - 1_000
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]


@dataclass(frozen=True, kw_only=True)
class NewRoom:
    """A room to make, with these colleagues in it; ``room`` is what older programs call a private one."""

    kind: Literal["conversation", "open", "private", "group", "room"] = "conversation"
    title: Annotated[str, Field(max_length=400)] | None = None
    description: Annotated[str, Field(max_length=1000)] | None = None
    people: Annotated[tuple[UUID, ...], Field(max_length=50)] | None = None


@dataclass(frozen=True, kw_only=True)
class RoomChange:
    """What to change of a room; what is left out stays."""

    title: Annotated[str, Field(max_length=400)] | None = None
    description: Annotated[str, Field(max_length=1000)] | None = None
    kind: Literal["open", "private"] | None = None
    archived: StrictBool | None = None


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to post. ``client_id`` makes posting it twice harmless; ``quote_id`` is what it answers or shows.

    Without a ``topic_id`` it is said in the room's main stream. ``file_ids`` are files that were sent before; with them
    the text may be empty.
    """

    text: Annotated[str, Field(max_length=100_000)]
    client_id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    mentions: Mentions | None = None
    quote_id: UUID | None = None
    topic_id: UUID | None = None
    file_ids: FileIds | None = None


@dataclass(frozen=True, kw_only=True)
class NewMember:
    """A colleague to add, by e-mail address or id; the AI has an id too."""

    email: Annotated[str, Field(min_length=3, max_length=254)] | None = None
    person_id: UUID | None = None
    role: Literal["member", "reader"] | None = None


def make_router(commands: ChatCommands, queries: ChatQueries) -> APIRouter:
    """Return the router over these commands and queries."""
    router = APIRouter(prefix="/api/v1/rooms", tags=["chat"])
    _add_rooms(router, commands, queries)
    _add_members(router, commands, queries)
    _add_messages(router, commands, queries)
    return router


def _add_rooms(router: APIRouter, commands: ChatCommands, queries: ChatQueries) -> None:
    @router.get("")
    async def list_rooms(
        principal: Annotated[Principal, requires("chat:room:read")],
        cursor: Cursor = None,
        limit: Limit = 50,
        archived: bool = False,
    ) -> Page[Room]:
        """List the rooms that the person is in, newest activity first."""
        return await queries.list_rooms(principal, archived=archived, cursor=cursor, limit=limit)

    @router.post("", status_code=201)
    async def create_room(principal: Annotated[Principal, requires("chat:room:create")], body: NewRoom) -> Room:
        """Make a room, or a conversation with the AI."""
        return await commands.create_room(
            principal,
            title=body.title,
            kind=body.kind,
            description=body.description or "",
            people=body.people or (),
        )

    @router.get("/{room_id}")
    async def get_room(principal: Annotated[Principal, requires("chat:room:read")], room_id: UUID) -> Room:
        """Return one room."""
        return await queries.get_room(principal, room_id)

    @router.patch("/{room_id}")
    async def change_room(
        principal: Annotated[Principal, requires("chat:room:update")], room_id: UUID, body: RoomChange
    ) -> Room:
        """Change a room's title, description or kind, or put it into the person's archive or back."""
        return await commands.change_room(
            principal,
            room_id,
            title=body.title,
            description=body.description,
            kind=body.kind,
            archived=body.archived,
        )


def _add_members(router: APIRouter, commands: ChatCommands, queries: ChatQueries) -> None:
    @router.get("/{room_id}/members")
    async def list_members(
        principal: Annotated[Principal, requires("chat:member:read")], room_id: UUID
    ) -> tuple[Member, ...]:
        """List who is in a room."""
        return await queries.list_members(principal, room_id)

    @router.post("/{room_id}/members", status_code=201)
    async def add_member(
        principal: Annotated[Principal, requires("chat:member:manage")], room_id: UUID, body: NewMember
    ) -> Member:
        """Add a colleague to a room."""
        if (body.email is None) == (body.person_id is None):
            raise InvalidInputError("Give either email or person_id.")
        return await commands.add_member(
            principal, room_id, email=body.email, person_id=body.person_id, role=body.role or "member"
        )

    @router.delete("/{room_id}/members/{user_id}", status_code=204)
    async def remove_member(
        principal: Annotated[Principal, requires("chat:member:leave")], room_id: UUID, user_id: UUID
    ) -> None:
        """Take somebody out of a room, or leave it."""
        await commands.remove_member(principal, room_id, user_id)


def _add_messages(router: APIRouter, commands: ChatCommands, queries: ChatQueries) -> None:
    @router.get("/{room_id}/messages")
    async def list_messages(
        principal: Annotated[Principal, requires("chat:message:read")],
        room_id: UUID,
        cursor: Cursor = None,
        limit: Limit = 50,
        around: Annotated[int | None, Query(ge=1, le=_LAST, description="A sequence to be in the middle.")] = None,
        after: Annotated[int | None, Query(ge=0, le=_LAST, description="A sequence that the page follows.")] = None,
        before: Annotated[int | None, Query(ge=1, le=_LAST, description="A sequence that follows the page.")] = None,
        at: Annotated[AwareDatetime | None, Query(description="A moment to be in the middle.")] = None,
        topic: Annotated[
            UUID | Literal["main"] | None, Query(description="Only those of this topic, or of the main stream.")
        ] = None,
    ) -> HistoryPage:
        """Return a page of a room's messages, without a cursor the newest, and the position to follow it from."""
        return await queries.history(
            principal,
            room_id,
            cursor=cursor,
            limit=limit,
            around=around,
            after=after,
            before=before,
            at=at,
            topic=topic,
        )

    @router.post("/{room_id}/messages", status_code=201)
    async def post_message(
        principal: Annotated[Principal, requires("chat:message:post")], room_id: UUID, body: NewMessage
    ) -> Message:
        """Post a message; in a conversation the AI answers it."""
        extras = to_extras(body.mentions, body.quote_id, body.file_ids)
        return await commands.post(
            principal,
            room_id,
            text=body.text,
            client_id=body.client_id,
            extras=extras,
            topic_id=body.topic_id,
        )

    @router.post("/{room_id}/messages/{message_id}/stop")
    async def stop_reply(
        principal: Annotated[Principal, requires("chat:reply:stop")], room_id: UUID, message_id: UUID
    ) -> Message:
        """Stop a reply that is being written."""
        return await commands.stop_reply(principal, room_id, message_id)

    @router.post("/{room_id}/messages/{message_id}/retry")
    async def retry_reply(
        principal: Annotated[Principal, requires("chat:reply:retry")], room_id: UUID, message_id: UUID
    ) -> Message:
        """Have a question answered again."""
        return await commands.retry_reply(principal, room_id, message_id)
