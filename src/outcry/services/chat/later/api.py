"""The endpoints of sending later."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from outcry.kit.http import Moment, refusals, requires
from outcry.kit.principal import Principal
from outcry.services.chat.later.commands import LaterMessages
from outcry.services.chat.later.contracts import LaterMessage
from outcry.services.chat.messages.api import Mentions, to_extras

Zone = Annotated[str, Field(min_length=1, max_length=64)]


@dataclass(frozen=True, kw_only=True)
class NewLater:
    """A message to send at a time. ``zone`` is the person's, in which they chose it."""

    text: Annotated[str, Field(max_length=100_000)]
    due_at: Moment
    zone: Zone
    mentions: Mentions | None = None
    quote_id: UUID | None = None
    topic_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class LaterChange:
    """What to change of a message that waits; what is left out stays."""

    text: Annotated[str, Field(max_length=100_000)] | None = None
    due_at: Moment | None = None
    zone: Zone | None = None


def later_router(messages: LaterMessages) -> APIRouter:
    """Return the endpoints, bound to these messages."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.post("/rooms/{room_id}/later", status_code=201, responses=refusals(409))
    async def send_later(
        principal: Annotated[Principal, requires("chat:message:post")], room_id: UUID, body: NewLater
    ) -> LaterMessage:
        """Have a message sent at a time."""
        return await messages.write(
            principal,
            room_id,
            text=body.text,
            due_at=body.due_at,
            zone=body.zone,
            extras=to_extras(body.mentions, body.quote_id),
            topic_id=body.topic_id,
        )

    @router.get("/later")
    async def list_later(principal: Annotated[Principal, requires("chat:message:post")]) -> tuple[LaterMessage, ...]:
        """List the person's messages that wait for their time, or could not be sent then."""
        return await messages.list_all(principal)

    @router.patch("/later/{later_id}")
    async def change_later(
        principal: Annotated[Principal, requires("chat:message:post")], later_id: UUID, body: LaterChange
    ) -> LaterMessage:
        """Give a message that waits other words or another time."""
        return await messages.change(principal, later_id, text=body.text, due_at=body.due_at, zone=body.zone)

    @router.delete("/later/{later_id}", status_code=204)
    async def cancel_later(principal: Annotated[Principal, requires("chat:message:post")], later_id: UUID) -> None:
        """Take a message away before it is sent."""
        await messages.cancel(principal, later_id)

    return router
