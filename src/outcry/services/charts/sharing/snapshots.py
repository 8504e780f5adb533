"""Takes snapshots of charts, and shows them."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.drawings.contracts import Drawing
from outcry.services.charts.drawings.queries import DrawingQueries
from outcry.services.charts.layouts.contracts import ChartLayout
from outcry.services.charts.layouts.rules import check_layout
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.rendering.gathering import Look, PictureGatherer, Window
from outcry.services.charts.rendering.hits import FormulaHits
from outcry.services.charts.rendering.picture import Picture
from outcry.services.charts.sharing.contracts import ChartSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotWish:
    """What is to be shared: a chart as it is arranged now, and whose drawings are on it, if any."""

    layout: ChartLayout
    start: datetime | None
    end: datetime | None
    limit: int
    adjustment: Adjustment
    drawings: bool
    room_id: UUID | None


class Snapshots:
    """Takes and shows snapshots for one organisation."""

    def __init__(
        self,
        *,
        charts: ChartsQueries,
        drawings: DrawingQueries,
        gatherer: PictureGatherer,
        hits: FormulaHits,
        clock: Clock,
    ) -> None:
        self._charts = charts
        self._drawings = drawings
        self._gatherer = gatherer
        self._hits = hits
        self._clock = clock

    async def take(self, principal: Principal, wish: SnapshotWish) -> ChartSnapshot:
        """Return what a person sees; raises InvalidInputError and NotFoundError."""
        layout = check_layout("layout", wish.layout)
        symbol = layout.symbol or ""
        await self._charts.get_instrument(tenant_id=principal.tenant_id, symbol=symbol)
        drawings: tuple[Drawing, ...] = ()
        if wish.drawings:
            drawings = (await self._drawings.list_drawings(principal, symbol, wish.room_id)).items
        end = wish.end or self._clock.now()
        window = Window(start=wish.start, end=end, limit=wish.limit, adjustment=wish.adjustment)
        return ChartSnapshot(
            layout=layout,
            start=wish.start,
            end=end,
            limit=wish.limit,
            adjustment=wish.adjustment,
            drawings=drawings,
            hits=await self._hits.of(principal.tenant_id, layout, window),
        )

    async def show(self, tenant_id: UUID, snapshot: ChartSnapshot, look: Look) -> Picture:
        """Return a snapshot as a picture; raises NotFoundError where its instrument is gone."""
        window = Window(start=snapshot.start, end=snapshot.end, limit=snapshot.limit, adjustment=snapshot.adjustment)
        return await self._gatherer.gather(
            tenant_id,
            snapshot.layout,
            window,
            look,
            drawings=tuple(nameless(drawing) for drawing in snapshot.drawings),
            hits=snapshot.hits,
        )


def nameless(drawing: Drawing) -> Drawing:
    """Return a drawing that does not tell who made it and in which room."""
    return replace(drawing, created_by=None, changed_by=None, room_id=None)
