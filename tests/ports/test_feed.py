"""The contract of the Feed port, and what the replay feed promises beyond it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.adapters.feed.replay import ReplayFeed
from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.market import Bars, Timeframe, from_micros
from outcry.ports.feed import Feed, Tick

DAY = 86_400_000_000


class Waits:
    """Stands in for sleeping: returns at once, and remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def make_bars(rows: list[tuple[float, float, float, float]]) -> Bars:
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 4)
    return Bars(
        time=np.arange(len(rows), dtype=np.int64) * DAY,
        open=table[:, 0].copy(),
        high=table[:, 1].copy(),
        low=table[:, 2].copy(),
        close=table[:, 3].copy(),
        volume=np.full(len(rows), 1000.0),
        adjusted_close=np.full(len(rows), np.nan),
    )


BARS = make_bars([(10, 12, 9, 11), (11, 11.5, 8, 8.5)])


def make_feed(bars: Bars, waits: Waits, *, speed: float = 4800, timeframe: Timeframe = Timeframe.D1) -> ReplayFeed:
    async def recorded(symbol: str) -> tuple[Timeframe, Bars]:
        if symbol != "AAPL":
            raise NotFoundError("There is no such symbol.")
        return timeframe, bars

    return ReplayFeed(recorded, speed=lambda: speed, sleep=waits)


async def ticks_of(feed: Feed, symbol: str = "AAPL") -> AsyncIterator[Tick]:
    """Go through the ticks one by one."""
    async for step in feed.ticks([symbol]):
        for item in step:
            assert isinstance(item, Tick)
            yield item


async def take(ticks: AsyncIterator[Tick], count: int) -> list[Tick]:
    taken = []
    async for tick in ticks:
        taken.append(tick)
        if len(taken) == count:
            break
    return taken


async def first_round(feed: Feed, bars: Bars) -> list[Tick]:
    """Return the ticks until the feed begins anew."""
    taken: list[Tick] = []
    async for tick in ticks_of(feed):
        if taken and tick.time < taken[-1].time:
            return taken
        taken.append(tick)
    raise AssertionError("the replay ended")


async def test_the_bars_built_of_the_ticks_are_the_recorded_ones() -> None:
    ticks = await first_round(make_feed(BARS, Waits()), BARS)
    for at in range(len(BARS)):
        day = [tick for tick in ticks if tick.time.date() == from_micros(int(BARS.time[at])).date()]
        prices = [tick.price for tick in day]
        assert (prices[0], max(prices), min(prices), prices[-1]) == (
            BARS.open[at],
            BARS.high[at],
            BARS.low[at],
            BARS.close[at],
        )
        assert sum(tick.volume for tick in day) == pytest.approx(1000)
        assert all(tick.replayed and tick.symbol == "AAPL" for tick in day)
    # A bar that rose goes to its low first, one that fell to its high.
    prices = [tick.price for tick in ticks]
    assert prices.index(9) < prices.index(12)
    assert prices.index(11.5) < prices.index(8)


async def test_market_times_only_grow_within_a_round_and_then_begin_again() -> None:
    waits = Waits()
    ticks = await first_round(make_feed(BARS, waits), BARS)
    times = [tick.time for tick in ticks]
    assert times == sorted(times)
    again = await take(ticks_of(make_feed(BARS, Waits())), len(ticks) + 3)
    assert [tick.time for tick in again[len(ticks) :]] == times[:3]


@pytest.mark.parametrize(
    ("timeframe", "speed", "seconds"),
    [(Timeframe.D1, 4800, 18), (Timeframe.D1, 1200, 72), (Timeframe.M1, 60, 1), (Timeframe.M1, 4800, 1)],
)
async def test_a_bar_takes_its_length_over_the_speed_but_at_least_a_second(
    timeframe: Timeframe, speed: float, seconds: float
) -> None:
    waits = Waits()
    bars = BARS.between(0, 1)
    feed = make_feed(bars, waits, speed=speed, timeframe=timeframe)
    async for tick in ticks_of(feed):
        if tick.time >= from_micros(0) + timeframe.duration - timedelta(microseconds=1):
            break
    assert sum(waits.seconds) == pytest.approx(seconds, abs=0.26)
    assert min(waits.seconds) >= 0.2


async def test_a_change_of_speed_counts_at_once() -> None:
    speed = [60.0]

    async def recorded(_: str) -> tuple[Timeframe, Bars]:
        return Timeframe.D1, BARS

    ticks = ticks_of(ReplayFeed(recorded, speed=lambda: speed[0], sleep=Waits()))
    slow = await take(ticks, 3)
    speed[0] = 4800
    fast = [await anext(ticks), await anext(ticks)]
    assert slow[2].time - slow[1].time == timedelta(seconds=15)
    assert fast[1].time - fast[0].time == timedelta(seconds=1200)


async def test_an_unknown_symbol_and_one_without_bars_raise() -> None:
    with pytest.raises(NotFoundError):
        await anext(ticks_of(make_feed(BARS, Waits()), "NOPE"))
    with pytest.raises(NotFoundError):
        await anext(ticks_of(make_feed(BARS.between(0, 0), Waits())))


async def test_backfill_gives_the_recorded_bars_of_a_time() -> None:
    feed = make_feed(BARS, Waits())
    second = await feed.backfill("AAPL", Timeframe.D1, start=from_micros(1), end=from_micros(2 * DAY))
    assert second.close.tolist() == [8.5]
    assert len(await feed.backfill("AAPL", Timeframe.D1, start=from_micros(0), end=from_micros(0))) == 0
    with pytest.raises(InvalidInputError):
        await feed.backfill("AAPL", Timeframe.M1, start=from_micros(0), end=from_micros(DAY))
    with pytest.raises(NotFoundError):
        await feed.backfill("NOPE", Timeframe.D1, start=from_micros(0), end=from_micros(DAY))
    assert (await feed.instruments(), feed.symbols(), feed.standing().connected) == ((), (), True)


async def test_several_symbols_are_played_together() -> None:
    async def recorded(symbol: str) -> tuple[Timeframe, Bars]:
        return Timeframe.D1, BARS

    steps = ReplayFeed(recorded, speed=lambda: 4800.0, sleep=Waits()).ticks(["A", "B"])
    for _ in range(3):
        step = await anext(steps)
        assert {item.symbol for item in step if isinstance(item, Tick)} == {"A", "B"}


async def test_closing_ends_the_ticks() -> None:
    feed = make_feed(BARS, Waits())
    ticks = ticks_of(feed)
    await anext(ticks)
    await feed.close()
    assert [tick async for tick in ticks] == []


@settings(max_examples=40, deadline=None)
@given(
    low=st.floats(1e-8, 1e6),
    width=st.floats(0, 2),
    opened=st.floats(0, 1),
    closed=st.floats(0, 1),
    speed=st.floats(1, 1e6),
)
async def test_no_tick_leaves_the_range(low: float, width: float, opened: float, closed: float, speed: float) -> None:
    high = low * (1 + width)
    bar = (low + (high - low) * opened, high, low, low + (high - low) * closed)
    bars = make_bars([tuple(min(high, max(low, price)) for price in bar)])  # type: ignore[list-item]  # four prices in, four out
    for tick in await take(ticks_of(make_feed(bars, Waits(), speed=speed)), 200):
        assert low <= tick.price <= high
        assert tick.volume >= 0
