"""Live indicators: they begin with what is recorded, go on with each bar that closes, and end with who follows."""

import asyncio
import math

import pytest

from outcry.kit.clock import FakeClock
from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.market import Timeframe
from outcry.quant.indicators.computing import compute
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.live.screens import Shown
from outcry.services.charts.live.studies import read_study
from tests.services.charts.conftest import Charts
from tests.services.charts.live.scripted import Live, ScriptedFeed, bar, trade

TENANT = SHARED_TENANT


@pytest.mark.parametrize("text", ["rsi(period=3)", "bbands", "obv"])
async def test_a_study_goes_on_from_the_recorded_bars(charts: Charts, fake_clock: FakeClock, text: str) -> None:
    feed = ScriptedFeed(history=[bar(minute, 100 + 7 * math.sin(minute)) for minute in range(-90, 1)])
    live = await Live.open(charts, fake_clock, feed)
    await live.begin(30)
    running = asyncio.create_task(live.recorder.run())
    live.runner.screens.expect(TENANT, "BTC-USDT", Shown(timeframe=Timeframe.M5, study=text))
    live.runner.studies.follow("BTC-USDT", Timeframe.M5, text)
    # A bar closes while the history is read.
    for minute in range(1, 40):
        live.take(trade(60 * minute + 5, 100 + minute % 7), seconds=60 * minute + 5)
        if minute == 7:
            await live.runner.studies.until_loaded()
    await live.recorder.drain()
    state = live.runner.studies.state("BTC-USDT", Timeframe.M5, text)
    assert state is not None
    bars = await charts.time_series.aggregate(
        SHARED_TENANT, "BTC-USDT", Timeframe.M1, Timeframe.M5, zone="UTC", limit=1000
    )
    # The minutes that closed end with the seventh five-minute bar.
    whole = bars.between(0, int((bars.time <= state["time"] * 1000).sum()))
    name, settings = read_study(text)
    expected = {output: float(values[-1]) for output, values in compute(name, whole, settings).items()}
    assert state["values"] == pytest.approx(expected, rel=1e-9)
    assert state["time"] == 1767614400000 + 6 * 300_000
    running.cancel()


@pytest.mark.long
async def test_a_study_that_nobody_follows_is_forgotten(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.runner.studies.follow("BTC-USDT", Timeframe.M1, "sma")
    await live.runner.studies.until_loaded()
    await live.runner.look()
    live.take(trade(70, 1), trade(130, 2), seconds=130)
    assert live.runner.studies.state("BTC-USDT", Timeframe.M1, "sma") is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidInputError),
        ("RSI", InvalidInputError),
        ("rsi(period=x)", InvalidInputError),
        ("rsi(period=nan)", InvalidInputError),
        ("rsi(period=14,period=15)", InvalidInputError),
        ("rsi(period=0)", InvalidInputError),
        ("rsi(speed=3)", InvalidInputError),
        ("rsi(" + "a" * 1000 + "=1)", InvalidInputError),
        ("nothing", NotFoundError),
        ("beta", InvalidInputError),
    ],
)
def test_what_is_no_study_is_told(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_study(text)
