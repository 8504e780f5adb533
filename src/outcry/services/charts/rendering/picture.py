"""What a picture of a chart shows: all of it, so that two that are equal look equal."""

from dataclasses import dataclass

from outcry.quant.indicators.profiles import VolumeProfile
from outcry.services.charts.contracts import BarSeries
from outcry.services.charts.drawings.contracts import Drawing
from outcry.services.charts.layouts.contracts import LineStyle, Pane, Scale
from outcry.services.charts.rendering.palette import Theme

LEAST_SIDE, MOST_SIDE = 240, 2400
LEAST_WIDTH = 400
MOST_BARS = 1_500
MOST_STUDIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One output of a study, a value a bar; ``style`` is None where nobody chose one."""

    output: str
    values: tuple[float | None, ...]
    style: LineStyle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStudy:
    """An indicator, over the prices where ``pane`` is empty; studies of one pane share its scale."""

    name: str
    title: str
    pane: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Another instrument's closes at the times of the bars."""

    symbol: str
    closes: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart to draw, in pixels. ``hits`` are times of bars that a formula is true at.

    ``bars`` are as recorded, whatever the chart makes of them. ``renko_box`` is None for one that fits them.
    ``panes`` are the heights that somebody gave to panes.
    """

    name: str
    bars: BarSeries
    zone: str
    chart_type: str = "candles"
    scale: Scale = "linear"
    volume: bool = True
    studies: tuple[DrawnStudy, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    hits: tuple[int, ...] = ()
    panes: tuple[Pane, ...] = ()
    profile: VolumeProfile | None = None
    renko_box: float | None = None
    theme: Theme = "light"
    width: int = 960
    height: int = 540
