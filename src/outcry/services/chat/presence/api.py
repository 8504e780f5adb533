"""The endpoints of presence."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StrictBool

from outcry.kit.http import Moment, requires
from outcry.kit.principal import Principal
from outcry.services.chat.presence.commands import PresenceCommands
from outcry.services.chat.presence.contracts import Chosen, RoomPresence, Standing
from outcry.services.chat.presence.queries import PresenceQueries


@dataclass(frozen=True, kw_only=True)
class StandingChoice:
    """What a person wants to be, whole: what is left out is as if they had chosen nothing."""

    state: Chosen = "auto"
    until: Moment | None = None
    text: Annotated[str, Field(max_length=400)] = ""
    emoji: Annotated[str, Field(max_length=40)] = ""
    receipts: StrictBool = True


def presence_router(commands: PresenceCommands, queries: PresenceQueries) -> APIRouter:
    """Return the router over these commands and queries."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.get("/presence")
    async def get_standing(principal: Annotated[Principal, requires("chat:presence:read")]) -> Standing:
        """Return what the person chose to be, and whether they show receipts."""
        return await queries.get_standing(principal)

    @router.put("/presence")
    async def change_standing(
        principal: Annotated[Principal, requires("chat:presence:change")], body: StandingChoice
    ) -> Standing:
        """Choose a state, a status and an end of both, and whether receipts are shown."""
        chosen = Standing(state=body.state, until=body.until, text=body.text, emoji=body.emoji, receipts=body.receipts)
        return await commands.choose(principal, chosen)

    @router.get("/rooms/{room_id}/presence")
    async def get_presence(
        principal: Annotated[Principal, requires("chat:presence:read")], room_id: UUID
    ) -> RoomPresence:
        """Say how the people of a room are, and from where to follow changes of that."""
        return await queries.room_presence(principal, room_id)

    return router
