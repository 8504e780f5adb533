"""Technical summaries: words by rules, and every figure can be had again from its source."""

import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from outcry.kit.market import Bars, Timeframe
from tests.services.charts.browsing import Desk
from tests.services.charts.conftest import DAY, make_bars
from tests.services.charts.drawings.test_drawings import desk
from tests.services.charts.rendering.test_pictures import random_bars
from tests.services.charts.test_charts_replay import NEWEST

__all__ = ["desk"]


def walk(count: int, *, drift: float, noise: float = 0.004, volume: float = 1e6) -> Bars:
    """A path that goes one way."""
    bars = random_bars(count)
    close = 100 * np.exp(np.arange(count) * drift + np.random.default_rng(3).normal(0, noise, count))
    return Bars(
        time=bars.time,
        open=close,
        high=close * 1.005,
        low=close * 0.995,
        close=close,
        volume=np.full(count, volume),
        adjusted_close=bars.adjusted_close,
    )


async def summary(desk: Desk, symbol: str, query: str = "", *, status: int = 200) -> dict[str, Any]:
    person = desk.new_person("viewer")
    told: dict[str, Any] = await desk.call(person, "GET", f"/instruments/{symbol}/summary{query}", status=status)
    return told


def by_name(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {section["name"]: section for section in told["sections"]}


@pytest.mark.parametrize(
    ("drift", "trend", "momentum", "level"),
    [(0.004, "up", "rising", "near the high"), (-0.004, "down", "falling", "near the low")],
)
async def test_a_path_that_goes_one_way_is_told_so(
    desk: Desk, drift: float, trend: str, momentum: str, level: str
) -> None:
    await desk.charts.add("WALK", Timeframe.D1, walk(400, drift=drift))
    told = by_name(await summary(desk, "WALK"))
    assert list(told) == ["trend", "momentum", "volatility", "volume", "levels"]
    assert told["trend"]["verdict"] == trend
    assert told["momentum"]["verdict"] in (momentum, "mixed")
    assert told["levels"]["verdict"] == level
    assert told["volume"]["verdict"] == "usual"
    text = " ".join(section["sentence"] for section in told.values())
    assert not re.search(r"\b(buy|sell|should|recommend|target|expect)\b", text, re.IGNORECASE)


async def test_every_figure_comes_back_from_its_source(desk: Desk) -> None:
    await desk.charts.add("WALK", Timeframe.D1, random_bars(300))
    ann = desk.new_person()
    told = await summary(desk, "WALK")
    bars = await desk.call(ann, "GET", "/instruments/WALK/bars?limit=300")
    at = {time: place for place, time in enumerate(bars["time"])}
    seen = {"bar": 0, "indicator": 0, "rule": 0}
    figures = [figure for section in told["sections"] for figure in section["figures"]]
    values = {figure["key"]: figure["value"] for figure in figures} | {
        name: bars[name][-1] for name in ("close", "volume")
    }
    for figure in figures:
        source = figure["source"]
        seen[source["kind"]] += 1
        if source["kind"] == "bar":
            assert figure["value"] == bars[source["name"]][at[source["time"]]]
        elif source["kind"] == "indicator":
            query = "&".join(f"{name}={value:g}" for name, value in source["parameters"].items())
            series = await desk.call(ann, "GET", f"/instruments/WALK/indicators/{source['name']}?{query}")
            assert (series["values"][source["output"]][-1], series["time"][-1]) == (figure["value"], source["time"])
    for key, known in (
        ("atr_percent", 100 * values["atr_14"] / values["close"]),
        ("volume_average", sum(bars["volume"][-21:-1]) / 20),
        ("volume_ratio", values["volume"] / values["volume_average"]),
        ("from_high", 100 * (values["close"] / values["range_high"] - 1)),
    ):
        assert values[key] == pytest.approx(known)
    assert min(seen.values()) >= 5
    assert values["support"] < values["close"] < values["resistance"]
    assert (values["range_high"], values["range_low"]) == (max(bars["high"][-252:]), min(bars["low"][-252:]))


async def test_few_bars_are_told_as_such(desk: Desk) -> None:
    await desk.charts.add("FEW", Timeframe.D1, make_bars([NEWEST - DAY, NEWEST]))
    await desk.charts.add("QUIET", Timeframe.D1, walk(80, drift=0.001, volume=0))
    told = await summary(desk, "FEW")
    assert (told["bars"], told["as_of"], told["closed"]) == (2, "2026-01-02T00:00:00Z", True)
    verdicts = {name: section["verdict"] for name, section in by_name(told).items()}
    assert set(verdicts.values()) - {"unknown"} == {verdicts["levels"]}
    assert by_name(await summary(desk, "QUIET"))["volume"]["sentence"] == "No volume is recorded."
    assert (await summary(desk, "NOPE", status=404))["code"] == "instrument_not_found"
    coarse = await summary(desk, "FEW", "?timeframe=1h", status=422)
    assert coarse["code"] == "timeframe_not_recorded"


async def test_the_facade_gives_the_same(desk: Desk) -> None:
    await desk.charts.add("WALK", Timeframe.D1, random_bars(120))
    told = await desk.charts.queries.summary(tenant_id=desk.charts.tenant, symbol="walk", timeframe=Timeframe.D1)
    assert told.as_of == datetime(2026, 1, 2, tzinfo=UTC)
    over_http = await summary(desk, "WALK")
    assert [section.sentence for section in told.sections] == [one["sentence"] for one in over_http["sections"]]
