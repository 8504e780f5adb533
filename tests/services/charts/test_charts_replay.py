"""Recorded bars played as live ones: to those who listen, while the replay runs, and without touching the records."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.feed.replay import ReplayFeed
from outcry.adapters.filings.none import NoneFilings
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import Bars, Timeframe, from_micros, to_micros
from outcry.kit.module import Module
from outcry.kit.principal import Principal
from outcry.ports.feed import Feed, Tick
from outcry.ports.realtime import Update
from outcry.services.charts.bar_builder import BarBuilder
from outcry.services.charts.module import build
from outcry.services.charts.replay import Recorded, ReplayRunner, topic_of
from outcry.services.chat.contracts import ChatFacade
from tests.services.charts.conftest import DAY, Charts, make_bars
from tests.services.charts.rooms import FewRooms

NEWEST = to_micros(datetime(2026, 1, 2, tzinfo=UTC))


async def no_wait(_seconds: float) -> None:
    """Let others run, without waiting."""
    await asyncio.sleep(0)


def make_feed(recorded: Recorded, speed: Callable[[], float]) -> Feed:
    return ReplayFeed(recorded, speed=speed, sleep=no_wait)


@dataclass
class Screen:
    """Somebody who listens to a topic."""

    seen: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, update: Update) -> None:
        self.seen.append(json.loads(update.data))
        self.changed.set()

    async def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a state that fits."""
        async with asyncio.timeout(20):
            while True:
                for state in self.seen:
                    if fits(state):
                        return state
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Stage:
    """A replay on real engines, looked after by hand."""

    charts: Charts
    realtime: MemoryRealtime
    runner: ReplayRunner


@pytest.fixture
async def stage(charts: Charts) -> AsyncIterator[Stage]:
    realtime = MemoryRealtime()
    runner = ReplayRunner(queries=charts.queries, commands=charts.commands, realtime=realtime, make_feed=make_feed)
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST - day * DAY for day in range(9, -1, -1)]))
    yield Stage(charts, realtime, runner)
    await runner.stop()


async def listen(stage: Stage, tenant: UUID, symbol: str = "AAPL") -> tuple[Screen, Callable[[], None]]:
    screen = Screen()
    stage.runner.expect(tenant, symbol)
    subscribed = await stage.realtime.follow_latest(topic_of(tenant, symbol), screen)
    return screen, subscribed.cancel


