"""Studies and compared instruments: lines, histograms, dots, and the band between an upper and a lower line."""

from collections.abc import Iterator, Sequence
from itertools import count

from outcry.services.charts.rendering.bodies import half_width
from outcry.services.charts.rendering.frame import LEVELS, Frame, Pane, as_prices
from outcry.services.charts.rendering.markup import Canvas, number, through, width_of
from outcry.services.charts.rendering.palette import DASHES
from outcry.services.charts.rendering.picture import Comparison, Curve, DrawnStudy

# Outputs that are a place a bar and no line.
_DOTTED = frozenset({"sar", "sarext", "psar"})
_SIZE = 11

Legend = list[tuple[str, str]]


class Colours:
    """Gives each curve without a chosen colour the next one of the theme."""

    def __init__(self, frame: Frame) -> None:
        self._palette = frame.palette
        self._turn = count()

    def of(self, curve: Curve, own: str | None) -> str:
        """Return the colour of a curve: the chosen one, else its study's ``own``, else the next."""
        if curve.style and curve.style.colour:
            return self._palette.drawn[curve.style.colour]
        return own or self.next()

    def next(self) -> str:
        """Return the next colour."""
        return self._palette.lines[next(self._turn) % len(self._palette.lines)]


def draw_studies(canvas: Canvas, frame: Frame, pane: Pane, colours: Colours) -> Legend:
    """Paint the studies of a pane and return what its legend says, each with its colour."""
    legend: Legend = []
    for level in sorted({level for study in pane.studies for level in LEVELS.get(study.name, ())}):
        y = round(pane.scale.y(level))
        canvas.add(
            "path",
            d=f"M0 {y}H{frame.times.right:.0f}",
            stroke=frame.palette.strong,
            stroke_dasharray="4 4",
            fill="none",
        )
    for study in pane.studies:
        legend += _draw_study(canvas, frame, pane, study, colours)
    return legend


def _draw_study(
    canvas: Canvas, frame: Frame, pane: Pane, study: DrawnStudy, colours: Colours
) -> Iterator[tuple[str, str]]:
    outputs = {curve.output: curve for curve in study.curves}
    band = "upper" in outputs and "lower" in outputs
    own = colours.next() if band else None
    if band:
        _draw_band(canvas, frame, pane, outputs["upper"], outputs["lower"], own or "")
    if len(outputs) > 1:
        yield study.title, own or frame.palette.soft
    for curve in study.curves:
        colour = frame.palette.soft if curve.output == "histogram" else colours.of(curve, own)
        _draw_curve(canvas, frame, pane, study, curve, colour)
        newest = next((value for value in reversed(curve.values) if value is not None), None)
        said = pane.scale.label(newest) if newest is not None else "–"
        yield f"{curve.output if len(outputs) > 1 else study.title} {said}", colour


def _draw_curve(canvas: Canvas, frame: Frame, pane: Pane, study: DrawnStudy, curve: Curve, colour: str) -> None:
    style, x, y = curve.style, frame.times.x, pane.scale.y
    spots = [None if value is None else (x(place), y(value)) for place, value in enumerate(curve.values)]
    tag = f"{study.name}.{curve.output}"
    if curve.output == "histogram":
        _draw_histogram(canvas, frame, pane, curve.values, tag)
    elif study.name in _DOTTED:
        circles = "".join(_dot(*spot) for spot in spots if spot)
        canvas.add("path", d=circles or None, fill=colour, data_study=tag)
    else:
        canvas.add(
            "path",
            d=through(spots) or None,
            fill="none",
            stroke=colour,
            stroke_width=style.width if style else 1.5,
            stroke_dasharray=DASHES[style.dash] if style else None,
            stroke_linejoin="round",
            data_study=tag,
        )


def _dot(x: float, y: float, radius: float = 1.8) -> str:
    turn = f"a{radius} {radius} 0 1 0"
    return f"M{number(x - radius)} {number(y)}{turn} {2 * radius} 0{turn} {-2 * radius} 0Z"


def _draw_band(canvas: Canvas, frame: Frame, pane: Pane, upper: Curve, lower: Curve, colour: str) -> None:
    places = [n for n, pair in enumerate(zip(upper.values, lower.values, strict=True)) if None not in pair]
    if len(places) < 2:
        return
    edge = [(frame.times.x(n), pane.scale.y(upper.values[n] or 0.0)) for n in places]
    edge += [(frame.times.x(n), pane.scale.y(lower.values[n] or 0.0)) for n in reversed(places)]
    canvas.add("path", d=f"{through(edge)}Z", fill=colour, fill_opacity=0.07)


def _draw_histogram(canvas: Canvas, frame: Frame, pane: Pane, values: Sequence[float | None], tag: str) -> None:
    half, zero = half_width(frame), number(pane.scale.y(0))
    for rises, colour in ((True, frame.palette.up), (False, frame.palette.down)):
        parts = []
        for place, value in enumerate(values):
            if value is not None and (value >= 0) is rises:
                x = round(frame.times.x(place))
                parts.append(f"M{x - half} {zero}V{number(pane.scale.y(value))}H{x + max(half, 1)}V{zero}Z")
        canvas.add("path", d="".join(parts) or None, fill=colour, fill_opacity=0.55, data_study=tag)


def draw_comparisons(canvas: Canvas, frame: Frame, comparisons: Sequence[Comparison], colours: Colours) -> Legend:
    """Paint other instruments' changes since the first bar, on the scale of changes."""
    legend: Legend = []
    scale = frame.price.scale
    for one in comparisons:
        values, colour = as_prices(one.closes, scale.base), colours.next()
        spots = [None if value is None else (frame.times.x(n), scale.y(value)) for n, value in enumerate(values)]
        canvas.add(
            "path", d=through(spots) or None, fill="none", stroke=colour, stroke_width=1.5, data_compare=one.symbol
        )
        newest = next((value for value in reversed(values) if value is not None), None)
        legend.append((f"{one.symbol} {scale.label(newest) if newest is not None else '–'}", colour))
    return legend


def draw_legend(canvas: Canvas, frame: Frame, pane: Pane, legend: Legend) -> None:
    """Write what a pane shows in its upper left corner, in lines as wide as the picture."""
    x, y = 12.0, pane.scale.top + (12 if pane.name == "price" else -4)
    for text, colour in legend:
        width = width_of(text, _SIZE) + 14
        if x > 12 and x + width > frame.times.right:
            x, y = 12.0, y + 15
        halo = frame.palette.ground
        canvas.text(
            (x, y),
            text,
            size=_SIZE,
            fill=colour,
            stroke=halo,
            stroke_width=3,
            paint_order="stroke",
            stroke_linejoin="round",
        )
        x += width
