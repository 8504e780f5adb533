"""HTTP endpoints of pictures of charts."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.params import Depends

from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.services.charts.rendering.asking import PictureWish
from outcry.services.charts.rendering.pictures import Pictures
from outcry.services.charts.rendering.queries import PictureQueries

_READ: Depends = requires("charts:picture:read")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]
Known = Annotated[str | None, Header(max_length=200)]
Scale = Annotated[int, Query(ge=1, le=2, description="Pixels of the file for each pixel of the picture.")]

_SVG, _PNG = "image/svg+xml", "image/png"


def file_responses(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Return what a route that answers with a file of this type tells of its answers."""
    file: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {}}}}
    return {**file, 304: {"description": "It is still the same."}, **refusals(404)}


def make_router(queries: PictureQueries, pictures: Pictures) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get(
        "/instruments/{symbol}/chart.svg",
        response_class=Response,
        responses=file_responses(_SVG),
    )
    async def get_chart_svg(
        symbol: Symbol,
        principal: Annotated[Principal, _READ],
        wish: Annotated[PictureWish, Query()],
        if_none_match: Known = None,
    ) -> Response:
        """Return a picture of a chart as SVG: prices, volume, studies, drawings, instruments to compare."""
        picture = await queries.get_picture(principal, symbol, wish)
        return to_response((await pictures.to_svg(picture)).encode(), _SVG, if_none_match)

    @router.get(
        "/instruments/{symbol}/chart.png",
        response_class=Response,
        responses=file_responses(_PNG),
    )
    async def get_chart_png(
        symbol: Symbol,
        principal: Annotated[Principal, _READ],
        wish: Annotated[PictureWish, Query()],
        pixel_ratio: Scale = 1,
        if_none_match: Known = None,
    ) -> Response:
        """Return the same picture as PNG."""
        picture = await queries.get_picture(principal, symbol, wish)
        png = await pictures.to_png(principal.tenant_id, picture, scale=pixel_ratio)
        return to_response(png, _PNG, if_none_match)

    return router


def to_response(body: bytes, media_type: str, known: str | None) -> Response:
    """Return a file, or that it is still the one that the client has."""
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if known is not None and tag in known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
