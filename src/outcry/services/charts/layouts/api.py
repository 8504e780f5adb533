"""HTTP endpoints of layouts and templates."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.params import Depends
from pydantic import ConfigDict, Field, StrictBool, with_config

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.charts.layouts.commands import Arrangement, LayoutCommands
from outcry.services.charts.layouts.contracts import ChartLayout, Layout, LayoutKind, LayoutList
from outcry.services.charts.layouts.queries import LayoutQueries

_READ: Depends = requires("charts:layout:read")
_CHANGE: Depends = requires("charts:layout:change")

Name = Annotated[str, Field(max_length=400)]
_strict = with_config(ConfigDict(extra="forbid"))


@_strict
@dataclass(frozen=True, kw_only=True)
class NewLayout:
    """A layout to keep, or a template; ``shared`` lets the organisation see it."""

    kind: LayoutKind = "layout"
    name: Name
    shared: StrictBool = False
    chart: ChartLayout


@_strict
@dataclass(frozen=True, kw_only=True)
class LayoutChange:
    """What a layout that is at ``version`` is to be, whole."""

    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    name: Name
    shared: StrictBool = False
    chart: ChartLayout


@_strict
@dataclass(frozen=True, kw_only=True)
class DefaultLayout:
    """Which layout charts open with; null for none."""

    layout_id: UUID | None


def make_router(commands: LayoutCommands, queries: LayoutQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1/layouts", tags=["charts"])

    @router.get("")
    async def list_layouts(
        principal: Annotated[Principal, _READ],
        kind: Annotated[LayoutKind | None, Query(description="Only layouts, or only templates.")] = None,
    ) -> LayoutList:
        """List the person's layouts and templates and those that are shared with the organisation."""
        return await queries.list_layouts(principal, kind)

    @router.post("", status_code=201)
    async def create_layout(principal: Annotated[Principal, _CHANGE], body: NewLayout) -> Layout:
        """Keep how a chart is arranged. A template has no symbol, timeframe and instruments to compare."""
        wanted = Arrangement(name=body.name, shared=body.shared, chart=body.chart)
        return await commands.create(principal, body.kind, wanted)

    @router.put("/default", status_code=204)
    async def set_default_layout(principal: Annotated[Principal, _CHANGE], body: DefaultLayout) -> None:
        """Choose the layout that the person's charts open with."""
        await commands.choose(principal, body.layout_id)

    @router.get("/{layout_id}")
    async def get_layout(layout_id: UUID, principal: Annotated[Principal, _READ]) -> Layout:
        """Return one, whole."""
        return await queries.get_layout(principal, layout_id)

    @router.put("/{layout_id}")
    async def change_layout(layout_id: UUID, principal: Annotated[Principal, _CHANGE], body: LayoutChange) -> Layout:
        """Make a layout another one. 409 `layout_changed` when it is at another version; `present` is how it is."""
        wanted = Arrangement(name=body.name, shared=body.shared, chart=body.chart)
        return await commands.change(principal, layout_id, version=body.version, wanted=wanted)

    @router.delete("/{layout_id}", status_code=204)
    async def delete_layout(
        layout_id: UUID,
        principal: Annotated[Principal, _CHANGE],
        version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The version that was seen.")] = None,
    ) -> None:
        """Remove a layout."""
        await commands.delete(principal, layout_id, version=version)

    return router
