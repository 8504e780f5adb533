"""The HTTP endpoint of technical summaries."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.params import Depends

from outcry.kit.http import requires
from outcry.kit.market import Timeframe
from outcry.kit.principal import Principal
from outcry.services.charts.contracts import Adjustment, ChartsFacade, TechnicalSummary

_READ: Depends = requires("charts:indicator:read")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]


def summary_router(charts: ChartsFacade) -> APIRouter:
    """Return the endpoint, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get("/instruments/{symbol}/summary")
    async def get_summary(
        symbol: Symbol,
        principal: Annotated[Principal, _READ],
        timeframe: Timeframe = Timeframe.D1,
        adjustment: Adjustment = "splits",
    ) -> TechnicalSummary:
        """Return trend, momentum, volatility, volume and levels by fixed rules, each figure with its source."""
        return await charts.summary(
            tenant_id=principal.tenant_id, symbol=symbol, timeframe=timeframe, adjustment=adjustment
        )

    return router
