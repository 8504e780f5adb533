"""Endpoints of what is a person's own: to have it all, and to have it gone."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import DEVICE_COOKIE, PREFIX, REFRESH_COOKIE, drop_cookie
from outcry.services.auth.commands.erasure import Eraser
from outcry.services.auth.commands.export import Exporter, read_chunks

_ZIP = "application/zip"


class ErasureInput(BaseModel):
    """The confirmation of an erasure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Annotated[str, Field(max_length=1_000, description="The e-mail address of the account, typed again.")]


def privacy_router(exporter: Exporter, eraser: Eraser) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/me/export", response_class=StreamingResponse, responses={200: {"content": {_ZIP: {}}}})
    async def export_me(
        principal: Annotated[Principal, requires("auth:privacy:manage", fresh=True)],
    ) -> StreamingResponse:
        """Return a zip of everything that is held of the person, of every service."""
        packed = await exporter.export_me(principal)
        headers = {"content-disposition": 'attachment; filename="outcry-export.zip"', "cache-control": "no-store"}
        return StreamingResponse(read_chunks(packed), media_type=_ZIP, headers=headers)

    @router.post("/me/erasure", status_code=204)
    async def erase_me(
        principal: Annotated[Principal, requires("auth:privacy:manage", fresh=True)],
        body: ErasureInput,
        request: Request,
        response: Response,
    ) -> None:
        """Erase the person for good, and the organisations where they are alone; a 409 says what has to go first."""
        await eraser.erase_me(principal, email=body.email)
        for cookie in (REFRESH_COOKIE, DEVICE_COOKIE):
            drop_cookie(response, request, cookie)

    return router