async def test_a_listener_sees_the_last_five_bars_form_and_close(stage: Stage) -> None:
    screen, _ = await listen(stage, stage.charts.tenant)
    await stage.runner.look()
    closed = await screen.until(lambda state: state["closed"])
    assert closed == {
        "symbol": "AAPL",
        "timeframe": "1d",
        "time": (NEWEST - 4 * DAY) // 1000,
        "open": 105.0,
        "high": 107.0,
        "low": 104.0,
        "close": 106.0,
        "volume": pytest.approx(10.0),
        "closed": True,
        "replayed": True,
        "speed": 4800,
    }
    forming = [state for state in screen.seen if not state["closed"]]
    assert forming[0]["open"] == forming[0]["close"] == 105.0
    assert len({state["close"] for state in forming}) > 5
    newest = await screen.until(lambda state: state["time"] == NEWEST // 1000)
    assert newest["open"] == 109.0
    # And round again, from the first of the five.
    screen.seen.clear()
    await screen.until(lambda state: state["time"] == (NEWEST - 4 * DAY) // 1000)


async def test_stored_bars_are_never_changed(stage: Stage) -> None:
    async def stored() -> object:
        return await stage.charts.queries.bars(
            tenant_id=stage.charts.tenant, symbol="AAPL", timeframe=Timeframe.D1, start=None, end=None, limit=99
        )

    before = await stored()
    screen, _ = await listen(stage, stage.charts.tenant)
    await stage.runner.look()
    await screen.until(lambda state: state["time"] == NEWEST // 1000)
    assert await stored() == before


async def test_nothing_plays_to_nobody_and_playing_ends_with_the_listener(stage: Stage) -> None:
    tenant = stage.charts.tenant
    stage.runner.expect(tenant, "AAPL")
    await stage.runner.look()
    assert not stage.runner.playing
    screen, cancel = await listen(stage, tenant)
    await stage.runner.look()
    await screen.until(lambda state: True)
    assert stage.runner.playing == {(tenant, "AAPL")}
    cancel()
    await stage.runner.look()
    assert not stage.runner.playing
    for _ in range(50):
        await stage.runner.look()
    assert not stage.runner.expected


async def test_stopping_puts_the_recorded_bar_back_and_starting_plays_again(stage: Stage) -> None:
    tenant = stage.charts.tenant
    screen, _ = await listen(stage, tenant)
    await stage.runner.look()
    await screen.until(lambda state: state["replayed"])
    stage.runner.changed(tenant, await stage.charts.commands.set_replay(tenant, running=False, speed=60))
    await stage.runner.look()
    assert not stage.runner.playing
    last = screen.seen[-1]
    assert (last["replayed"], last["closed"], last["time"], last["close"]) == (False, True, NEWEST // 1000, 110.0)
    stage.runner.changed(tenant, await stage.charts.commands.set_replay(tenant, running=True, speed=300))
    screen.seen.clear()
    await stage.runner.look()
    assert (await screen.until(lambda state: state["replayed"]))["speed"] == 300


async def test_organisations_do_not_hear_or_pace_each_other(stage: Stage) -> None:
    here, there = stage.charts.tenant, uuid4()
    mine, _ = await listen(stage, here)
    theirs, _ = await listen(stage, there)
    await stage.charts.commands.set_replay(there, running=False, speed=60)
    await stage.runner.look()
    await mine.until(lambda state: True)
    assert stage.runner.playing == {(here, "AAPL")}
    assert theirs.seen == []
    assert (await stage.charts.commands.get_replay(here)).running
    assert not (await stage.charts.commands.get_replay(there)).running


async def test_a_series_that_cannot_be_played_does_not_stop_the_others(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    tenant = stage.charts.tenant
    nothing, _ = await listen(stage, tenant, "NOPE")
    screen, _ = await listen(stage, tenant)
    await stage.runner.look()
    await screen.until(lambda state: state["closed"])
    await stage.runner.look()
    assert nothing.seen == []
    assert sum("ended early" in record.message for record in caplog.records) == 1


async def test_minutes_play_their_last_session(stage: Stage) -> None:
    minute = 60_000_000
    friday = to_micros(datetime(2025, 12, 19, 20, 58, tzinfo=UTC))
    monday = to_micros(datetime(2025, 12, 22, 14, 30, tzinfo=UTC))
    bars = make_bars([friday, friday + minute, monday, monday + minute])
    await stage.charts.add("SPY", Timeframe.M1, bars, zone="America/New_York")
    timeframe, played = await stage.runner.recorded(stage.charts.tenant, "SPY")
    assert (timeframe, played.time.tolist()) == (Timeframe.M1, [monday, monday + minute])


async def test_only_offered_speeds_can_be_set(charts: Charts) -> None:
    assert (await charts.commands.get_replay(charts.tenant)).speeds == (60, 300, 1200, 4800)
    with pytest.raises(InvalidInputError, match="60, 300"):
        await charts.commands.set_replay(charts.tenant, running=True, speed=7)
    for speed in (60, 1200):
        await charts.commands.set_replay(charts.tenant, running=True, speed=speed)
        assert (await charts.commands.get_replay(charts.tenant)).speed == speed


def make_module(charts: Charts, realtime: MemoryRealtime, clock: FakeClock, chat: ChatFacade | None = None) -> Module:
    return build(
        database=charts.database,
        time_series=charts.time_series,
        realtime=realtime,
        chat=chat or FewRooms(),
        filings=NoneFilings(),
        blobs=ObstoreBlobs.in_memory(),
        make_feed=make_feed,
        clock=clock,
        settings=charts.settings,
    )


async def test_the_module_starts_playing_by_itself_for_who_may_listen(charts: Charts, fake_clock: FakeClock) -> None:
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST]))
    await charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=charts.tenant)
    realtime = MemoryRealtime()
    module = make_module(charts, realtime, fake_clock)
    may_listen = module.topics["quotes"].may_listen

    def person(tenant: UUID, *scopes: str) -> Principal:
        return Principal(user_id=uuid4(), tenant_id=tenant, role="member", scopes=frozenset(scopes), session_id=uuid4())

    me, stranger = person(charts.tenant, "charts:bars:read"), person(uuid4(), "charts:bars:read")
    assert await may_listen(me, f"{charts.tenant}:AAPL")
    assert await may_listen(me, f"{charts.tenant}:OWN")
    assert await may_listen(stranger, f"{stranger.tenant_id}:AAPL")
    for who, topic_id in (
        (stranger, f"{charts.tenant}:AAPL"),
        (stranger, f"{stranger.tenant_id}:OWN"),
        (me, f"{charts.tenant}:NOPE"),
        (me, f"{charts.tenant}:aapl"),
        (me, "AAPL"),
        (me, ""),
        (person(charts.tenant), f"{charts.tenant}:AAPL"),
    ):
        assert not await may_listen(who, topic_id), topic_id
    await module.start()
    screen = Screen()
    await realtime.follow_latest(f"quotes:{charts.tenant}:AAPL", screen)
    await screen.until(lambda state: state["replayed"])
    await module.stop()


def tick(moment: datetime, price: float, volume: float = 1) -> Tick:
    return Tick(symbol="AAPL", time=moment, price=price, volume=volume)


def test_ticks_become_bars() -> None:
    start = datetime(2020, 12, 15, 14, 30, tzinfo=UTC)
    builder = BarBuilder(Timeframe.M1, "America/New_York")
    for second, price in ((0, 10), (20, 12), (40, 9), (59, 11)):
        closed, forming = builder.add(tick(start + timedelta(seconds=second), price))
        assert closed is None
    assert (forming.open, forming.high, forming.low, forming.close, forming.volume) == (10, 12, 9, 11, 4)
    closed, following = builder.add(tick(start + timedelta(seconds=60), 20))
    assert closed == forming
    assert (following.time, following.open) == (start + timedelta(minutes=1), 20)
    # A tick of the bar before comes too late.
    assert builder.add(tick(start, 1)) == (None, following)


@pytest.mark.parametrize(
    ("timeframe", "expected"),
    [
        (Timeframe.M15, datetime(2020, 12, 16, 2, 45, tzinfo=UTC)),
        (Timeframe.H4, datetime(2020, 12, 16, 0, 0, tzinfo=UTC)),
        (Timeframe.D1, datetime(2020, 12, 15, tzinfo=UTC)),
        (Timeframe.W1, datetime(2020, 12, 14, tzinfo=UTC)),
        (Timeframe.MN1, datetime(2020, 12, 1, tzinfo=UTC)),
    ],
)
def test_a_bar_opens_where_stored_bars_are_cut(timeframe: Timeframe, expected: datetime) -> None:
    # 02:50 UTC of the 16th is still the evening of the 15th in New York.
    moment = datetime(2020, 12, 16, 2, 50, tzinfo=UTC)
    assert BarBuilder(timeframe, "America/New_York").open_of(moment) == expected


async def test_bars_built_of_a_replay_are_the_recorded_bars(charts: Charts) -> None:
    bars = make_bars([NEWEST - DAY, NEWEST])

    async def recorded(_: str) -> tuple[Timeframe, Bars]:
        return Timeframe.D1, bars

    builder, built = BarBuilder(Timeframe.D1, "UTC"), []
    end = from_micros(NEWEST + DAY) - timedelta(microseconds=1)
    async for step in make_feed(recorded, lambda: 4800.0).ticks(["AAPL"]):
        for one in step:
            assert isinstance(one, Tick)
            closed, forming = builder.add(one)
            if closed:
                built.append(closed)
        if step[-1].time >= end:  # type: ignore[union-attr]  # a replay gives ticks alone
            built.append(forming)
            break
    assert [(one.open, one.high, one.low, one.close) for one in built] == [(100, 102, 99, 101), (101, 103, 100, 102)]
