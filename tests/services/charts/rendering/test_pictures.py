"""Pictures of charts over HTTP: their numbers agree with the bars, text is only text, PNG is PNG."""

import io
import math
import re
import sys
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnavailableError
from outcry.kit.market import Bars, Timeframe
from outcry.kit.principal import Principal
from outcry.services.charts.rendering.asking import read_studies
from outcry.services.charts.rendering.picture import Picture
from outcry.services.charts.rendering.pictures import Pictures
from outcry.services.charts.rendering.raster import Rasteriser
from tests.services.charts.browsing import Desk
from tests.services.charts.conftest import DAY, make_bars
from tests.services.charts.drawings.test_drawings import desk
from tests.services.charts.test_charts_replay import NEWEST

__all__ = ["desk"]

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


def random_bars(count: int, seed: int = 7) -> Bars:
    """A random walk whose candles rise and fall, with wicks on both sides."""
    chance = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(chance.normal(0, 0.02, count)))
    opened = np.concatenate([[100.0], close[:-1]]) * (1 + chance.normal(0, 0.004, count))
    return Bars(
        time=np.array([NEWEST - (count - 1 - n) * DAY for n in range(count)], dtype=np.int64),
        open=opened,
        high=np.maximum(opened, close) * (1 + chance.uniform(0.001, 0.01, count)),
        low=np.minimum(opened, close) * (1 - chance.uniform(0.001, 0.01, count)),
        close=close,
        volume=chance.uniform(1e5, 1e6, count),
        adjusted_close=np.full(count, np.nan),
    )


async def ask(desk: Desk, person: Principal, path: str, *, status: int = 200) -> bytes:
    answer = await desk.http.get(f"/instruments/{path}", headers={"as": str(person.user_id)})
    assert answer.status_code == status, answer.text[:500]
    return answer.content


async def svg_of(desk: Desk, person: Principal, path: str) -> ElementTree.Element:
    return ElementTree.fromstring(await ask(desk, person, path))  # noqa: S314  # what this program has just written


def prices(root: ElementTree.Element) -> Any:
    """Return the function that makes a price of a height, as the root tells it."""
    low, high, top, bottom = (float(root.attrib[f"data-{name}"]) for name in ("low", "high", "top", "bottom"))

    def price(y: float) -> float:
        part = (bottom - y) / (bottom - top)
        return low * (high / low) ** part if root.attrib["data-scale"] == "log" else low + part * (high - low)

    return price


