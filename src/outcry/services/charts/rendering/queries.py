"""What somebody asks a picture of, as a picture."""

from dataclasses import replace

from outcry.kit.principal import Principal
from outcry.services.charts.drawings.contracts import Drawing
from outcry.services.charts.drawings.queries import DrawingQueries
from outcry.services.charts.layouts.contracts import ChartLayout
from outcry.services.charts.layouts.queries import LayoutQueries
from outcry.services.charts.rendering.asking import PictureWish
from outcry.services.charts.rendering.gathering import Look, PictureGatherer, Window
from outcry.services.charts.rendering.hits import FormulaHits
from outcry.services.charts.rendering.picture import MOST_STUDIES, Picture


class PictureQueries:
    """Pictures of charts that a person may see."""

    def __init__(
        self, *, gatherer: PictureGatherer, layouts: LayoutQueries, drawings: DrawingQueries, hits: FormulaHits
    ) -> None:
        self._gatherer = gatherer
        self._layouts = layouts
        self._drawings = drawings
        self._hits = hits

    async def get_picture(self, principal: Principal, symbol: str, wish: PictureWish) -> Picture:
        """Return what is to be drawn; raises as reading bars, layouts and drawings does."""
        layout = await self._layout(principal, symbol, wish)
        drawings: tuple[Drawing, ...] = ()
        if layout.visibility.drawings and (wish.drawings or wish.layout_id):
            principal.require("charts:drawing:read")
            drawings = (await self._drawings.list_drawings(principal, symbol, wish.room_id)).items
        window = Window(start=wish.start, end=wish.end, limit=wish.limit, adjustment=layout.adjustment)
        look = Look(theme=wish.theme, width=wish.width, height=wish.height)
        hits = await self._hits_of(principal, layout, window, wish.formula)
        return await self._gatherer.gather(principal.tenant_id, layout, window, look, drawings=drawings, hits=hits)

    async def _hits_of(
        self, principal: Principal, layout: ChartLayout, window: Window, formula: str
    ) -> tuple[int, ...]:
        """Return the hits of the formula that is asked for, whose mistakes are told; else those of the layout's."""
        if formula or layout.formulas:
            principal.require("charts:formula:evaluate")
        if formula:
            return await self._hits.of_text(principal.tenant_id, layout, window, formula)
        return await self._hits.of(principal.tenant_id, layout, window)

    async def _layout(self, principal: Principal, symbol: str, wish: PictureWish) -> ChartLayout:
        if wish.layout_id is None:
            return wish.to_layout(symbol)
        principal.require("charts:layout:read")
        kept = (await self._layouts.get_layout(principal, wish.layout_id)).chart
        timeframe = wish.timeframe or kept.timeframe or wish.to_layout(symbol).timeframe
        return replace(
            kept,
            symbol=symbol,
            timeframe=timeframe,
            adjustment=wish.adjustment or kept.adjustment,
            studies=kept.studies[:MOST_STUDIES],
        )
