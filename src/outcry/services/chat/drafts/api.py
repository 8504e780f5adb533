"""The endpoints of drafts."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.chat.drafts.commands import LONGEST, Drafts, SavedDraft


@dataclass(frozen=True, kw_only=True)
class DraftText:
    """What is written so far, in a topic of the room or in its main stream."""

    text: Annotated[str, Field(max_length=LONGEST)]
    topic_id: UUID | None = None


def drafts_router(drafts: Drafts) -> APIRouter:
    """Return the endpoints, bound to these drafts."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])

    @router.get("/drafts")
    async def list_drafts(principal: Annotated[Principal, requires("chat:message:post")]) -> tuple[SavedDraft, ...]:
        """List what the person has written and not sent, the newest first."""
        return await drafts.list_all(principal)

    @router.put("/rooms/{room_id}/draft")
    async def save_draft(
        principal: Annotated[Principal, requires("chat:message:post")], room_id: UUID, body: DraftText
    ) -> SavedDraft:
        """Keep what the person is writing, for all their devices; an empty text lets go of it."""
        return await drafts.save(principal, room_id, text=body.text, topic_id=body.topic_id)

    return router
