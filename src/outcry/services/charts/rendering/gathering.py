"""Gathers what a picture shows: bars, studies, drawings, instruments to compare."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from outcry.kit.market import Bars, Timeframe
from outcry.quant.indicators.computing import get_indicator
from outcry.quant.indicators.profiles import VolumeProfile, volume_profile
from outcry.services.charts.contracts import Adjustment, BarSeries, IndicatorSeries
from outcry.services.charts.drawings.contracts import Drawing
from outcry.services.charts.layouts.contracts import ChartLayout, Study
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.rendering.palette import Theme
from outcry.services.charts.rendering.picture import Comparison, Curve, DrawnStudy, Picture

# How many prices a profile tells apart; the browser's has as many.
PROFILE_ROWS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which bars: the newest ``limit`` from ``start`` up to ``end``."""

    start: datetime | None = None
    end: datetime | None = None
    limit: int = 160
    adjustment: Adjustment = "splits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the picture is to look, in pixels."""

    theme: Theme = "light"
    width: int = 960
    height: int = 540


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads one window of several series."""

    charts: ChartsQueries
    tenant_id: UUID
    timeframe: Timeframe
    window: Window

    async def bars(self, symbol: str) -> BarSeries:
        return await self.charts.bars(
            tenant_id=self.tenant_id,
            symbol=symbol,
            timeframe=self.timeframe,
            start=self.window.start,
            end=self.window.end,
            limit=self.window.limit,
            adjustment=self.window.adjustment,
        )

    async def study(self, symbol: str, study: Study) -> IndicatorSeries:
        return await self.charts.indicator(
            tenant_id=self.tenant_id,
            symbol=symbol,
            timeframe=self.timeframe,
            name=study.name,
            parameters=study.parameters,
            other=study.other,
            start=self.window.start,
            end=self.window.end,
            limit=self.window.limit,
            adjustment=self.window.adjustment,
        )


class PictureGatherer:
    """Makes pictures of what one organisation sees."""

    def __init__(self, charts: ChartsQueries) -> None:
        self._charts = charts

    async def gather(
        self,
        tenant_id: UUID,
        layout: ChartLayout,
        window: Window,
        look: Look,
        *,
        drawings: tuple[Drawing, ...] = (),
        hits: tuple[int, ...] = (),
    ) -> Picture:
        """Return what a layout shows of its symbol; raises NotFoundError and InvalidInputError as reading does."""
        symbol, timeframe = layout.symbol or "", layout.timeframe
        if timeframe is None:
            raise ValueError("a template shows nothing by itself")
        instrument = await self._charts.get_instrument(tenant_id=tenant_id, symbol=symbol)
        read = _Reading(self._charts, tenant_id, timeframe, window)
        bars = await read.bars(symbol)
        folded = {pane.id for pane in layout.panes if pane.collapsed}
        shown = [study for study in layout.studies if study.visible and study.pane not in folded]
        series = await asyncio.gather(*(read.study(symbol, study) for study in shown))
        others = await asyncio.gather(*(read.bars(other) for other in layout.compare))
        zone = instrument.zone if layout.zone in ("exchange", "local") else layout.zone
        return Picture(
            name=instrument.name,
            bars=bars,
            zone=zone or "UTC",
            chart_type=layout.chart_type,
            renko_box=layout.renko_box,
            scale=layout.scale,
            volume=layout.visibility.volume and "volume" not in folded and any(bars.volume),
            panes=layout.panes,
            studies=tuple(
                _to_drawn(study, one.title, one.values, one.time, bars)
                for study, one in zip(shown, series, strict=True)
            ),
            comparisons=tuple(_compare(bars, other) for other in others),
            drawings=drawings if layout.visibility.drawings else (),
            hits=hits,
            profile=await asyncio.to_thread(_profile_of, bars) if layout.visibility.profile else None,
            theme=look.theme,
            width=look.width,
            height=look.height,
        )


def _to_drawn(
    study: Study, title: str, values: dict[str, tuple[float | None, ...]], times: tuple[int, ...], bars: BarSeries
) -> DrawnStudy:
    indicator = get_indicator(study.name)
    styles = {style.output: style for style in study.styles}
    curves = tuple(
        Curve(output=output, values=_at(bars.time, times, column), style=styles.get(output))
        for output, column in values.items()
        if output not in styles or styles[output].visible
    )
    # A title like Bollinger bands is long: on a picture the name that people type, with its settings.
    numbers = ", ".join(f"{value:g}" for value in study.parameters.values())
    short = f"{study.name.upper()} ({numbers})" if numbers else study.name.upper()
    pane = study.pane or ("" if indicator.overlay else study.name)
    return DrawnStudy(name=study.name, title=short if len(short) < 40 else title, pane=pane, curves=curves)


def _profile_of(bars: BarSeries) -> VolumeProfile | None:
    names = ("open", "high", "low", "close", "volume")
    columns = {name: np.asarray(getattr(bars, name), dtype=np.float64) for name in names}
    time = np.asarray(bars.time, dtype=np.int64)
    return volume_profile(Bars(time=time, adjusted_close=columns["close"], **columns), rows=PROFILE_ROWS)


def _compare(bars: BarSeries, other: BarSeries) -> Comparison:
    return Comparison(symbol=other.symbol, closes=_at(bars.time, other.time, other.close))


def _at(wanted: tuple[int, ...], times: tuple[int, ...], values: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """Return the values at these times, None where there is none: a bar may have come in between two readings."""
    if wanted == times:
        return values
    known = dict(zip(times, values, strict=True))
    return tuple(known.get(time) for time in wanted)
