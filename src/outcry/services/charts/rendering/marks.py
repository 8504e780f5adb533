"""Drawings as they look on a picture, and the hits of a formula."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from outcry.services.charts.drawings.contracts import Drawing, Kind
from outcry.services.charts.rendering.frame import Frame
from outcry.services.charts.rendering.markup import Canvas, Spot, number, through, width_of
from outcry.services.charts.rendering.palette import DASHES
from outcry.services.charts.rendering.scales import plain, price_decimals, signed

# The retracements that traders draw, as parts of the way from the first point to the second.
FIBONACCI = (0.0, 0.236, 0.382, 0.5, 0.618, 0.786, 1.0)
_SIZE = 11


@dataclass(frozen=True, slots=True)
class Pen:
    """One drawing about to be painted."""

    canvas: Canvas
    frame: Frame
    drawing: Drawing
    colour: str

    @property
    def spots(self) -> list[Spot]:
        """Where its points are, in pixels."""
        y = self.frame.price.scale.y
        return [(self.frame.times.x_of(point.time), y(point.price)) for point in self.drawing.points]

    def line(self, *spots: Spot, faint: bool = False) -> None:
        """Paint a line through places in the drawing's style."""
        style = self.drawing.style
        self.canvas.add(
            "path",
            d=through(spots),
            fill="none",
            stroke=self.colour,
            stroke_width=1 if faint else style.width,
            stroke_dasharray=DASHES[style.dash],
            stroke_linecap="round" if style.dash == "dotted" else None,
        )

    def area(self, *spots: Spot, colour: str | None = None, opacity: float = 0.12) -> None:
        """Fill what lies between places."""
        self.canvas.add("path", d=f"{through(spots)}Z", fill=colour or self.colour, fill_opacity=opacity)

    def say(self, at: Spot, text: str, *, anchor: str = "start", weight: str | None = None) -> None:
        """Write beside the drawing, readable on whatever lies below."""
        self.canvas.text(
            at,
            text,
            size=_SIZE,
            fill=self.colour,
            text_anchor=anchor,
            font_weight=weight,
            stroke=self.frame.palette.ground,
            stroke_width=3,
            stroke_linejoin="round",
            paint_order="stroke",
        )


def draw_marks(canvas: Canvas, frame: Frame, drawings: Sequence[Drawing], hits: Sequence[int]) -> None:
    """Paint the drawings in their order, and a mark under each bar that a formula is true at."""
    for drawing in drawings:
        with canvas.group(data_drawing=drawing.kind):
            pen = Pen(canvas, frame, drawing, frame.palette.drawn[drawing.style.colour])
            _PAINT[drawing.kind](pen)
            if drawing.text and drawing.kind != "text":
                x, y = pen.spots[0]
                pen.say((x + 4, y - 6), drawing.text)
    _draw_hits(canvas, frame, hits)


def _draw_hits(canvas: Canvas, frame: Frame, hits: Sequence[int]) -> None:
    within = [time for time in hits if frame.times.times and frame.times.times[0] <= time <= frame.times.times[-1]]
    y = frame.price.scale.bottom - 3
    marks = (f"M{number(x)} {number(y - 9)}l5 8h-10Z" for x in map(frame.times.x_of, within))
    canvas.add("path", d="".join(marks) or None, fill=frame.palette.accent, data_hits=len(within))


def _trend_line(pen: Pen) -> None:
    pen.line(*pen.spots)


def _ray(pen: Pen) -> None:
    start, through_ = pen.spots
    pen.line(start, _at_edge(start, through_, pen.frame))


def _at_edge(start: Spot, through_: Spot, frame: Frame) -> Spot:
    """Return where a ray leaves the picture to the right or left, or far above or below when it stands upright."""
    dx, dy = through_[0] - start[0], through_[1] - start[1]
    if abs(dx) < 1e-6:
        return start[0], start[1] + (1e4 if dy > 0 else -1e4)
    edge = frame.times.right if dx > 0 else 0.0
    reach = max(1.0, (edge - start[0]) / dx)
    return start[0] + reach * dx, start[1] + reach * dy


def _horizontal(pen: Pen) -> None:
    ((_, y),) = pen.spots
    right = pen.frame.times.right
    pen.line((0.0, y), (right, y))
    price = pen.drawing.points[0].price
    pen.say((right - 6, y - 5), plain(price, price_decimals(price)), anchor="end")


