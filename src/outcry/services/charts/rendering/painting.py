"""Paints a picture of a chart as SVG. Pure: the same picture gives the same text."""

from outcry.services.charts.contracts import BarSeries
from outcry.services.charts.rendering.bodies import draw_bodies, draw_profile, draw_volume
from outcry.services.charts.rendering.bricks import box_of, in_bricks
from outcry.services.charts.rendering.curves import Colours, draw_comparisons, draw_legend, draw_studies
from outcry.services.charts.rendering.frame import HEADER, Frame, draw_axes, frame_of
from outcry.services.charts.rendering.marks import draw_last, draw_marks
from outcry.services.charts.rendering.markup import Canvas, width_of
from outcry.services.charts.rendering.palette import PALETTES
from outcry.services.charts.rendering.picture import Picture
from outcry.services.charts.rendering.scales import compact, plain, price_decimals, signed


def paint(picture: Picture) -> str:
    """Return the SVG of a picture.

    The root tells how heights mean prices: ``data-low`` is at ``data-bottom`` and ``data-high`` at ``data-top``,
    along a line or, with ``data-scale="log"``, a logarithm.
    """
    drawn = in_bricks(picture) if picture.chart_type == "renko" else picture
    frame = frame_of(drawn, PALETTES[picture.theme])
    canvas = Canvas(picture.width, picture.height)
    canvas.add("rect", width=picture.width, height=picture.height, fill=frame.palette.ground)
    bars = picture.bars
    draw_axes(canvas, frame, last=bars.close[-1] if bars.close else None)
    if bars.close:
        draw_last(canvas, frame, bars.close[-1], rises=bars.close[-1] >= bars.open[-1])
    _paint_panes(canvas, frame, drawn)
    _write_header(canvas, frame, picture)
    scale = frame.price.scale
    return canvas.to_svg(
        f"{bars.symbol}, bars of {bars.timeframe}",
        data_scale=scale.kind,
        data_low=repr(scale.low),
        data_high=repr(scale.high),
        data_top=repr(scale.top),
        data_bottom=repr(scale.bottom),
        data_left=repr(frame.times.left),
        data_step=repr(frame.times.step),
    )


def _paint_panes(canvas: Canvas, frame: Frame, picture: Picture) -> None:
    colours = Colours(frame)
    if picture.chart_type in ("line", "area"):
        colours.next()
    for pane in frame.panes:
        top = pane.scale.top
        clip = canvas.clip(f"pane-{pane.name}", 0, top - 3, frame.times.right, pane.scale.bottom - top + 5)
        legend = []
        with canvas.group(clip_path=clip, data_pane=pane.name):
            if pane.name == "price":
                if picture.profile:
                    draw_profile(canvas, frame, picture.profile)
                draw_bodies(canvas, frame, picture.bars, picture.chart_type)
                legend = draw_comparisons(canvas, frame, picture.comparisons, colours)
            elif pane.name == "volume":
                draw_volume(canvas, frame, picture.bars)
                newest = compact(picture.bars.volume[-1]) if picture.bars.volume else "–"
                legend = [(f"Volume {newest}", frame.palette.faint)]
            legend += draw_studies(canvas, frame, pane, colours)
            if pane.name == "price":
                draw_marks(canvas, frame, picture.drawings, picture.hits)
        draw_legend(canvas, frame, pane, legend)
    if not picture.bars.time:
        at = (frame.times.right / 2, (HEADER + frame.height) / 2)
        canvas.text(at, "There are no bars in this window", size=13, fill=frame.palette.faint, text_anchor="middle")


def _write_header(canvas: Canvas, frame: Frame, picture: Picture) -> None:
    """Write what instrument it is and, where there is room, the newest bar."""
    palette, bars = frame.palette, picture.bars
    x, y = 12.0, 25.0
    canvas.text((x, y), bars.symbol, size=15, fill=palette.text, font_weight="700")
    x += width_of(bars.symbol, 15) + 14
    kind = f" · Renko, bricks of {box_of(picture):g}" if picture.chart_type == "renko" else ""
    zone = f" · {picture.zone.replace('_', ' ')}" if bars.timeframe.is_intraday else ""
    said = [f"{bars.timeframe}{zone}{kind}"]
    newest = _newest(bars)
    room = picture.width - x - width_of(newest[0], 12) - 36
    if picture.name and picture.name != bars.symbol and width_of(f"{picture.name} · {said[0]}", 12) < room:
        said.insert(0, picture.name)
    canvas.text((x, y), " · ".join(said), size=12, fill=palette.soft)
    x += width_of(" · ".join(said), 12) + 18
    if x + width_of(newest[0], 12) < picture.width - 10:
        colour = palette.up if newest[1] else palette.down
        canvas.text((picture.width - 12, y), newest[0], size=12, fill=colour, text_anchor="end")


def _newest(bars: BarSeries) -> tuple[str, bool]:
    if not bars.close:
        return "", True
    close = bars.close[-1]
    decimals = price_decimals(close)
    four = zip("OHLC", (bars.open[-1], bars.high[-1], bars.low[-1], close), strict=True)
    said = " ".join(f"{letter} {plain(value, decimals)}" for letter, value in four)
    if len(bars.close) > 1 and bars.close[-2]:
        change = 100 * (close / bars.close[-2] - 1)
        return f"{said} {signed(change)}%", change >= 0
    return said, True
