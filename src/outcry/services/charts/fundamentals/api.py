"""HTTP endpoints of what companies reported."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.params import Depends

from outcry.kit.errors import InvalidInputError
from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.services.charts.contracts import Fact
from outcry.services.charts.fundamentals.commands import FundamentalsCommands
from outcry.services.charts.fundamentals.contracts import Concept, FactsImport
from outcry.services.charts.fundamentals.queries import MOST_CONCEPTS, MOST_FACTS, FundamentalsQueries

_READ: Depends = requires("charts:fundamentals:read")
_REFRESH: Depends = requires("charts:fundamentals:refresh")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]
AsOf = Annotated[date | None, Query(description="Only what was filed on this day or before; all without it.")]


def fundamentals_router(commands: FundamentalsCommands, queries: FundamentalsQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1/instruments/{symbol}/fundamentals", tags=["charts"])

    @router.get("")
    async def list_fundamentals(
        symbol: Symbol,
        principal: Annotated[Principal, _READ],
        concepts: Annotated[
            str, Query(max_length=4000, description="Such as NetIncomeLoss,us-gaap:Assets; without it, all.")
        ] = "",
        as_of: AsOf = None,
        limit: Annotated[int, Query(ge=1, le=MOST_FACTS)] = 200,
    ) -> tuple[Fact, ...]:
        """Return reported figures, the newest periods first, each with the filing that it comes from."""
        wanted = _read_concepts(concepts)
        return await queries.facts(principal.tenant_id, symbol, concepts=wanted, as_of=as_of, limit=limit)

    @router.get("/concepts")
    async def list_concepts(
        symbol: Symbol, principal: Annotated[Principal, _READ], as_of: AsOf = None
    ) -> tuple[Concept, ...]:
        """Return what the company reports, with how many periods are known of each."""
        return await queries.list_concepts(principal.tenant_id, symbol, as_of=as_of)

    @router.post("/refresh", responses=refusals(409, 503))
    async def refresh_fundamentals(symbol: Symbol, principal: Annotated[Principal, _REFRESH]) -> FactsImport:
        """Ask the SEC for everything that the company ever reported, for this organisation; needs its CIK."""
        return await commands.refresh(principal.tenant_id, symbol, actor_id=principal.user_id)

    return router


def _read_concepts(text: str) -> tuple[str, ...]:
    concepts = tuple(concept.strip() for concept in text.split(",") if concept.strip())
    if len(concepts) > MOST_CONCEPTS:
        raise InvalidInputError(
            f"At most {MOST_CONCEPTS} concepts at once.",
            errors=({"field": "concepts", "message": f"at most {MOST_CONCEPTS}"},),
        )
    return concepts