def candles_in(root: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Read open, high, low and close of each candle back out of the paths, from left to right."""
    price, found = prices(root), {}
    for group in root.iter(f"{SVG}g"):
        rises = group.attrib.get("data-bars")
        if rises is None:
            continue
        wicks, bodies = (path.attrib.get("d", "") for path in group)
        bodies_at = [[float(n) for n in NUMBERS.findall(body)] for body in bodies.split("Z") if body]
        wicks_at = [float(n) for n in NUMBERS.findall(wicks)]
        for number, (left, top, right, bottom, _) in enumerate(bodies_at):
            x, high, _, _, _, low = wicks_at[6 * number : 6 * number + 6]
            assert x == (left + right) / 2
            first, last = (bottom, top) if rises == "up" else (top, bottom)
            found[x] = tuple(price(y) for y in (first, high, low, last))
    return [found[x] for x in sorted(found)]


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("chart_type", ["candles", "hollow"])
async def test_the_candles_of_a_picture_are_the_bars_of_the_api(desk: Desk, scale: str, chart_type: str) -> None:
    ann = desk.new_person()
    await desk.charts.add("WALK", Timeframe.D1, random_bars(120))
    bars = await desk.call(ann, "GET", "/instruments/WALK/bars?limit=90")
    root = await svg_of(desk, ann, f"WALK/chart.svg?limit=90&scale={scale}&type={chart_type}&width=1200&height=800")
    candles = candles_in(root)
    assert len(candles) == 90
    # Two decimals of a pixel: half a hundredth of what a pixel means at the most.
    height = float(root.attrib["data-bottom"]) - float(root.attrib["data-top"])
    low, high = float(root.attrib["data-low"]), float(root.attrib["data-high"])
    step = 0.0051 * ((high - low) / height if scale == "linear" else high * math.log(high / low) / height)
    for place, name in enumerate(("open", "high", "low", "close")):
        read = [candle[place] for candle in candles]
        assert read == pytest.approx(bars[name], abs=step)


def longest_run(rows: np.ndarray[Any, Any]) -> tuple[int, int]:
    """Return the first and the last row of the longest stretch of rows without a gap."""
    stretches = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    longest = max(stretches, key=len)
    return int(longest[0]), int(longest[-1])


async def test_the_pixels_of_a_png_are_the_bars_of_the_api(desk: Desk) -> None:
    ann = desk.new_person()
    await desk.charts.add("WALK", Timeframe.D1, random_bars(120))
    bars = await desk.call(ann, "GET", "/instruments/WALK/bars?limit=60")
    query = "limit=60&width=1200&height=800&volume=false"
    root = await svg_of(desk, ann, f"WALK/chart.svg?{query}")
    pixels = np.asarray(Image.open(io.BytesIO(await ask(desk, ann, f"WALK/chart.png?{query}"))).convert("RGB"))
    price, left, step = prices(root), float(root.attrib["data-left"]), float(root.attrib["data-step"])
    a_pixel = abs(price(1) - price(0))
    colours = {True: (0x0B, 0x75, 0x6D), False: (0xB5, 0x43, 0x0F)}
    for number, (opened, high, low, close) in enumerate(
        zip(*(bars[k] for k in ("open", "high", "low", "close")), strict=True)
    ):
        column = pixels[:, round(left + (number + 0.5) * step)]
        painted = np.flatnonzero((column == colours[close >= opened]).all(axis=1))
        top, bottom = longest_run(painted)
        assert (price(top), price(bottom + 1)) == pytest.approx((high, low), abs=1.5 * a_pixel), number


async def test_studies_on_a_picture_are_those_of_the_api(desk: Desk) -> None:
    ann = desk.new_person()
    await desk.charts.add("WALK", Timeframe.D1, random_bars(120))
    series = await desk.call(ann, "GET", "/instruments/WALK/indicators/sma?period=20&limit=110")
    root = await svg_of(desk, ann, "WALK/chart.svg?limit=110&studies=sma(20),rsi(14),macd(12,26,9)")
    paths = {p.attrib["data-study"]: p.attrib["d"] for p in root.iter(f"{SVG}path") if "data-study" in p.attrib}
    assert paths.keys() == {"sma.sma", "rsi.rsi", "macd.macd", "macd.signal", "macd.histogram"}
    heights = [float(n) for n in NUMBERS.findall(paths["sma.sma"])][1::2]
    known = [value for value in series["values"]["sma"] if value is not None]
    assert [prices(root)(y) for y in heights] == pytest.approx(known, abs=0.005)
    panes = [group.attrib["data-pane"] for group in root.iter(f"{SVG}g") if "data-pane" in group.attrib]
    assert panes == ["price", "volume", "rsi", "macd"]


async def test_a_picture_has_the_drawings_that_are_asked_for_and_nobody_elses(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room = desk.rooms.add(desk.charts.tenant, ann.user_id)
    at = NEWEST // 1000
    points = [{"time": at - n * 86_400_000, "price": 100.0 + n} for n in (6, 2, 4)]
    needs = {"horizontal": 1, "text": 1, "channel": 3}
    for kind in ("trend_line", "ray", "horizontal", "channel", "fibonacci", "rectangle", "text", "measure"):
        body = {"kind": kind, "points": points[: needs.get(kind, 2)], "text": f"<b>&{kind}</b>"}
        await desk.call(ann, "POST", "/instruments/AAPL/drawings", body, status=201)
    position = {"kind": "position", "points": [points[2], points[1], points[0]]}
    await desk.call(ann, "POST", "/instruments/AAPL/drawings", position, status=201)
    root = await svg_of(desk, ann, "AAPL/chart.svg?drawings=true")
    kinds = [group.attrib["data-drawing"] for group in root.iter(f"{SVG}g") if "data-drawing" in group.attrib]
    assert len(set(kinds)) == 9
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert "<b>&text</b>" in texts
    for person, query in ((ann, ""), (ann, f"?drawings=true&room_id={room}"), (ben, "?drawings=true")):
        root = await svg_of(desk, person, f"AAPL/chart.svg{query}")
        assert [group for group in root.iter(f"{SVG}g") if "data-drawing" in group.attrib] == []
    await ask(desk, ben, f"AAPL/chart.svg?drawings=true&room_id={room}", status=404)


async def test_names_from_outside_are_never_markup(desk: Desk) -> None:
    bad = '"><script>alert(1)</script><!-- &lt; '
    await desk.charts.add("BAD", Timeframe.D1, make_bars([NEWEST]), name=bad)
    ann = desk.new_person()
    body = await ask(desk, ann, "BAD/chart.svg?width=2000")
    assert b"<script" not in body
    root = ElementTree.fromstring(body)  # noqa: S314  # what this program has just written
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "defs", "clipPath", "g", "path", "rect", "text")
    }
    assert any("<script>" in (element.text or "") for element in root.iter(f"{SVG}text"))


async def test_other_instruments_are_compared_by_their_change(desk: Desk) -> None:
    ann = desk.new_person()
    await desk.charts.add("ONE", Timeframe.D1, random_bars(60, 1))
    await desk.charts.add("TWO", Timeframe.D1, random_bars(60, 2))
    root = await svg_of(desk, ann, "ONE/chart.svg?compare=two&type=line&limit=50")
    assert root.attrib["data-scale"] == "percent"
    (path,) = [path for path in root.iter(f"{SVG}path") if path.attrib.get("data-compare") == "TWO"]
    heights = [float(n) for n in NUMBERS.findall(path.attrib["d"])][1::2]
    one = await desk.call(ann, "GET", "/instruments/ONE/bars?limit=50")
    two = await desk.call(ann, "GET", "/instruments/TWO/bars?limit=50")
    changes = [close / two["close"][0] for close in two["close"]]
    assert [prices(root)(y) / one["close"][0] for y in heights] == pytest.approx(changes, abs=1e-3)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("studies=nope(1)", "studies"),
        ("studies=sma(20", "studies"),
        ("studies=sma(0)", "period"),
        ("studies=sma(x)", "studies"),
        ("studies=sma(1,2)", "studies"),
        ("compare=%3F", "symbol"),
        ("zone=Mars/Olympus", "zone"),
    ],
)
async def test_what_cannot_be_drawn_says_why(desk: Desk, query: str, field: str) -> None:
    ann = desk.new_person()
    answer = await desk.http.get(f"/instruments/AAPL/chart.svg?{query}", headers={"as": str(ann.user_id)})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_studies_are_read_in_the_catalogues_order() -> None:
    sma, macd = read_studies(" SMA , macd(5, 10)")
    assert (sma.name, macd.parameters) == ("sma", {"fast": 5.0, "slow": 10.0, "signal": 9.0})
    assert read_studies("") == ()


async def test_times_are_told_in_the_zone_that_is_asked_for(desk: Desk) -> None:
    ann = desk.new_person()
    quarter = 15 * 60_000_000
    opening = NEWEST + 58 * quarter  # 14:30 UTC
    bars = make_bars([opening + n * quarter for n in range(26)])
    await desk.charts.add("NYSE", Timeframe.M15, bars, zone="America/New_York")
    for zone, first in (("exchange", "10:00"), ("UTC", "15:00"), ("Asia/Tokyo", "3 Jan")):
        root = await svg_of(desk, ann, f"NYSE/chart.svg?timeframe=15m&zone={zone}")
        told = {element.text for element in root.iter(f"{SVG}text")}
        assert first in told
        shown = "America/New York" if zone == "exchange" else zone
        assert any(text and shown in text for text in told)


@pytest.mark.parametrize("bars", [0, 1, 2])
async def test_hardly_any_bars_still_make_a_picture(desk: Desk, bars: int) -> None:
    ann = desk.new_person()
    await desk.charts.add("FEW", Timeframe.D1, make_bars([NEWEST - n * DAY for n in range(bars)][::-1] or [NEWEST]))
    window = "" if bars else "&end=1990-01-01"
    for more in ("", "&type=area", "&scale=log", "&studies=rsi(14)", "&theme=dark&width=400&height=240"):
        root = await svg_of(desk, ann, f"FEW/chart.svg?limit=5{more}{window}")
        assert root.tag == f"{SVG}svg"


async def test_png_is_made_once_and_as_large_as_it_is_asked_for(desk: Desk) -> None:
    ann, stranger = desk.new_person(), desk.new_person(tenant_id=uuid4())
    for ratio, size in ((1, (640, 360)), (2, (1280, 720))):
        png = await ask(desk, ann, f"AAPL/chart.png?width=640&height=360&pixel_ratio={ratio}")
        image = Image.open(io.BytesIO(png))
        assert (image.format, image.size) == ("PNG", size)
        # There is something on it: both colours of candles would be too much to ask of bars that only rise.
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 20
    headers = {"as": str(ann.user_id)}
    first = await desk.http.get("/instruments/AAPL/chart.png?width=640", headers=headers)
    tag = {"if-none-match": f"W/{first.headers['etag']}"}
    again = await desk.http.get("/instruments/AAPL/chart.png?width=640", headers=headers | tag)
    assert (again.status_code, again.content) == (304, b"")
    await ask(desk, stranger, "OWN/chart.png", status=404)


class CountedRasteriser(Rasteriser):
    """Counts how often it is asked."""

    asked = 0

    async def to_png(self, svg: str, *, width: int) -> bytes:
        """Count, and make no picture."""
        self.asked += 1
        return f"{width}{svg}".encode()


async def test_what_shows_the_same_is_kept_and_what_people_drew_is_not(desk: Desk, fake_clock: FakeClock) -> None:
    bars = await desk.charts.queries.bars(
        tenant_id=desk.charts.tenant, symbol="AAPL", timeframe=Timeframe.D1, start=None, end=None, limit=9
    )
    drawn = Picture(name="Apple", bars=bars, zone="UTC")
    rasteriser, blobs, tenant = CountedRasteriser(), ObstoreBlobs.in_memory(), uuid4()
    pictures = Pictures(blobs=blobs, rasteriser=rasteriser, clock=fake_clock)
    for picture, asked in ((drawn, 1), (drawn, 1), (Picture(name="Apfel", bars=bars, zone="UTC"), 2)):
        await pictures.to_png(tenant, picture)
        assert rasteriser.asked == asked
    await pictures.to_png(uuid4(), drawn)
    assert rasteriser.asked == 3
    assert await pictures.forget(tenant) == 2
    ann = desk.new_person()
    line = {"kind": "horizontal", "points": [{"time": 0, "price": 1.0}]}
    await desk.call(ann, "POST", "/instruments/AAPL/drawings", line, status=201)
    (held,) = (await desk.call(ann, "GET", "/instruments/AAPL/drawings"))["items"]
    assert held["kind"] == "horizontal"


async def test_a_picture_that_takes_too_long_or_fails_is_given_up() -> None:
    sleeper = Rasteriser(seconds=0.2, command=(sys.executable, "-c", "import time; time.monotonic(); input(); input()"))
    endless = Rasteriser(seconds=0.5, command=(sys.executable, "-c", "while True: pass"))
    for rasteriser in (endless, sleeper):
        with pytest.raises(UnavailableError):
            await rasteriser.to_png("<svg/>", width=10)
    with pytest.raises(UnavailableError, match="could not be made"):
        await Rasteriser().to_png("no picture at all", width=10)
