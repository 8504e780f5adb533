"""Layouts and templates of charts as the browser sees them, and stores them: nothing that is not named here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, with_config

from outcry.kit.market import Timeframe
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.drawings.contracts import Colour, Dash

LayoutKind = Literal["layout", "template"]
ChartType = Literal["candles", "hollow", "bars", "line", "area", "heikin_ashi", "renko"]
Scale = Literal["linear", "log", "percent"]

MOST_STUDIES = 20
MOST_COMPARED = 8
MOST_FORMULAS = 10
MOST_FORMULA = 2_000

_strict = with_config(ConfigDict(extra="forbid"))
_Name = Annotated[str, Field(min_length=1, max_length=64)]
_Symbol = Annotated[str, Field(min_length=1, max_length=32)]
_PaneId = Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9_-]*$")]


@_strict
@dataclass(frozen=True, slots=True, kw_only=True)
class LineStyle:
    """How one output of a study is drawn."""

    output: _Name
    colour: Colour | None = None
    width: Annotated[int, Field(strict=True, ge=1, le=4)] = 1
    dash: Dash = "solid"
    visible: bool = True


@_strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """An indicator on a chart. ``pane`` is the id of its pane, empty for where the catalogue puts it.

    ``other`` is the second instrument of those that compare with one.
    """

    name: _Name
    parameters: Annotated[dict[_Name, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=16)] = field(
        default_factory=dict
    )
    pane: _PaneId = ""
    other: _Symbol | None = None
    styles: Annotated[tuple[LineStyle, ...], Field(max_length=12)] = ()
    visible: bool = True


@_strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """A pane under the prices: ``height`` is its part of the chart's."""

    id: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_-]+$")]
    height: Annotated[float, Field(ge=0.02, le=0.9)] = 0.2
    collapsed: bool = False


@_strict
@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaText:
    """A formula whose hits are marked; text that the language reads when it is drawn, and that may be unfinished."""

    text: Annotated[str, Field(min_length=1, max_length=MOST_FORMULA)]
    visible: bool = True


@_strict
@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """What of a chart is shown. ``profile`` is the volume by price at the right edge, ``gaps`` prices jumped over."""

    volume: bool = True
    drawings: bool = True
    grid: bool = True
    sessions: bool = False
    quality: bool = False
    legend: bool = True
    gaps: bool = False
    profile: bool = False


@_strict
@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLayout:
    """How a chart is arranged. A template has no symbol, timeframe and instruments to compare.

    ``zone`` is what times are shown in: ``exchange``, ``local`` (the person's) or the name of a zone. ``renko_box`` is
    the height of a Renko brick in the currency of the prices, None for one that fits the bars. ``panes`` are those of
    the studies that name one, and ``volume``.
    """

    symbol: _Symbol | None = None
    timeframe: Timeframe | None = None
    chart_type: ChartType = "candles"
    scale: Scale = "linear"
    adjustment: Adjustment = "splits"
    renko_box: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None
    zone: Annotated[str, Field(min_length=1, max_length=64)] = "exchange"
    studies: Annotated[tuple[Study, ...], Field(max_length=MOST_STUDIES)] = ()
    panes: Annotated[tuple[Pane, ...], Field(max_length=MOST_STUDIES)] = ()
    compare: Annotated[tuple[_Symbol, ...], Field(max_length=MOST_COMPARED)] = ()
    formulas: Annotated[tuple[FormulaText, ...], Field(max_length=MOST_FORMULAS)] = ()
    visibility: Visibility = field(default_factory=Visibility)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutSummary:
    """A layout or template in a list. ``mine`` says whose it is; ``can_change`` whether the person may change it."""

    id: UUID
    kind: LayoutKind
    name: str
    shared: bool
    mine: bool
    can_change: bool
    version: int
    symbol: str | None
    timeframe: Timeframe | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A layout or template, whole."""

    id: UUID
    kind: LayoutKind
    name: str
    shared: bool
    mine: bool
    can_change: bool
    version: int
    changed_at: datetime
    chart: ChartLayout


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutList:
    """The person's layouts and templates and those that are shared, by name, and which one charts open with."""

    items: tuple[LayoutSummary, ...]
    default_id: UUID | None
