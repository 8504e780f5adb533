"""The HTTP endpoint of the volume profile."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from outcry.kit.http import Moment, requires
from outcry.kit.market import Timeframe
from outcry.kit.principal import Principal
from outcry.quant.indicators.profiles import MOST_ROWS
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.profiles.contracts import PriceVolumes
from outcry.services.charts.profiles.queries import MOST_BARS, ProfileQueries


def profiles_router(profiles: ProfileQueries) -> APIRouter:
    """Return the endpoint, bound to this."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get("/instruments/{symbol}/volume-profile")
    async def get_volume_profile(
        symbol: Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")],
        principal: Annotated[Principal, requires("charts:indicator:read")],
        timeframe: Timeframe = Timeframe.D1,
        start: Annotated[Moment | None, Query(description="Bars from this time on.")] = None,
        end: Annotated[Moment | None, Query(description="Bars before this time.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_BARS, description="The newest so many bars of the window.")] = 500,
        adjustment: Adjustment = "splits",
        rows: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Into how many rows the prices are parted.")] = 24,
        value_share: Annotated[float, Query(gt=0, le=1, description="The part that the value area holds.")] = 0.7,
    ) -> PriceVolumes:
        """Return how much was traded at which price, with the point of control and the value area."""
        return await profiles.profile(
            tenant_id=principal.tenant_id,
            symbol=symbol,
            timeframe=timeframe,
            start=start,
            end=end,
            limit=limit,
            adjustment=adjustment,
            rows=rows,
            value_share=value_share,
        )

    return router
