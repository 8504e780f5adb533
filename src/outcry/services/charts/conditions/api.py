"""HTTP endpoints of formulas."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.params import Depends
from pydantic import ConfigDict, Field, with_config

from outcry.kit.http import Moment, refusals, requires
from outcry.kit.market import Timeframe
from outcry.kit.principal import Principal
from outcry.quant.formula.words import FormulaWord
from outcry.services.charts.conditions.contracts import FormulaCheck, FormulaExplanation, FormulaResult
from outcry.services.charts.conditions.histories import Setting
from outcry.services.charts.conditions.queries import ConditionQueries
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.queries import MOST_BARS

_EVALUATE: Depends = requires("charts:formula:evaluate")

Symbol = Annotated[str, Path(max_length=64, description="A symbol, such as AAPL.")]
# Longer than a formula may be, so that what is too long is told like any other mistake.
Text = Annotated[str, Field(max_length=10_000, description="A formula, such as rsi(14) crosses_above 30.")]
_strict = with_config(ConfigDict(extra="forbid"))


@_strict
@dataclass(frozen=True, kw_only=True)
class FormulaDraft:
    """A text that may be a formula."""

    text: Text


@_strict
@dataclass(frozen=True, kw_only=True)
class FormulaEvaluation:
    """A formula, and the window of bars for which it is asked."""

    text: Text
    timeframe: Timeframe = Timeframe.D1
    start: Annotated[Moment | None, Field(description="Bars from this time on; without a zone it is UTC.")] = None
    end: Annotated[Moment | None, Field(description="Bars before this time; without a zone it is UTC.")] = None
    limit: Annotated[int, Field(ge=1, le=MOST_BARS, strict=True, description="The newest so many bars.")] = MOST_BARS
    adjustment: Adjustment = "splits"


@_strict
@dataclass(frozen=True, kw_only=True)
class FormulaQuestion:
    """A formula, and the time of the bar on which it is to be explained."""

    text: Text
    at: Annotated[Moment, Field(description="The last bar that opens at this time or before it.")]
    timeframe: Timeframe = Timeframe.D1
    adjustment: Adjustment = "splits"


def conditions_router(queries: ConditionQueries) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get("/formulas/words")
    async def list_formula_words(_: Annotated[Principal, _EVALUATE]) -> tuple[FormulaWord, ...]:
        """List every word of the language, with the way it is written and a line of help."""
        return queries.list_words()

    @router.post("/formulas/check")
    async def check_formula(formula: FormulaDraft, principal: Annotated[Principal, _EVALUATE]) -> FormulaCheck:
        """Say what a text means, what it needs and costs; or what is wrong with it, and where."""
        return await queries.check(principal.tenant_id, formula.text)

    @router.post("/instruments/{symbol}/formulas/evaluate", responses=refusals(503))
    async def evaluate_formula(
        symbol: Symbol, wanted: FormulaEvaluation, principal: Annotated[Principal, _EVALUATE]
    ) -> FormulaResult:
        """Evaluate a formula over recorded bars that are over: when a condition began to hold, or the numbers."""
        setting = _setting(principal, symbol, wanted.timeframe, wanted.adjustment)
        return await queries.evaluate(setting, wanted.text, start=wanted.start, end=wanted.end, limit=wanted.limit)

    @router.post("/instruments/{symbol}/formulas/explain", responses=refusals(503))
    async def explain_formula(
        symbol: Symbol, question: FormulaQuestion, principal: Annotated[Principal, _EVALUATE]
    ) -> FormulaExplanation:
        """Say why a formula held on one bar or did not: the value of each of its parts."""
        setting = _setting(principal, symbol, question.timeframe, question.adjustment)
        return await queries.explain(setting, question.text, at=question.at)

    return router


def _setting(principal: Principal, symbol: str, timeframe: Timeframe, adjustment: Adjustment) -> Setting:
    return Setting(
        tenant_id=principal.tenant_id, symbol=symbol.strip().upper(), timeframe=timeframe, adjustment=adjustment
    )
