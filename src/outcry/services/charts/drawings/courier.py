"""Shows what becomes of drawings to everybody who looks at their chart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakValueDictionary

from pydantic import TypeAdapter

from outcry.kit.clock import Clock
from outcry.ports.realtime import Position, Realtime
from outcry.services.charts.drawings.contracts import Drag, DragsUpdate, Drawing, DrawingUpdate
from outcry.services.charts.drawings.scopes import Chart

_UPDATE = TypeAdapter(DrawingUpdate)
_DRAGS = TypeAdapter(DragsUpdate)
# A drag of which nothing was heard for so long is over, whatever became of the browser.
DRAG_LASTS = timedelta(seconds=5)
# So many charts with drags are kept before those that were left in the middle are forgotten.
_MOST_DRAGGED = 1_000


class DrawingCourier:
    """Publishes updates as JSON. Call after the commit, inside ``in_order`` so that updates keep its order."""

    def __init__(self, *, realtime: Realtime, clock: Clock) -> None:
        self._realtime = realtime
        self._clock = clock
        self._locks: WeakValueDictionary[Chart, asyncio.Lock] = WeakValueDictionary()
        self._drags: dict[Chart, dict[UUID, tuple[Drag, datetime]]] = {}

    @asynccontextmanager
    async def in_order(self, chart: Chart) -> AsyncIterator[None]:
        """Let one task at a time change and show a chart, so that both have one order."""
        lock = self._locks.get(chart)
        if lock is None:
            lock = self._locks[chart] = asyncio.Lock()
        async with lock:
            yield

    async def position(self, chart: Chart) -> Position:
        """Return where a chart's topic stands."""
        return await self._realtime.position(chart.topic)

    async def drawing(self, chart: Chart, drawing: Drawing) -> None:
        """Show a drawing that is new, changed or back."""
        await self._show(
            chart, DrawingUpdate(kind="drawing", drawing_id=drawing.id, version=drawing.version, drawing=drawing)
        )

    async def removed(self, chart: Chart, drawing_id: UUID, version: int) -> None:
        """Show that a drawing is gone."""
        await self._show(chart, DrawingUpdate(kind="removed", drawing_id=drawing_id, version=version))

    async def drag(self, chart: Chart, drag: Drag) -> None:
        """Show that somebody moves a drawing; of many moves a slow client sees the newest. Without points it ends."""
        if len(self._drags) > _MOST_DRAGGED:
            self._forget_old_drags()
        if drag.points:
            self._drags.setdefault(chart, {})[drag.drawing_id] = (drag, self._clock.now())
            await self._show_drags(chart)
        else:
            await self._end_drag(chart, drag.drawing_id)

    async def forget(self, chart: Chart) -> None:
        """Let a chart's topic forget what it still keeps of drawings that are erased."""
        await self._realtime.forget(chart.topic)

    async def _show(self, chart: Chart, update: DrawingUpdate) -> None:
        await self._realtime.append(chart.topic, _UPDATE.dump_json(update).decode())
        await self._end_drag(chart, update.drawing_id)

    async def _end_drag(self, chart: Chart, drawing_id: UUID) -> None:
        if self._drags.get(chart, {}).pop(drawing_id, None):
            await self._show_drags(chart)

    def _forget_old_drags(self) -> None:
        since = self._clock.now() - DRAG_LASTS
        for chart in [chart for chart, held in self._drags.items() if all(at <= since for _, at in held.values())]:
            del self._drags[chart]

    async def _show_drags(self, chart: Chart) -> None:
        since = self._clock.now() - DRAG_LASTS
        kept = {key: held for key, held in self._drags[chart].items() if held[1] > since}
        if kept:
            self._drags[chart] = kept
        else:
            del self._drags[chart]
        update = replace(DragsUpdate(), drags=tuple(drag for drag, _ in kept.values()))
        # The socket knows topics of which only the newest counts by the organisation before their name.
        await self._realtime.set_latest(f"drags:{chart.tenant_id}:{chart.name}", _DRAGS.dump_json(update).decode())
