"""The frame of a picture: its panes from top to bottom, their scales, and the axes around them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from outcry.services.charts.rendering.markup import Canvas, width_of
from outcry.services.charts.rendering.palette import Palette
from outcry.services.charts.rendering.picture import DrawnStudy, Picture
from outcry.services.charts.rendering.scales import ValueScale, extent
from outcry.services.charts.rendering.times import TimeAxis

HEADER, FOOTER = 38, 24
_LABEL_SIZE = 11
# What of the height under the header each pane has beside the prices.
_VOLUME_PART, _STUDY_PART, _LEAST_PRICE_PART = 0.13, 0.19, 0.4
# Indicators that go from 0 to 100, and the levels that they are read by.
LEVELS: dict[str, tuple[float, ...]] = {
    "rsi": (30, 70),
    "mfi": (20, 80),
    "stoch": (20, 80),
    "stochf": (20, 80),
    "stochrsi": (20, 80),
    "adx": (25,),
    "cci": (-100, 100),
    "willr": (-80, -20),
}
_FROM_0_TO_100 = frozenset({"rsi", "mfi", "stoch", "stochf", "stochrsi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """A part of the picture with a scale of its own: ``price``, ``volume``, or studies'."""

    name: str
    scale: ValueScale
    studies: tuple[DrawnStudy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where everything is."""

    panes: tuple[Pane, ...]
    times: TimeAxis
    palette: Palette
    width: int
    height: int

    @property
    def price(self) -> Pane:
        """The pane of prices, which is the first."""
        return self.panes[0]


def frame_of(picture: Picture, palette: Palette) -> Frame:
    """Lay a picture out."""
    groups = dict(_grouped(picture.studies))
    over = groups.pop("", ())
    spans = list(_spans(picture, list(groups)))
    panes = [Pane(name="price", scale=_price_scale(picture, over, *spans[0]), studies=over)]
    if picture.volume:
        most = max(picture.bars.volume, default=0.0) or 1.0
        top, bottom = spans[1]
        scale = ValueScale(low=0, high=most * 1.08, top=top, bottom=bottom, short=True)
        panes.append(Pane(name="volume", scale=scale, studies=()))
    for (name, studies), (top, bottom) in zip(groups.items(), spans[len(panes) :], strict=True):
        panes.append(Pane(name=name, scale=_study_scale(studies, top, bottom), studies=studies))
    labels = [label for pane in panes for _, label in pane.scale.ticks()] + [panes[0].scale.label(_last(picture))]
    axis = math.ceil(max(width_of(label, _LABEL_SIZE, bold=True) for label in labels)) + 16
    times = TimeAxis(picture.bars.time, picture.bars.timeframe, zone=picture.zone, left=8, right=picture.width - axis)
    return Frame(panes=tuple(panes), times=times, palette=palette, width=picture.width, height=picture.height)


def _last(picture: Picture) -> float:
    return picture.bars.close[-1] if picture.bars.close else 0.0


def _grouped(studies: Sequence[DrawnStudy]) -> Iterator[tuple[str, tuple[DrawnStudy, ...]]]:
    for name in dict.fromkeys(["", *(study.pane for study in studies)]):
        yield name, tuple(study for study in studies if study.pane == name)


def _spans(picture: Picture, studies: Sequence[str]) -> Iterator[tuple[float, float]]:
    """Give the top and bottom of each pane; the prices keep two fifths of the height however many there are."""
    total = picture.height - HEADER - FOOTER
    wanted = {pane.id: pane.height for pane in picture.panes}
    # However low the picture is, something is to be seen in each.
    parts = [max(wanted.get("volume", _VOLUME_PART), 50 / total)] * picture.volume
    parts += [max(wanted.get(name, _STUDY_PART), 64 / total) for name in studies]
    shrink = min(1.0, (1 - _LEAST_PRICE_PART) / sum(parts)) if parts else 1.0
    parts = [part * shrink for part in parts]
    top = float(HEADER)
    for number, part in enumerate([1 - sum(parts), *parts]):
        bottom = round(top + part * total)
        # A little air between panes, for their names.
        yield top + (18 if number else 4), bottom - 2
        top = bottom


def _price_scale(picture: Picture, over: Sequence[DrawnStudy], top: float, bottom: float) -> ValueScale:
    bars = picture.bars
    base = next((close for close in bars.close if close), 1.0)
    values: list[float | None] = [*bars.high, *bars.low]
    values += [value for study in over for curve in study.curves for value in curve.values]
    kind: Literal["linear", "log", "percent"] = "percent" if picture.comparisons else picture.scale
    for one in picture.comparisons:
        values += as_prices(one.closes, base)
    low, high = extent(values) or (0.0, 1.0)
    least = min((value for value in values if value is not None), default=1.0)
    if kind == "log" and least <= 0:
        kind = "linear"
    if kind == "log":
        low = max(low, least / 1.08)
    return ValueScale(low=low, high=high, top=top, bottom=bottom, kind=kind, base=base)


def as_prices(closes: Sequence[float | None], base: float) -> list[float | None]:
    """Return another instrument's closes as if it had begun at ``base``, for one scale of changes."""
    first = next((close for close in closes if close), None)
    return [None if close is None or first is None else base * close / first for close in closes]


def _study_scale(studies: Sequence[DrawnStudy], top: float, bottom: float) -> ValueScale:
    names = {study.name for study in studies}
    if names <= _FROM_0_TO_100:
        levels = tuple(sorted({level for name in names for level in LEVELS[name]}))
        return ValueScale(low=0, high=100, top=top, bottom=bottom, levels=levels)
    values = [value for study in studies for curve in study.curves for value in curve.values]
    read_by = [level for name in names for level in LEVELS.get(name, ())]
    low, high = extent([*values, *read_by]) or (0.0, 1.0)
    return ValueScale(low=low, high=high, top=top, bottom=bottom, short=max(abs(low), abs(high)) >= 10_000)


def draw_axes(canvas: Canvas, frame: Frame, *, last: float | None) -> None:
    """Paint the grid and the labels of both axes, before anything that lies on them.

    ``last`` is a price that gets a mark of its own: no label comes near it.
    """
    palette, times = frame.palette, frame.times
    labels = times.labels()
    with canvas.group(stroke=palette.line, shape_rendering="crispEdges", fill="none"):
        lines = "".join(f"M{times.x(n):.0f} {HEADER}V{frame.height - FOOTER}" for n, _, _ in labels)
        canvas.add("path", d=lines or None)
        for pane in frame.panes:
            heights = "".join(f"M0 {pane.scale.y(value):.0f}H{times.right:.0f}" for value, _ in pane.scale.ticks())
            canvas.add("path", d=heights or None)
    with canvas.group(stroke=palette.strong, shape_rendering="crispEdges", fill="none"):
        edges = "".join(f"M0 {pane.scale.top - 18:.0f}H{frame.width}" for pane in frame.panes[1:])
        bottom = frame.height - FOOTER
        canvas.add("path", d=f"M{times.right:.0f} {HEADER}V{bottom}M0 {bottom}H{frame.width}{edges}")
    with canvas.group(fill=palette.faint):
        for number, label, begins in labels:
            at = (times.x(number), frame.height - FOOTER + 16)
            weight = "600" if begins else None
            canvas.text(at, label, text_anchor="middle", font_weight=weight, fill=palette.soft if begins else None)
        for pane in frame.panes:
            for value, label in pane.scale.ticks():
                y = pane.scale.y(value)
                clear = pane.name != "price" or last is None or abs(y - pane.scale.y(last)) > 16
                if clear and pane.scale.top + 2 <= y <= pane.scale.bottom - 2:
                    canvas.text((times.right + 7, y + 4), label)
