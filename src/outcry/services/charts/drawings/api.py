"""HTTP endpoints of drawings."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.params import Depends
from pydantic import Field

from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.charts.drawings.commands import DrawingCommands
from outcry.services.charts.drawings.contracts import (
    MOST_POINTS,
    ActTurned,
    Drawing,
    DrawingList,
    DrawingVersion,
    Kind,
    Point,
    Style,
)
from outcry.services.charts.drawings.queries import DrawingQueries
from outcry.services.charts.drawings.rules import Content
from outcry.services.charts.drawings.undoing import Undoing

_READ: Depends = requires("charts:drawing:read")
_CHANGE: Depends = requires("charts:drawing:change")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]
RoomId = Annotated[UUID | None, Query(description="The room whose chart it is; without it the person's own.")]
Points = Annotated[tuple[Point, ...], Field(min_length=1, max_length=MOST_POINTS)]
DrawingText = Annotated[str, Field(max_length=2_000)]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]


@dataclass(frozen=True, kw_only=True)
class NewDrawing:
    """A drawing to make; for whom, the query says."""

    kind: Kind
    points: Points
    style: Style = field(default_factory=Style)
    text: DrawingText = ""


@dataclass(frozen=True, kw_only=True)
class DrawingChange:
    """What to change of a drawing that is at ``version``; what is left out stays."""

    version: Version
    points: Points | None = None
    style: Style | None = None
    text: DrawingText | None = None


@dataclass(frozen=True, kw_only=True)
class DrawingRestoration:
    """Make a drawing that is at ``version`` as it was at version ``to``."""

    version: Version
    to: Version


@dataclass(frozen=True, kw_only=True)
class DrawingDrag:
    """Where somebody moves a drawing at this moment; no points when they let go without a change."""

    points: Annotated[tuple[Point, ...], Field(max_length=MOST_POINTS)]


def make_router(commands: DrawingCommands, queries: DrawingQueries, undoing: Undoing) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])
    _add_chart(router, commands, queries)
    _add_turning(router, undoing)
    _add_single(router, commands)
    return router


def _add_chart(router: APIRouter, commands: DrawingCommands, queries: DrawingQueries) -> None:
    @router.get("/instruments/{symbol}/drawings", responses=refusals(404))
    async def list_drawings(
        symbol: Symbol, principal: Annotated[Principal, _READ], room_id: RoomId = None
    ) -> DrawingList:
        """Return all drawings on a chart, and the topics on which to follow it."""
        return await queries.list_drawings(principal, symbol, room_id)

    @router.post("/instruments/{symbol}/drawings", status_code=201)
    async def create_drawing(
        symbol: Symbol, principal: Annotated[Principal, _CHANGE], body: NewDrawing, room_id: RoomId = None
    ) -> Drawing:
        """Draw on a chart; 200 drawings are the most on one."""
        content = Content(points=body.points, style=body.style, text=body.text)
        return await commands.create(principal, symbol, room_id, kind=body.kind, content=content)

    @router.get("/instruments/{symbol}/drawings/history")
    async def list_drawing_history(
        symbol: Symbol,
        principal: Annotated[Principal, _READ],
        room_id: RoomId = None,
        drawing_id: Annotated[UUID | None, Query(description="Only what was done to this drawing.")] = None,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[DrawingVersion]:
        """Return who changed what and when, newest first; of each drawing its newest 100 versions."""
        return await queries.history(principal, symbol, room_id, drawing_id=drawing_id, cursor=cursor, limit=limit)


def _add_turning(router: APIRouter, undoing: Undoing) -> None:
    @router.post("/instruments/{symbol}/drawings/undo")
    async def undo_drawing(
        symbol: Symbol, principal: Annotated[Principal, _CHANGE], room_id: RoomId = None
    ) -> ActTurned:
        """Take back the person's own last act on a chart, unless others have changed the drawing since."""
        return await undoing.turn(principal, symbol, room_id, "undo")

    @router.post("/instruments/{symbol}/drawings/redo")
    async def redo_drawing(
        symbol: Symbol, principal: Annotated[Principal, _CHANGE], room_id: RoomId = None
    ) -> ActTurned:
        """Do again what the person took back last."""
        return await undoing.turn(principal, symbol, room_id, "redo")


def _add_single(router: APIRouter, commands: DrawingCommands) -> None:
    @router.patch("/drawings/{drawing_id}")
    async def change_drawing(
        drawing_id: UUID, principal: Annotated[Principal, _CHANGE], body: DrawingChange
    ) -> Drawing:
        """Change a drawing. 409 `drawing_changed` when it is at another version; `present` is how it is now."""
        return await commands.change(
            principal, drawing_id, version=body.version, points=body.points, style=body.style, text=body.text
        )

    @router.delete("/drawings/{drawing_id}", status_code=204)
    async def delete_drawing(
        drawing_id: UUID,
        principal: Annotated[Principal, _CHANGE],
        version: Annotated[
            int | None, Query(ge=1, le=2**31 - 1, description="The version that the person has seen; else any.")
        ] = None,
    ) -> None:
        """Take a drawing off its chart."""
        await commands.delete(principal, drawing_id, version=version)

    @router.post("/drawings/{drawing_id}/restore")
    async def restore_drawing(
        drawing_id: UUID, principal: Annotated[Principal, _CHANGE], body: DrawingRestoration
    ) -> Drawing:
        """Make a drawing as it was at an earlier version, also one that is deleted; that is a new version."""
        return await commands.restore(principal, drawing_id, version=body.version, to=body.to)

    @router.post("/drawings/{drawing_id}/drag", status_code=204)
    async def drag_drawing(drawing_id: UUID, principal: Annotated[Principal, _CHANGE], body: DrawingDrag) -> None:
        """Show others where a drawing is being moved, a few times a second at most; nothing is stored."""
        await commands.drag(principal, drawing_id, points=body.points)
