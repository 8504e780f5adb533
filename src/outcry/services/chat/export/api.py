"""The endpoint that exports a room."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field

from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.services.chat.export import json_file, markdown_file
from outcry.services.chat.export.commands import LONGEST_REASON, RoomExports
from outcry.services.chat.export.contracts import ExportForm

_KINDS = {"json": (json_file.MEDIA_TYPE, "json"), "markdown": (markdown_file.MEDIA_TYPE, "md")}
_CONTENT: dict[str, Any] = {media_type: {} for media_type, _ in _KINDS.values()}
# How many messages come, for who wants to see how far it is.
COUNT_HEADER = "outcry-message-count"


@dataclass(frozen=True, kw_only=True)
class WantedExport:
    """What to export a room as. ``reason`` is needed of who does not own the room."""

    form: ExportForm
    reason: Annotated[str, Field(max_length=LONGEST_REASON)] = ""


def export_router(exports: RoomExports) -> APIRouter:
    """Return the endpoint, bound to these exports."""
    router = APIRouter(prefix="/api/v1/rooms", tags=["chat"])

    @router.post(
        "/{room_id}/export", response_class=StreamingResponse, responses={200: {"content": _CONTENT}, **refusals(409)}
    )
    async def export_room(
        principal: Annotated[Principal, requires("chat:room:export")], room_id: UUID, body: WantedExport
    ) -> StreamingResponse:
        """Give out a whole room: JSON with everything, or Markdown to be read. It is noted in the audit log."""
        export = await exports.begin(principal, room_id, form=body.form, reason=body.reason)
        media_type, ending = _KINDS[body.form]
        headers = {
            "content-disposition": f'attachment; filename="outcry-room-{room_id}.{ending}"',
            "cache-control": "no-store",
            COUNT_HEADER: str(export.head.messages),
        }
        return StreamingResponse(exports.stream(export), media_type=media_type, headers=headers)

    return router
