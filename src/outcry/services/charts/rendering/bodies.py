"""The bars themselves: candles, hollow candles, bars, line, area, Heikin-Ashi, and the volume under them."""

from collections.abc import Sequence
from dataclasses import dataclass

from outcry.quant.indicators.profiles import VolumeProfile
from outcry.services.charts.contracts import BarSeries
from outcry.services.charts.rendering.frame import Frame
from outcry.services.charts.rendering.markup import Canvas, number, through


@dataclass(frozen=True, slots=True)
class Ohlc:
    """One bar's four prices."""

    open: float
    high: float
    low: float
    close: float

    @property
    def rises(self) -> bool:
        """Whether it closed no lower than it opened."""
        return self.close >= self.open


def prices_of(bars: BarSeries) -> list[Ohlc]:
    """Return the bars one by one."""
    return [Ohlc(*four) for four in zip(bars.open, bars.high, bars.low, bars.close, strict=True)]


def heikin_ashi(prices: Sequence[Ohlc]) -> list[Ohlc]:
    """Return averaged candles: the close is the mean of the four prices, the open the middle of the candle before.

    As Dan Valcu described them in Technical Analysis of Stocks & Commodities, February 2004; the first one opens in
    the middle of its own open and close.
    """
    made: list[Ohlc] = []
    for one in prices:
        close = (one.open + one.high + one.low + one.close) / 4
        opened = (made[-1].open + made[-1].close) / 2 if made else (one.open + one.close) / 2
        made.append(Ohlc(opened, max(one.high, opened, close), min(one.low, opened, close), close))
    return made


def draw_bodies(canvas: Canvas, frame: Frame, bars: BarSeries, chart_type: str) -> None:
    """Paint the bars in the way that is asked for."""
    prices = prices_of(bars)
    if chart_type in ("line", "area"):
        _draw_line(canvas, frame, bars, filled=chart_type == "area")
    elif chart_type == "bars":
        _draw_bars(canvas, frame, prices)
    else:
        shown = heikin_ashi(prices) if chart_type == "heikin_ashi" else prices
        _draw_candles(canvas, frame, shown, hollow=chart_type == "hollow")


def half_width(frame: Frame) -> int:
    """Return half of a candle's width in whole pixels, so that all are equally wide."""
    return max(0, round(frame.times.step * 0.36))


def _draw_candles(canvas: Canvas, frame: Frame, prices: Sequence[Ohlc], *, hollow: bool) -> None:
    """Paint candles, those of one colour together: a wick from low to high, a body from open to close."""
    y, half = frame.price.scale.y, half_width(frame)
    for rises, colour in ((True, frame.palette.up), (False, frame.palette.down)):
        wicks, bodies = [], []
        for place, one in enumerate(prices):
            if one.rises is not rises:
                continue
            x = round(frame.times.x(place))
            top, bottom = y(max(one.open, one.close)), y(min(one.open, one.close))
            wicks.append(f"M{x} {number(y(one.high))}V{number(top)}M{x} {number(bottom)}V{number(y(one.low))}")
            bodies.append(f"M{x - half} {number(top)}H{x + half}V{number(bottom)}H{x - half}Z")
        name = "up" if rises else "down"
        with canvas.group(stroke=colour, shape_rendering="crispEdges", data_bars=name):
            canvas.add("path", d="".join(wicks) or None, fill="none", data_part="wicks")
            inside = frame.palette.ground if hollow and rises else colour
            canvas.add("path", d="".join(bodies) or None, fill=inside, data_part="bodies")


def _draw_bars(canvas: Canvas, frame: Frame, prices: Sequence[Ohlc]) -> None:
    y, half = frame.price.scale.y, max(1, half_width(frame))
    for rises, colour in ((True, frame.palette.up), (False, frame.palette.down)):
        parts = []
        for place, one in enumerate(prices):
            if one.rises is rises:
                x = round(frame.times.x(place))
                opened, closed = f"M{x - half} {number(y(one.open))}H{x}", f"M{x} {number(y(one.close))}H{x + half}"
                parts.append(f"M{x} {number(y(one.high))}V{number(y(one.low))}{opened}{closed}")
        with canvas.group(
            stroke=colour, fill="none", shape_rendering="crispEdges", data_bars="up" if rises else "down"
        ):
            canvas.add("path", d="".join(parts) or None, stroke_width=2 if half > 3 else 1)


def _draw_line(canvas: Canvas, frame: Frame, bars: BarSeries, *, filled: bool) -> None:
    y, x, colour = frame.price.scale.y, frame.times.x, frame.palette.accent
    path = through([(x(place), y(close)) for place, close in enumerate(bars.close)])
    if filled and path:
        bottom = number(frame.price.scale.bottom + 2)
        closed = f"{path}V{bottom}H{number(x(0))}Z"
        canvas.add("path", d=closed, fill=colour, fill_opacity=0.14)
    canvas.add(
        "path", d=path or None, fill="none", stroke=colour, stroke_width=2, stroke_linejoin="round", data_bars="line"
    )


def draw_volume(canvas: Canvas, frame: Frame, bars: BarSeries) -> None:
    """Paint the volume of each bar in its pane, in the colour of the bar."""
    pane = next((pane for pane in frame.panes if pane.name == "volume"), None)
    if pane is None:
        return
    half, bottom = half_width(frame), number(pane.scale.bottom)
    for rises, colour in ((True, frame.palette.up), (False, frame.palette.down)):
        parts = []
        for place, one in enumerate(prices_of(bars)):
            if one.rises is rises:
                x = round(frame.times.x(place))
                top = number(pane.scale.y(bars.volume[place]))
                parts.append(f"M{x - half} {bottom}V{top}H{x + max(half, 1)}V{bottom}Z")
        name = "up" if rises else "down"
        canvas.add(
            "path",
            d="".join(parts) or None,
            fill=colour,
            fill_opacity=0.55,
            shape_rendering="crispEdges",
            data_volume=name,
        )


def draw_profile(canvas: Canvas, frame: Frame, profile: VolumeProfile) -> None:
    """Paint how much was traded at which price, from the right edge leftwards, and the price with most of it."""
    y, right = frame.price.scale.y, frame.times.right
    edges, volume = profile.edges.tolist(), profile.volume.tolist()
    longest = 0.22 * (right - frame.times.left) / max(volume)
    for inside, opacity in ((True, 0.24), (False, 0.11)):
        rows = []
        for low, high, traded in zip(edges, edges[1:], volume, strict=False):
            middle = (low + high) / 2
            if (profile.value_low <= middle <= profile.value_high) is inside and traded > 0:
                left = number(right - traded * longest)
                rows.append(f"M{number(right)} {number(y(high))}H{left}V{number(y(low))}H{number(right)}Z")
        name = "value" if inside else "outside"
        canvas.add("path", d="".join(rows) or None, fill=frame.palette.soft, fill_opacity=opacity, data_profile=name)
    level = number(y(profile.point_of_control))
    canvas.add(
        "path",
        d=f"M{number(right - 0.22 * (right - frame.times.left))} {level}H{number(right)}",
        fill="none",
        stroke=frame.palette.accent,
        stroke_width=1.5,
        data_profile="control",
    )
