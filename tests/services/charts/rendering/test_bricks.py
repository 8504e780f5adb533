"""Pictures of Renko charts, volume profiles, panes and adjustments."""

from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from outcry.kit.market import Timeframe
from outcry.services.charts.contracts import BarSeries
from outcry.services.charts.rendering.bricks import box_for, box_of, in_bricks
from outcry.services.charts.rendering.picture import Comparison, Curve, DrawnStudy, Picture
from tests.services.charts.browsing import Desk
from tests.services.charts.conftest import DAY, make_bars
from tests.services.charts.drawings.test_drawings import desk
from tests.services.charts.rendering.test_pictures import NUMBERS, SVG, ask, candles_in, prices, random_bars, svg_of
from tests.services.charts.test_charts_replay import NEWEST

__all__ = ["desk"]

# Pictures read bars, which no engine of the database has a part in.
one_database = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)

# The same closes and bricks are in the browser's kinds.test.ts.
CLOSES = (10.7, 11.2, 13.1, 12.4, 10.9, 10.9, 14.0)
BRICKS = [(10, 11, 1), (11, 12, 2), (12, 13, 2), (12, 11, 4), (12, 13, 6), (13, 14, 6)]


def picture_of(closes: tuple[float, ...], **more: Any) -> Picture:
    count = len(closes)
    bars = BarSeries(
        symbol="WALK",
        timeframe=Timeframe.D1,
        time=tuple((NEWEST - (count - n) * DAY) // 1000 for n in range(count)),
        open=closes,
        high=tuple(close + 0.5 for close in closes),
        low=tuple(close - 0.5 for close in closes),
        close=closes,
        volume=(10.0,) * count,
        adjusted_close=(None,) * count,
        closed=True,
        more=False,
    )
    return Picture(name="Walk", bars=bars, zone="UTC", chart_type="renko", **more)


def test_bricks_are_those_of_the_browser() -> None:
    picture = picture_of(CLOSES, renko_box=1.0)
    bricks = in_bricks(picture).bars
    places = [picture.bars.time.index(time) for time in bricks.time]
    assert list(zip(bricks.open, bricks.close, places, strict=True)) == pytest.approx(np.array(BRICKS, dtype=float))
    # What was traded since the last brick is shared by those that a bar completes.
    assert bricks.volume == pytest.approx((20, 5, 5, 20, 10, 10))
    assert all(low == min(pair) for low, *pair in zip(bricks.low, bricks.open, bricks.close, strict=True))


def test_what_lies_on_the_bars_lies_on_their_bricks() -> None:
    known = tuple(float(n) for n in range(len(CLOSES)))
    study = DrawnStudy(name="rsi", title="RSI", pane="rsi", curves=(Curve(output="rsi", values=known),))
    picture = picture_of(CLOSES, renko_box=1.0, studies=(study,), comparisons=(Comparison(symbol="SPY", closes=known),))
    moved = in_bricks(picture)
    assert moved.studies[0].curves[0].values == moved.comparisons[0].closes == (1, 2, 2, 4, 6, 6)


def test_a_box_fits_the_bars_and_never_gives_more_bricks_than_can_be_drawn() -> None:
    assert box_for(picture_of((100.0, 101.0, 102.0)).bars) == 2.0
    assert box_for(picture_of((250.0,) * 3).bars) == 1.0
    assert box_for(picture_of(()).bars) == 1.0
    tiny = picture_of((1.0, 1e6, 1.0), renko_box=1e-9)
    assert box_of(tiny) == pytest.approx(2 * 1e6 / 5_000, rel=1e-5)
    assert len(in_bricks(tiny).bars.time) == 1500
    assert in_bricks(picture_of(())).bars.time == ()
    assert in_bricks(picture_of((5.0, 5.0))).bars.time == ()


@one_database
async def test_a_renko_picture_shows_bricks(desk: Desk) -> None:
    ann = desk.new_person()
    await desk.charts.add("WALK", Timeframe.D1, random_bars(120))
    root = await svg_of(desk, ann, "WALK/chart.svg?limit=120&type=renko&renko_box=1&studies=sma(20)")
    bricks = candles_in(root)
    assert len(bricks) > 10
    assert all(abs(one[3] - one[0]) == pytest.approx(1, abs=0.05) for one in bricks)
    assert any("Renko, bricks of 1" in (text.text or "") for text in root.iter(f"{SVG}text"))
    for box in ("0", "-1", "nan", "inf", "x"):
        await ask(desk, ann, f"WALK/chart.svg?type=renko&renko_box={box}", status=422)


@one_database
async def test_a_profile_on_a_picture_is_that_of_the_api(desk: Desk) -> None:
    ann = desk.new_person()
    await desk.charts.add("WALK", Timeframe.D1, random_bars(120))
    root = await svg_of(desk, ann, "WALK/chart.svg?limit=60&profile=true&height=900")
    told = await desk.call(ann, "GET", "/instruments/WALK/volume-profile?limit=60&rows=48")
    paths = {p.attrib["data-profile"]: p.attrib["d"] for p in root.iter(f"{SVG}path") if "data-profile" in p.attrib}
    assert paths.keys() == {"value", "outside", "control"}
    assert prices(root)(float(NUMBERS.findall(paths["control"])[1])) == pytest.approx(told["point_of_control"], abs=0.1)
    rows = [row for name in ("value", "outside") for row in paths[name].split("Z") if row]
    assert len(rows) == sum(up + down > 0 for up, down in zip(told["rising"], told["falling"], strict=True))
    assert not [p for p in (await svg_of(desk, ann, "WALK/chart.svg")).iter() if "data-profile" in p.attrib]


def edges_of(root: ElementTree.Element) -> dict[str, float]:
    """Return how high the clip of each pane is."""
    found = {}
    for clip in root.iter(f"{SVG}clipPath"):
        (rect,) = clip
        found[clip.attrib["id"]] = float(rect.attrib["height"])
    return found


@one_database
async def test_a_layouts_panes_adjustment_and_box_are_those_of_its_picture(desk: Desk) -> None:
    ann = desk.new_person()
    await desk.charts.add("WALK", Timeframe.D1, make_bars([NEWEST - n * DAY for n in reversed(range(60))]))
    chart = {
        "symbol": "WALK",
        "timeframe": "1d",
        "adjustment": "none",
        "studies": [
            {"name": "rsi", "pane": "rsi-1"},
            {"name": "macd", "pane": "macd-1"},
        ],
        "panes": [{"id": "rsi-1", "height": 0.35}, {"id": "macd-1", "collapsed": True}],
    }
    made = await desk.call(ann, "POST", "/layouts", {"name": "Panes", "chart": chart}, status=201)
    assert made["chart"]["adjustment"] == "none"
    edges = edges_of(await svg_of(desk, ann, f"WALK/chart.svg?layout_id={made['id']}&height=900"))
    assert edges.keys() == {"pane-price", "pane-volume", "pane-rsi-1"}
    assert edges["pane-rsi-1"] == pytest.approx(0.35 * (900 - 38 - 24), abs=24)
