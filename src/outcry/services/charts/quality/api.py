"""The HTTP endpoint that says how good recorded bars are."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from outcry.kit.http import requires
from outcry.kit.market import Timeframe
from outcry.kit.principal import Principal
from outcry.services.charts.quality.contracts import Quality
from outcry.services.charts.quality.queries import QualityQueries


def quality_router(quality: QualityQueries) -> APIRouter:
    """Return the endpoint, bound to this."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get("/instruments/{symbol}/quality")
    async def get_quality(
        symbol: Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")],
        principal: Annotated[Principal, requires("charts:bars:read")],
        timeframe: Annotated[
            Timeframe, Query(description="Bars that are not stored at it are judged at the one that they are built of.")
        ] = Timeframe.D1,
    ) -> Quality:
        """Judge the recorded bars of an instrument: gaps, faults and a score, each with its time."""
        return await quality.judge(tenant_id=principal.tenant_id, symbol=symbol, timeframe=timeframe)

    return router
