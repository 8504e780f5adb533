"""HTTP endpoints that change or remove an organisation's own instruments."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.charts.contracts import Instrument
from outcry.services.charts.listing.commands import InstrumentChange, ListingCommands
from outcry.services.charts.listing.facts import AssetClass
from outcry.services.charts.queries import ChartsQueries

_MANAGE = requires("charts:instrument:manage")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]

_Step = Annotated[FiniteFloat, Field(gt=0, le=1e12)]
_Line = Annotated[str, Field(max_length=200)]


class InstrumentInput(BaseModel):
    """New facts of an instrument; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=200)] = ""
    kind: AssetClass = "other"
    exchange: Annotated[str, Field(max_length=64)] = ""
    currency: Annotated[str, Field(max_length=16)] = ""
    zone: Annotated[str, Field(max_length=64, examples=["America/New_York"])] = ""
    calendar: Annotated[str, Field(max_length=32, description="Such as XNYS or 24/7; empty for none.")] = ""
    tick_size: _Step | None = None
    lot_size: _Step | None = None
    aliases: Annotated[tuple[_Line, ...], Field(max_length=20)] = ()
    identifiers: Annotated[dict[str, Annotated[str, Field(max_length=64)]], Field(max_length=3)] = {}
    active_from: date | None = None
    active_until: date | None = None

    def to_change(self) -> InstrumentChange:
        """Return what was said, and nothing of what was left out."""
        return InstrumentChange(**{name: getattr(self, name) for name in self.model_fields_set})


def listing_router(commands: ListingCommands, queries: ChartsQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.patch("/instruments/{symbol}")
    async def update_instrument(
        symbol: Symbol, body: InstrumentInput, principal: Annotated[Principal, _MANAGE]
    ) -> Instrument:
        """Change what is recorded of one of the organisation's own instruments; its bars stay."""
        await commands.change(principal.tenant_id, symbol, body.to_change(), actor_id=principal.user_id)
        return await queries.get_instrument(tenant_id=principal.tenant_id, symbol=symbol)

    @router.delete("/instruments/{symbol}", status_code=204)
    async def delete_instrument(symbol: Symbol, principal: Annotated[Principal, _MANAGE]) -> None:
        """Remove one of the organisation's own instruments with its bars, splits and dividends."""
        await commands.delete(principal.tenant_id, symbol, actor_id=principal.user_id)

    return router
