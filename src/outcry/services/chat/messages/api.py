"""The endpoints of what can be done with a message."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message
from outcry.services.chat.files.attaching import MOST_FILES
from outcry.services.chat.messages.commands import MessageCommands
from outcry.services.chat.messages.contracts import MessageVersion, ReactionPeople
from outcry.services.chat.messages.marks import MessageMarks
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.queries import MessageQueries
from outcry.services.chat.messages.writing import Extras

Emoji = Annotated[str, Path(min_length=1, max_length=24, description="One emoji.")]


@dataclass(frozen=True, kw_only=True)
class MentionedPerson:
    """Somebody whom the words ``label`` in a text mean, such as ``@Ada Lovelace``."""

    label: Annotated[str, Field(min_length=2, max_length=120)]
    person_id: UUID


Mentions = Annotated[tuple[MentionedPerson, ...], Field(max_length=50)]
FileIds = Annotated[tuple[UUID, ...], Field(max_length=MOST_FILES)]


@dataclass(frozen=True, kw_only=True)
class MessageEdit:
    """The text that a message has from now on."""

    text: Annotated[str, Field(max_length=100_000)]
    mentions: Mentions | None = None


@dataclass(frozen=True, kw_only=True)
class MessageRemoval:
    """Why a message is removed; its place shows that."""

    reason: Annotated[str, Field(max_length=300)] = ""


def to_people(mentions: tuple[MentionedPerson, ...] | None) -> tuple[NamedPerson, ...]:
    """Return the people whom a text names."""
    return tuple(NamedPerson(label=each.label, person_id=each.person_id) for each in mentions or ())


def to_extras(
    mentions: tuple[MentionedPerson, ...] | None, quote_id: UUID | None, file_ids: tuple[UUID, ...] | None = None
) -> Extras:
    """Return what a message has besides its text."""
    return Extras(mentions=to_people(mentions), quote_id=quote_id, file_ids=file_ids or ())


def messages_router(commands: MessageCommands, marks: MessageMarks, queries: MessageQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1/rooms", tags=["chat"])
    _add_reading(router, queries)
    _add_words(router, commands)
    _add_marks(router, marks)
    return router


def _add_reading(router: APIRouter, queries: MessageQueries) -> None:
    @router.get("/{room_id}/messages/{message_id}")
    async def get_message(
        principal: Annotated[Principal, requires("chat:message:read")], room_id: UUID, message_id: UUID
    ) -> Message:
        """Return one message of a room."""
        return await queries.get(principal, room_id, message_id)

    @router.get("/{room_id}/messages/{message_id}/versions")
    async def list_versions(
        principal: Annotated[Principal, requires("chat:message:read")], room_id: UUID, message_id: UUID
    ) -> tuple[MessageVersion, ...]:
        """List the texts that a message had, and the one that it has."""
        return await queries.versions(principal, room_id, message_id)

    @router.get("/{room_id}/messages/{message_id}/reactions")
    async def list_reactions(
        principal: Annotated[Principal, requires("chat:message:read")], room_id: UUID, message_id: UUID
    ) -> tuple[ReactionPeople, ...]:
        """List who put which emoji on a message."""
        return await queries.reactions(principal, room_id, message_id)

    @router.get("/{room_id}/pins")
    async def list_pins(
        principal: Annotated[Principal, requires("chat:message:read")], room_id: UUID
    ) -> tuple[Message, ...]:
        """List the messages that are pinned to a room, what was pinned last first."""
        return await queries.pins(principal, room_id)


def _add_words(router: APIRouter, commands: MessageCommands) -> None:
    @router.patch("/{room_id}/messages/{message_id}", responses=refusals(409))
    async def edit_message(
        principal: Annotated[Principal, requires("chat:message:edit")],
        room_id: UUID,
        message_id: UUID,
        body: MessageEdit,
    ) -> Message:
        """Give one's own message another text. The room can see the versions before."""
        people = to_people(body.mentions)
        return await commands.edit(principal, room_id, message_id, text=body.text, mentions=people)

    @router.post("/{room_id}/messages/{message_id}/remove", responses=refusals(409))
    async def remove_message(
        principal: Annotated[Principal, requires("chat:message:remove")],
        room_id: UUID,
        message_id: UUID,
        body: MessageRemoval,
    ) -> Message:
        """Take a message's words away for good; its place shows who did. Others' messages only as a moderator."""
        return await commands.remove(principal, room_id, message_id, reason=body.reason)

    @router.post("/{room_id}/messages/{message_id}/withdraw", responses=refusals(409))
    async def withdraw_message(
        principal: Annotated[Principal, requires("chat:message:post")], room_id: UUID, message_id: UUID
    ) -> Message:
        """Take back what one sent within the last ten seconds, as if it had not been."""
        return await commands.withdraw(principal, room_id, message_id)


def _add_marks(router: APIRouter, marks: MessageMarks) -> None:
    @router.put("/{room_id}/messages/{message_id}/reactions/{emoji}", responses=refusals(409))
    async def add_reaction(
        principal: Annotated[Principal, requires("chat:message:react")], room_id: UUID, message_id: UUID, emoji: Emoji
    ) -> Message:
        """Put an emoji on a message."""
        return await marks.react(principal, room_id, message_id, emoji)

    @router.delete("/{room_id}/messages/{message_id}/reactions/{emoji}", responses=refusals(409))
    async def remove_reaction(
        principal: Annotated[Principal, requires("chat:message:react")], room_id: UUID, message_id: UUID, emoji: Emoji
    ) -> Message:
        """Take one's emoji off a message."""
        return await marks.unreact(principal, room_id, message_id, emoji)

    @router.put("/{room_id}/messages/{message_id}/pin", responses=refusals(409))
    async def pin_message(
        principal: Annotated[Principal, requires("chat:message:pin")], room_id: UUID, message_id: UUID
    ) -> Message:
        """Pin a message to its room."""
        return await marks.pin(principal, room_id, message_id)

    @router.delete("/{room_id}/messages/{message_id}/pin", responses=refusals(409))
    async def unpin_message(
        principal: Annotated[Principal, requires("chat:message:pin")], room_id: UUID, message_id: UUID
    ) -> Message:
        """Take a message from the pins of its room."""
        return await marks.unpin(principal, room_id, message_id)
