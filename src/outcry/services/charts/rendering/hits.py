"""The bars of a window at which the formulas of a layout begin to hold."""

from uuid import UUID

from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.services.charts.conditions.histories import Setting
from outcry.services.charts.conditions.queries import ConditionQueries
from outcry.services.charts.layouts.contracts import ChartLayout
from outcry.services.charts.rendering.gathering import Window

# Of many formulas on a chart a picture marks the first.
_MOST = 3


class FormulaHits:
    """Evaluates the formulas that a chart shows."""

    def __init__(self, conditions: ConditionQueries) -> None:
        self._conditions = conditions

    async def of(self, tenant_id: UUID, layout: ChartLayout, window: Window) -> tuple[int, ...]:
        """Return the times of the hits of all visible formulas; one that is unfinished or too dear marks nothing."""
        found: set[int] = set()
        for formula in [one for one in layout.formulas if one.visible][:_MOST]:
            try:
                found.update(await self.of_text(tenant_id, layout, window, formula.text))
            except (InvalidInputError, UnavailableError):
                continue
        return tuple(sorted(found))

    async def of_text(self, tenant_id: UUID, layout: ChartLayout, window: Window, text: str) -> tuple[int, ...]:
        """Return the hits of one formula; raises as evaluating does, and nothing marks a formula of numbers."""
        if layout.symbol is None or layout.timeframe is None:
            return ()
        setting = Setting(
            tenant_id=tenant_id, symbol=layout.symbol, timeframe=layout.timeframe, adjustment=window.adjustment
        )
        result = await self._conditions.evaluate(setting, text, start=window.start, end=window.end, limit=window.limit)
        return result.hits
