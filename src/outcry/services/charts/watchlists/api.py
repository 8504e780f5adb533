"""HTTP endpoints of watchlists."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.params import Depends
from pydantic import ConfigDict, Field, StrictBool, with_config

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.charts.watchlists.commands import MOST_WATCHLISTS, Selection, WatchlistCommands
from outcry.services.charts.watchlists.contracts import MOST_SYMBOLS, Watchlist, WatchlistView
from outcry.services.charts.watchlists.queries import WatchlistQueries

_READ: Depends = requires("charts:watchlist:read")
_CHANGE: Depends = requires("charts:watchlist:change")

Name = Annotated[str, Field(max_length=400)]
Symbols = Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=MOST_SYMBOLS)]
_strict = with_config(ConfigDict(extra="forbid"))


@_strict
@dataclass(frozen=True, kw_only=True)
class NewWatchlist:
    """A watchlist to make; ``shared`` lets the organisation see it."""

    name: Name
    symbols: Symbols = ()
    shared: StrictBool = False


@_strict
@dataclass(frozen=True, kw_only=True)
class WatchlistChange:
    """What a watchlist that is at ``version`` is to be, whole."""

    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    name: Name
    symbols: Symbols
    shared: StrictBool = False


@_strict
@dataclass(frozen=True, kw_only=True)
class WatchlistOrder:
    """The person's own lists in their new order."""

    ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_WATCHLISTS)]


def make_router(commands: WatchlistCommands, queries: WatchlistQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1/watchlists", tags=["charts"])

    @router.get("")
    async def list_watchlists(principal: Annotated[Principal, _READ]) -> tuple[Watchlist, ...]:
        """List the person's own watchlists in their order, then those that are shared with the organisation."""
        return await queries.list_watchlists(principal)

    @router.post("", status_code=201)
    async def create_watchlist(principal: Annotated[Principal, _CHANGE], body: NewWatchlist) -> Watchlist:
        """Make a watchlist."""
        wanted = Selection(name=body.name, shared=body.shared, symbols=body.symbols)
        return await commands.create(principal, wanted)

    @router.put("/order", status_code=204)
    async def order_watchlists(principal: Annotated[Principal, _CHANGE], body: WatchlistOrder) -> None:
        """Bring the person's own watchlists into another order."""
        await commands.order(principal, body.ids)

    @router.get("/{watchlist_id}")
    async def get_watchlist(watchlist_id: UUID, principal: Annotated[Principal, _READ]) -> WatchlistView:
        """Return a watchlist with the newest price and the last 30 closes of each of its symbols."""
        return await queries.get_view(principal, watchlist_id)

    @router.put("/{watchlist_id}")
    async def change_watchlist(
        watchlist_id: UUID, principal: Annotated[Principal, _CHANGE], body: WatchlistChange
    ) -> Watchlist:
        """Make a watchlist another one. 409 `watchlist_changed` when it is at another version."""
        wanted = Selection(name=body.name, shared=body.shared, symbols=body.symbols)
        return await commands.change(principal, watchlist_id, version=body.version, wanted=wanted)

    @router.delete("/{watchlist_id}", status_code=204)
    async def delete_watchlist(
        watchlist_id: UUID,
        principal: Annotated[Principal, _CHANGE],
        version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="The version that was seen.")] = None,
    ) -> None:
        """Remove a watchlist."""
        await commands.delete(principal, watchlist_id, version=version)

    return router
