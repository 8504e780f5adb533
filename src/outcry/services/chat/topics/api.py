"""Endpoints of topics."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field, StrictBool

from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message, Topic
from outcry.services.chat.topics.commands import TopicCommands
from outcry.services.chat.topics.contracts import FoundTopic
from outcry.services.chat.topics.queries import TopicQueries

Title = Annotated[str, Field(max_length=400)]


@dataclass(frozen=True, kw_only=True)
class NewTopic:
    """A topic to start: with a title, or from a message, whose first words are the title then."""

    title: Title | None = None
    message_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class TopicChange:
    """What to change of a topic; what is left out stays."""

    title: Title | None = None
    archived: StrictBool | None = None


@dataclass(frozen=True, kw_only=True)
class TopicChoice:
    """The topic that a message is to belong to; null is the main stream."""

    topic_id: UUID | None


def topics_router(commands: TopicCommands, queries: TopicQueries) -> APIRouter:
    """Return the endpoints, bound to these commands and queries."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.get("/topics")
    async def find_topics(
        principal: Annotated[Principal, requires("chat:topic:read")],
        words: Annotated[str, Query(min_length=1, max_length=100, description="A part of the title.")],
        limit: Annotated[int, Query(ge=1, le=50, description="Most items.")] = 10,
    ) -> tuple[FoundTopic, ...]:
        """Find topics by their title, in all rooms that the person is in."""
        return await queries.find_topics(principal, words=words, limit=limit)

    router.routes.extend(_of_a_room(commands, queries).routes)
    return router


def _of_a_room(commands: TopicCommands, queries: TopicQueries) -> APIRouter:
    router = APIRouter(prefix="/api/v1/rooms/{room_id}", tags=["chat"])

    @router.get("/topics")
    async def list_topics(
        principal: Annotated[Principal, requires("chat:topic:read")],
        room_id: UUID,
        archived: bool = False,
        cursor: Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=200, description="Most items of a page.")] = 50,
    ) -> Page[Topic]:
        """List a room's topics, the newest activity first."""
        return await queries.list_topics(principal, room_id, archived=archived, cursor=cursor, limit=limit)

    @router.post("/topics", status_code=201, responses=refusals(409))
    async def start_topic(
        principal: Annotated[Principal, requires("chat:topic:change")], room_id: UUID, body: NewTopic
    ) -> Topic:
        """Start a topic, empty or from a message. A message has one: asked again, it is returned."""
        return await commands.start(principal, room_id, title=body.title, message_id=body.message_id)

    @router.get("/topics/{topic_id}")
    async def get_topic(
        principal: Annotated[Principal, requires("chat:topic:read")], room_id: UUID, topic_id: UUID
    ) -> Topic:
        """Return one topic."""
        return await queries.get_topic(principal, room_id, topic_id)

    @router.patch("/topics/{topic_id}")
    async def change_topic(
        principal: Annotated[Principal, requires("chat:topic:change")],
        room_id: UUID,
        topic_id: UUID,
        body: TopicChange,
    ) -> Topic:
        """Rename a topic, archive it or bring it back."""
        return await commands.change(principal, room_id, topic_id, title=body.title, archived=body.archived)

    @router.put("/messages/{message_id}/topic", responses=refusals(409))
    async def move_message(
        principal: Annotated[Principal, requires("chat:topic:change")],
        room_id: UUID,
        message_id: UUID,
        body: TopicChoice,
    ) -> tuple[Message, ...]:
        """Move a message, with its reply, to a topic or to the main stream; for moderators."""
        return await commands.move(principal, room_id, message_id, topic_id=body.topic_id)

    return router
