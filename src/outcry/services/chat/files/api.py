"""The endpoints of files."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from outcry.kit.errors import MalformedRequestError
from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.files.commands import FileCommands
from outcry.services.chat.files.contracts import RoomFile
from outcry.services.chat.files.headers import BYTES, file_headers
from outcry.services.chat.files.kinds import MessageFile
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.files.queries import MOST, FileQueries
from outcry.services.chat.files.ranges import read_range

_READ = requires("chat:file:read")
_UPLOAD = requires("chat:file:upload")
_BODY = {"requestBody": {"required": True, **BYTES}}


def files_router(commands: FileCommands, queries: FileQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])
    _add_writing(router, commands)
    _add_bytes(router, queries)

    @router.get("/rooms/{room_id}/files")
    async def list_room_files(
        principal: Annotated[Principal, _READ],
        room_id: UUID,
        which: Annotated[Literal["all", "images", "others"], Query(description="Pictures, all else, or both.")] = "all",
        cursor: Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Most items of a page.")] = 30,
    ) -> Page[RoomFile]:
        """List the files of a room, those of the newest message first."""
        return await queries.list_in_room(principal, room_id, which=which, cursor=cursor, limit=limit)

    return router


def _add_writing(router: APIRouter, commands: FileCommands) -> None:
    @router.post("/files", status_code=201, openapi_extra=_BODY, responses=refusals(404, 409, 413))
    async def upload_file(
        request: Request,
        principal: Annotated[Principal, _UPLOAD],
        room_id: Annotated[UUID, Query(description="The room that it is going to be posted to.")],
        name: Annotated[str, Query(max_length=1_000, description="What it is called.")] = "",
    ) -> MessageFile:
        """Send a file, its bytes as the body; then post it by its id with a message (`file_ids`) within a day.

        What it is, its bytes say, whatever its name and type claim. Out of pictures go place, camera and comments.
        """
        try:
            return await commands.upload(principal, room_id, name=name, body=request.stream())
        except ClientDisconnect as error:
            raise MalformedRequestError("The upload did not come to its end.") from error

    @router.delete("/files/{file_id}", status_code=204)
    async def discard_file(principal: Annotated[Principal, _UPLOAD], file_id: UUID) -> None:
        """Let go of a file that one has sent and not posted."""
        await commands.discard(principal, file_id)


def _add_bytes(router: APIRouter, queries: FileQueries) -> None:
    @router.get(
        "/files/{file_id}",
        response_class=StreamingResponse,
        responses={200: BYTES, 206: BYTES, 304: {"description": "It is still the same."}, **refusals(416)},
    )
    async def get_file(
        principal: Annotated[Principal, _READ],
        file_id: UUID,
        range_: Annotated[str, Header(alias="range", max_length=200, description="One part of it.")] = "",
        if_range: Annotated[str, Header(max_length=200)] = "",
        if_none_match: Annotated[str, Header(max_length=200)] = "",
    ) -> Response:
        """Return the bytes of a file, or a part of them, to who is in its room now. A browser shows only pictures."""
        row = await queries.get(principal, file_id)
        headers = file_headers(row)
        if _is_known(if_none_match, row):
            return Response(status_code=304, headers=headers)
        span = read_range(range_, row.size) if not if_range or _is_known(if_range, row) else None
        start, end = (span.start, span.end) if span else (0, row.size)
        headers |= {"content-length": str(end - start)}
        if span:
            headers |= {"content-range": f"bytes {start}-{end - 1}/{row.size}"}
        parts = queries.store.parts(row.tenant_id, row.digest, start, end)
        return StreamingResponse(parts, status_code=206 if span else 200, headers=headers)

    @router.get(
        "/files/{file_id}/thumbnail",
        response_class=Response,
        responses={200: {"content": {"image/webp": {}}}},
    )
    async def get_thumbnail(principal: Annotated[Principal, _READ], file_id: UUID) -> Response:
        """Return a picture drawn smaller, as WebP of 720 pixels at most."""
        row, data = await queries.thumbnail(principal, file_id)
        headers = file_headers(row) | {"content-type": "image/webp", "content-disposition": "inline"}
        return Response(data, headers=headers)


def _is_known(header: str, row: FileRow) -> bool:
    return f'"{row.digest}"' in header