def _channel(pen: Pen) -> None:
    start, end, beside = pen.spots
    slope = (end[1] - start[1]) / (end[0] - start[0]) if abs(end[0] - start[0]) > 1e-6 else 0.0
    offset = beside[1] - (start[1] + slope * (beside[0] - start[0]))
    parallel = ((start[0], start[1] + offset), (end[0], end[1] + offset))
    pen.area(start, end, parallel[1], parallel[0])
    pen.line(start, end)
    pen.line(*parallel)


def _fibonacci(pen: Pen) -> None:
    (x0, _), (x1, _) = pen.spots
    first, last = (point.price for point in pen.drawing.points)
    left, right = min(x0, x1), max(x0, x1)
    pen.canvas.add("path", d=through(pen.spots), stroke=pen.colour, stroke_dasharray="2 3", fill="none")
    levels = [(part, last + part * (first - last)) for part in FIBONACCI]
    heights = [pen.frame.price.scale.y(price) for _, price in levels]
    for upper, lower in pairwise(heights):
        pen.area((left, upper), (right, upper), (right, lower), (left, lower), opacity=0.05)
    for (part, price), y in zip(levels, heights, strict=True):
        pen.line((left, y), (right, y), faint=True)
        said = f"{part:g} ({plain(price, price_decimals(price))})"
        beside = left > width_of(said, _SIZE) + 12
        pen.say(
            (left - 5 if beside else left + 4, y + 4 if beside else y - 3), said, anchor="end" if beside else "start"
        )


def _rectangle(pen: Pen) -> None:
    (x0, y0), (x1, y1) = pen.spots
    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    pen.area(*corners)
    pen.line(*corners, (x0, y0))


def _text(pen: Pen) -> None:
    ((x, y),) = pen.spots
    for place, text in enumerate(pen.drawing.text.split("\n")[:8]):
        pen.say((x, y + place * 15), text, weight="600")


def _measure(pen: Pen) -> None:
    (x0, y0), (x1, y1) = pen.spots
    start, end = pen.drawing.points
    pen.area((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    middle = (x0 + x1) / 2
    pen.line((middle, y0), (middle, y1), faint=True)
    change = end.price - start.price
    percent = f" ({signed(100 * change / abs(start.price))}%)" if start.price else ""
    bars = round((x1 - x0) / pen.frame.times.step)
    said = f"{signed(change, price_decimals(start.price))}{percent} · {bars} bars"
    pen.say((middle, y1 - 6 if y1 <= y0 else y1 + 14), said, anchor="middle", weight="600")


def _position(pen: Pen) -> None:
    entry, stop, target = pen.drawing.points
    spots = pen.spots
    left, right = min(x for x, _ in spots), max(x for x, _ in spots)
    right = max(right, left + 8 * pen.frame.times.step)
    y_entry, y_stop, y_target = (y for _, y in spots)
    palette = pen.frame.palette
    for y, colour in ((y_target, palette.up), (y_stop, palette.down)):
        pen.area((left, y_entry), (right, y_entry), (right, y), (left, y), colour=colour, opacity=0.16)
    pen.line((left, y_entry), (right, y_entry), faint=True)
    risk, reward = abs(entry.price - stop.price), abs(target.price - entry.price)
    said = f"{(pen.drawing.side or 'position').title()} {plain(reward / risk, 2) if risk else '–'} : 1"
    pen.say((left + 4, y_entry - 4), said, weight="600")
    for point, y, word in ((target, y_target, "target"), (stop, y_stop, "stop")):
        price = plain(point.price, price_decimals(point.price))
        pen.say((left + 4, y + (12 if y < y_entry else -4)), f"{word} {price}")


_PAINT: Mapping[Kind, Callable[[Pen], None]] = {
    "trend_line": _trend_line,
    "ray": _ray,
    "horizontal": _horizontal,
    "channel": _channel,
    "fibonacci": _fibonacci,
    "rectangle": _rectangle,
    "text": _text,
    "measure": _measure,
    "position": _position,
}


def draw_last(canvas: Canvas, frame: Frame, close: float, *, rises: bool) -> None:
    """Mark the newest price on its axis."""
    scale, palette, right = frame.price.scale, frame.palette, frame.times.right
    y = scale.y(close)
    colour = palette.up if rises else palette.down
    canvas.add("path", d=f"M0 {y:.0f}H{right:.0f}", stroke=colour, stroke_dasharray="2 3", shape_rendering="crispEdges")
    label = scale.label(close)
    canvas.add("rect", x=right + 1, y=y - 9, width=width_of(label, _SIZE, bold=True) + 12, height=18, rx=3, fill=colour)
    canvas.text((right + 7, y + 4), label, fill=palette.ground, font_weight="600", data_last=repr(close))
