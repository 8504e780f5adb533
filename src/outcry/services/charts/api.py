"""HTTP endpoints of market data."""

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.params import Depends
from pydantic import StrictBool, StrictInt

from outcry.kit.errors import InvalidInputError
from outcry.kit.http import Moment, requires
from outcry.kit.market import Timeframe
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.charts.commands import ChartsCommands, Replay
from outcry.services.charts.contracts import Adjustment, BarSeries, IndicatorInfo, IndicatorSeries, Instrument, Quote
from outcry.services.charts.queries import MOST_BARS, MOST_INSTRUMENTS, ChartsQueries
from outcry.services.charts.replay import ReplayRunner

_INSTRUMENT_READ: Depends = requires("charts:instrument:read")
_BARS_READ: Depends = requires("charts:bars:read")
_INDICATOR_READ: Depends = requires("charts:indicator:read")
_REPLAY_READ: Depends = requires("charts:replay:read")
_REPLAY_CONTROL: Depends = requires("charts:replay:control")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]
Start = Annotated[Moment | None, Query(description="Bars from this time on; without a zone it is UTC.")]
End = Annotated[Moment | None, Query(description="Bars before this time; without a zone it is UTC.")]
Other = Annotated[
    str | None, Query(max_length=64, description="The second instrument's symbol, for beta and the like.")
]
BarLimit = Annotated[int, Query(ge=1, le=MOST_BARS, description="The newest so many bars of the window.")]

HowAdjusted = Annotated[
    Adjustment,
    Query(description="none: as recorded; splits: without the jumps of splits; all: nor those of dividends."),
]

_WINDOW = frozenset({"timeframe", "start", "end", "limit", "other", "adjustment"})
_MOST_QUOTES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChange:
    """How the replay shall be."""

    running: StrictBool
    speed: StrictInt


def make_router(queries: ChartsQueries, commands: ChartsCommands, replay: ReplayRunner) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])
    _add_instruments(router, queries)
    _add_bars(router, queries)
    _add_indicators(router, queries)
    _add_replay(router, commands, replay)
    return router


def _add_instruments(router: APIRouter, queries: ChartsQueries) -> None:
    @router.get("/instruments")
    async def list_instruments(
        principal: Annotated[Principal, _INSTRUMENT_READ],
        query: Annotated[str, Query(max_length=200, description="Part of a symbol, a name or an alias.")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_INSTRUMENTS)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Page[Instrument]:
        """List the instruments that fit, best first; all of them by symbol without a query."""
        return await queries.list_instruments(tenant_id=principal.tenant_id, query=query, cursor=cursor, limit=limit)

    @router.get("/instruments/{symbol}")
    async def get_instrument(symbol: Symbol, principal: Annotated[Principal, _INSTRUMENT_READ]) -> Instrument:
        """Return one instrument, with what is recorded of it."""
        return await queries.get_instrument(tenant_id=principal.tenant_id, symbol=symbol)

    @router.get("/quotes")
    async def list_quotes(
        principal: Annotated[Principal, _BARS_READ],
        symbols: Annotated[str, Query(max_length=2000, description="Symbols with commas between them, at most 50.")],
    ) -> tuple[Quote, ...]:
        """Return the newest price of each of these symbols that has one."""
        wanted = tuple(symbol for symbol in symbols.split(",") if symbol.strip())
        if len(wanted) > _MOST_QUOTES:
            raise InvalidInputError(f"At most {_MOST_QUOTES} symbols at once.")
        return await queries.quotes(tenant_id=principal.tenant_id, symbols=wanted)


def _add_bars(router: APIRouter, queries: ChartsQueries) -> None:
    @router.get("/instruments/{symbol}/bars")
    async def list_bars(
        symbol: Symbol,
        principal: Annotated[Principal, _BARS_READ],
        timeframe: Timeframe = Timeframe.D1,
        start: Start = None,
        end: End = None,
        limit: BarLimit = 500,
        adjustment: HowAdjusted = "splits",
    ) -> BarSeries:
        """Return bars, as they are recorded or built of finer ones."""
        return await queries.bars(
            tenant_id=principal.tenant_id,
            symbol=symbol,
            timeframe=timeframe,
            start=start,
            end=end,
            limit=limit,
            adjustment=adjustment,
        )


def _add_indicators(router: APIRouter, queries: ChartsQueries) -> None:
    @router.get("/indicators")
    async def list_indicators(_: Annotated[Principal, _INDICATOR_READ]) -> tuple[IndicatorInfo, ...]:
        """Return the indicators that can be computed, with their parameters."""
        return queries.list_indicators()

    @router.get("/instruments/{symbol}/indicators/{name}")
    async def get_indicator(
        symbol: Symbol,
        name: Annotated[str, Path(max_length=64, description="An indicator of the catalogue, such as rsi.")],
        principal: Annotated[Principal, _INDICATOR_READ],
        request: Request,
        timeframe: Timeframe = Timeframe.D1,
        start: Start = None,
        end: End = None,
        limit: BarLimit = 500,
        other: Other = None,
        adjustment: HowAdjusted = "splits",
    ) -> IndicatorSeries:
        """Return an indicator's values; its own parameters are further query parameters, such as `period=14`."""
        return await queries.indicator(
            tenant_id=principal.tenant_id,
            symbol=symbol,
            timeframe=timeframe,
            name=name,
            parameters=_parameters(request),
            start=start,
            end=end,
            limit=limit,
            other=other,
            adjustment=adjustment,
        )


def _add_replay(router: APIRouter, commands: ChartsCommands, replay: ReplayRunner) -> None:
    @router.get("/replay")
    async def get_replay(principal: Annotated[Principal, _REPLAY_READ]) -> Replay:
        """Say whether the organisation's replay runs, and how fast."""
        return await commands.get_replay(principal.tenant_id)

    @router.put("/replay")
    async def set_replay(change: ReplayChange, principal: Annotated[Principal, _REPLAY_CONTROL]) -> Replay:
        """Start, stop or pace the organisation's replay."""
        result = await commands.set_replay(
            principal.tenant_id, running=change.running, speed=change.speed, actor_id=principal.user_id
        )
        replay.changed(principal.tenant_id, result)
        return result


def _parameters(request: Request) -> dict[str, float]:
    """Return the query parameters that are the indicator's own; raises InvalidInputError for what is no number."""
    parameters: dict[str, float] = {}
    for name, text in request.query_params.multi_items():
        if name in _WINDOW:
            continue
        shown = name[:40]
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or name in parameters:
            raise InvalidInputError(
                f"{shown} must be one number.", errors=({"field": shown, "message": "must be one number"},)
            )
        parameters[name] = value
    return parameters
