"""The endpoints of link previews."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StrictBool

from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message
from outcry.services.chat.previews.commands import PreviewCommands
from outcry.services.chat.previews.contracts import PreviewSetting
from outcry.services.chat.previews.queries import PreviewQueries

# A page that is fetched again is another preview. The browser of a guest who has to leave forgets it too.
_CACHING = "private, max-age=3600"


@dataclass(frozen=True, kw_only=True)
class PreviewChoice:
    """Whether links are looked at from now on."""

    enabled: StrictBool


def previews_router(commands: PreviewCommands, queries: PreviewQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.delete("/rooms/{room_id}/messages/{message_id}/previews/{preview_id}", responses=refusals(409))
    async def remove_preview(
        principal: Annotated[Principal, requires("chat:message:edit")],
        room_id: UUID,
        message_id: UUID,
        preview_id: UUID,
    ) -> Message:
        """Take a link's preview off one's own message, as a moderator off any. Its links get no other one."""
        return await commands.remove(principal, room_id, message_id, preview_id)

    @router.get(
        "/rooms/{room_id}/messages/{message_id}/previews/{preview_id}/picture",
        response_class=Response,
        responses={200: {"content": {"image/webp": {}}}},
    )
    async def get_preview_picture(
        principal: Annotated[Principal, requires("chat:message:read")],
        room_id: UUID,
        message_id: UUID,
        preview_id: UUID,
    ) -> Response:
        """Return the picture of a link's preview, as WebP of at most 640 by 400 pixels."""
        data = await queries.picture(principal, room_id, message_id, preview_id)
        return Response(data, media_type="image/webp", headers={"cache-control": _CACHING})

    @router.get("/link-previews")
    async def get_link_previews(
        principal: Annotated[Principal, requires("chat:preview:manage")],
    ) -> PreviewSetting:
        """Return whether the links that are posted in the organisation are looked at."""
        return await queries.setting(principal)

    @router.put("/link-previews")
    async def set_link_previews(
        principal: Annotated[Principal, requires("chat:preview:manage")], body: PreviewChoice
    ) -> PreviewSetting:
        """Have links looked at from now on, or not."""
        return await commands.switch(principal, enabled=body.enabled)

    return router
