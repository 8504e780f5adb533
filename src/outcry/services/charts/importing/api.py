"""HTTP endpoints of imports."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from outcry.kit.errors import InvalidInputError, MalformedRequestError, UnsupportedMediaError
from outcry.kit.http import refusals, requires
from outcry.kit.market import Timeframe
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.charts.importing.commands import MOST_FILES, ImportCommands
from outcry.services.charts.importing.contracts import Import, RefusedRow
from outcry.services.charts.importing.queries import MOST_SHOWN, ImportQueries
from outcry.services.charts.importing.report import ImportOptions

_READ = requires("charts:import:read")
_CREATE = requires("charts:import:create")
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1, "maxItems": MOST_FILES}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": _FILES}}}
        },
    }
}
Cursor = Annotated[str | None, Query(max_length=500)]


def import_router(commands: ImportCommands, queries: ImportQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["imports"])
    _add_writing(router, commands, queries)
    _add_reading(router, queries)
    return router


def _add_writing(router: APIRouter, commands: ImportCommands, queries: ImportQueries) -> None:
    @router.post("/imports", status_code=202, openapi_extra=_BODY, responses=refusals(413, 415))
    async def create_import(
        request: Request,
        principal: Annotated[Principal, _CREATE],
        symbol: Annotated[str | None, Query(max_length=64, description="Where the files do not name it.")] = None,
        timeframe: Annotated[Timeframe | None, Query(description="Where the spacing of bars misleads.")] = None,
        zone: Annotated[str | None, Query(max_length=64, description="The IANA zone of times without one.")] = None,
        date_format: Annotated[
            str | None, Query(max_length=64, description="ymd, mdy, dmy or a strptime pattern.")
        ] = None,
        skip_bad_rows: Annotated[bool, Query(description="Import the good rows of a file that has bad ones.")] = False,
        dry_run: Annotated[bool, Query(description="Say what would happen, and change nothing.")] = False,
    ) -> Import:
        """Upload CSV, JSON lines or Parquet files, each as a part named `file`, and begin to import them.

        They become bars of the organisation, each file whole or not at all. `GET /api/v1/imports/{import_id}` and the
        topic `job:<import_id>` say how far it is. A file that lacks something is refused with `field` naming the
        parameter to send it again with.
        """
        options = ImportOptions(
            symbol=symbol,
            timeframe=timeframe,
            zone=_zone(zone),
            date_format=date_format,
            skip_bad_rows=skip_bad_rows,
            ask_zone=True,
            dry_run=dry_run,
        )
        return await queries.get(principal.tenant_id, await _take(request, principal, commands, options))


def _add_reading(router: APIRouter, queries: ImportQueries) -> None:
    @router.get("/imports")
    async def list_imports(
        principal: Annotated[Principal, _READ],
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Cursor = None,
    ) -> Page[Import]:
        """List the organisation's imports, the newest first."""
        return await queries.list_imports(principal.tenant_id, cursor=cursor, limit=limit)

    @router.get("/imports/{import_id}")
    async def get_import(import_id: UUID, principal: Annotated[Principal, _READ]) -> Import:
        """Say how far an import is, and what became of its files."""
        return await queries.get(principal.tenant_id, import_id)

    @router.get("/imports/{import_id}/rows")
    async def list_refused_rows(
        import_id: UUID,
        principal: Annotated[Principal, _READ],
        limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = 100,
        cursor: Cursor = None,
    ) -> Page[RefusedRow]:
        """List the rows that an import refused, with their line and the reason; up to 100,000 of a file are kept."""
        return await queries.list_rows(principal.tenant_id, import_id, cursor=cursor, limit=limit)

    @router.get(
        "/imports/{import_id}/rows.csv",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {}}}},
    )
    async def download_refused_rows(import_id: UUID, principal: Annotated[Principal, _READ]) -> StreamingResponse:
        """Download the rows that an import refused, as CSV."""
        found = await queries.get(principal.tenant_id, import_id)
        names = [one.name for one in found.files]
        headers = {"content-disposition": f'attachment; filename="refused-rows-{import_id}.csv"'}
        lines = _lines(names, queries.all_rows(principal.tenant_id, import_id))
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _take(request: Request, principal: Principal, commands: ImportCommands, options: ImportOptions) -> UUID:
    """Read the upload, which goes to the disk as it comes, and begin the import."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaError("Files come as multipart/form-data, each as a part named file.")
    try:
        async with request.form(max_files=MOST_FILES, max_fields=10, max_part_size=10_000) as form:
            parts = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
            uploads = [(part.filename or "", part.file) for part in parts]
            return await commands.begin(principal, uploads, options)
    except ClientDisconnect as error:
        raise MalformedRequestError("The upload did not come to its end.") from error
    except HTTPException as error:
        raise MalformedRequestError(f"Send a form with 1 to {MOST_FILES} files, each as a part named file.") from error


def _zone(name: str | None) -> str | None:
    if name is not None and name not in available_timezones():
        raise InvalidInputError(
            "zone must be an IANA name such as America/New_York.",
            errors=({"field": "zone", "message": "must be an IANA name such as America/New_York"},),
        )
    return name


async def _lines(names: list[str], rows: AsyncIterator[RefusedRow]) -> AsyncIterator[str]:
    yield "file,line,reason\r\n"
    async for row in rows:
        name = names[row.file] if row.file < len(names) else ""
        yield f"{_cell(name)},{row.line},{_cell(row.reason)}\r\n"


def _cell(text: str) -> str:
    """Quote a text; one that a spreadsheet would take for a formula gets an apostrophe before it."""
    plain = f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
    return '"' + plain.replace('"', '""') + '"'
