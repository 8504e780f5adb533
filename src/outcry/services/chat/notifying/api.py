"""The endpoints of notices."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StrictBool

from outcry.kit.http import Moment, public, refusals, requires
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import NoticeLevel, Room
from outcry.services.chat.notifying.commands import LONGEST_WAIT_MINUTES, NoticeCommands
from outcry.services.chat.notifying.contracts import NoticeChoice, QuietHours


@dataclass(frozen=True, kw_only=True)
class NewChoice:
    """How a person wants to be told, whole: what is left out is as usual."""

    zone: Annotated[str, Field(min_length=1, max_length=64)]
    quiet: QuietHours | None = None
    mail: NoticeLevel = "mentions"
    mail_after: Annotated[int, Field(ge=1, le=LONGEST_WAIT_MINUTES)] = 15


@dataclass(frozen=True, kw_only=True)
class RoomNotices:
    """What to be told of a room; what is left out stays. A mute without an end lasts until it is taken away."""

    notices: NoticeLevel | None = None
    muted: StrictBool | None = None
    muted_until: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class MailToken:
    """What stands in the link at the end of a mail."""

    token: Annotated[str, Field(min_length=1, max_length=64)]


def notices_router(commands: NoticeCommands) -> APIRouter:
    """Return the endpoints, bound to these commands."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.get("/notifications")
    async def get_notifications(principal: Annotated[Principal, requires("chat:notice:read")]) -> NoticeChoice:
        """Return how the person is told of what is new."""
        return await commands.get(principal)

    @router.put("/notifications")
    async def choose_notifications(
        principal: Annotated[Principal, requires("chat:notice:change")], body: NewChoice
    ) -> NoticeChoice:
        """Choose quiet hours and mails."""
        choice = NoticeChoice(zone=body.zone, quiet=body.quiet, mail=body.mail, mail_after=body.mail_after)
        return await commands.choose(principal, choice)

    @router.patch("/rooms/{room_id}/notifications")
    async def choose_room_notifications(
        principal: Annotated[Principal, requires("chat:notice:change")], room_id: UUID, body: RoomNotices
    ) -> Room:
        """Choose what to be told of a room, and mute it, for a time or until it is taken away."""
        return await commands.choose_for_room(
            principal, room_id, notices=body.notices, muted=body.muted, muted_until=body.muted_until
        )

    @router.post("/notifications/stop-mails", status_code=204, dependencies=[public()], responses=refusals(404))
    async def stop_mails(body: MailToken) -> None:
        """Switch off somebody's mails, by the link in one of them."""
        await commands.stop_mails(body.token)

    return router
