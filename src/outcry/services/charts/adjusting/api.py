"""HTTP endpoints of splits and dividends."""

from typing import Annotated

from fastapi import APIRouter, Path

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.charts.contracts import CorporateAction
from outcry.services.charts.queries import ChartsQueries

_READ = requires("charts:bars:read")


def adjusting_router(queries: ChartsQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get("/instruments/{symbol}/actions")
    async def list_corporate_actions(
        symbol: Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")],
        principal: Annotated[Principal, _READ],
    ) -> tuple[CorporateAction, ...]:
        """List the recorded splits and dividends of an instrument, oldest first."""
        found = await queries.instrument_reader.get(principal.tenant_id, symbol)
        return await queries.adjusting.list_actions(principal.tenant_id, found)

    return router
