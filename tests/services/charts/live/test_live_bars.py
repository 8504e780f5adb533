"""Ticks into bars of every timeframe: order, lateness, doubles, gaps, restarts."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.clock import FakeClock
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.kit.market import Timeframe, from_micros, to_micros
from outcry.ports.feed import BidAsk, FeedInstrument, Resumed, Tick
from outcry.ports.time_series import Batch
from outcry.services.charts.bar_builder import FormingBar
from outcry.services.charts.contracts import SHARED_TENANT
from outcry.services.charts.live.book import Book, minute_of
from outcry.services.charts.live.ladder import Ladder, earliest_needed, to_columns, to_forming
from outcry.services.charts.live.recorder import Closing, Found, _joined, _to_batches
from outcry.services.charts.live.track import Track
from tests.services.charts.conftest import Charts, make_bars
from tests.services.charts.live.scripted import BTC, NOON, Live, ScriptedFeed, at, bar, trade

LATEST = at(86_400)


async def test_trades_become_minutes_that_close_two_seconds_after_their_end(
    charts: Charts, fake_clock: FakeClock
) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(trade(65, 10), trade(70, 12, 2), trade(80, 9), trade(119, 11), seconds=119)
    live.take(trade(121.9, 20), seconds=121.9)
    await live.store()
    assert await live.stored() == []
    live.take(trade(122, 21), seconds=122)
    await live.store()
    assert await live.stored() == [(1, 10, 12, 9, 11, 5)]
    assert await live.told() == [("1m", 1, 11)]


async def test_a_late_trade_counts_until_its_bar_has_closed_and_never_after(
    charts: Charts, fake_clock: FakeClock
) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(trade(100, 10), trade(121, 20), seconds=121)
    live.take(trade(119, 15, 3), seconds=121.5)
    live.take(trade(125, 21), seconds=125)
    live.take(trade(118, 99), seconds=126)
    await live.store()
    assert await live.stored() == [(1, 10, 15, 10, 15, 4)]
    assert live.runner.status().late == 1


async def test_doubles_and_nonsense_are_counted_and_do_not_count(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    nonsense = [trade(70, price) for price in (0, -1, float("nan"), float("inf"))]
    nonsense += [trade(70, 10, volume) for volume in (-1, float("nan"))]
    live.take(trade(65, 10, name="a"), trade(66, 11, name="b"), trade(65, 10, name="a"), *nonsense, seconds=70)
    # A clock that is a day ahead must not close anything.
    live.take(trade(86_400, 10), seconds=71)
    live.take(trade(66, 11, name="b"), trade(125, 11, name="c"), seconds=125)
    await live.store()
    assert await live.stored() == [(1, 10, 11, 10, 11, 2)]
    status = live.runner.status()
    assert (status.ticks, status.dropped, status.refused, status.late) == (3, 2, 7, 0)


async def test_all_longer_bars_close_with_the_minute_that_ends_them(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    for minute in range(1, 12 * 60 + 1):
        live.take(trade(60 * minute + 5, 100 + minute), seconds=60 * minute + 5)
        if minute % 60 == 0:
            await live.store()
    told = await live.told()
    assert [one for one in told if one[1] == 4 or one[0] == "5m"][:3] == [
        ("1m", 4, 104),
        ("5m", 0, 104),
        ("5m", 5, 109),
    ]
    ends = {timeframe: [one for one in told if one[0] == timeframe] for timeframe, _, _ in told}
    assert [len(ends[name]) for name in ("1m", "5m", "15m", "1h", "4h", "1d")] == [719, 144, 48, 12, 3, 1]
    assert ends["1d"] == [("1d", -720, 819)]
    # Of the week and month only a part was seen: nobody is told that they closed.
    assert {"1w", "1M"} & set(ends) == set()


async def test_only_minutes_and_series_that_are_recorded_are_stored(charts: Charts, fake_clock: FakeClock) -> None:
    await charts.add("BTC-USDT", Timeframe.D1, make_bars([to_micros(NOON) - 129_600_000_000 * 2]))
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(trade(70, 5), seconds=70)
    live.take(trade(12 * 3600 + 5, 6), seconds=12 * 3600 + 5)
    await live.store()
    assert (await live.stored(Timeframe.D1))[-1] == (-720, 5, 5, 5, 5, 1)
    assert await live.stored(Timeframe.H1) == []
    built = await charts.queries.bars(
        tenant_id=charts.tenant, symbol="BTC-USDT", timeframe=Timeframe.H1, start=NOON, end=None, limit=10
    )
    assert built.close == (5,)


async def test_a_gap_is_filled_by_the_sources_own_bars_before_anything_closes(
    charts: Charts, fake_clock: FakeClock
) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(trade(70, 10), trade(130, 11), seconds=130)
    await live.store()
    # The connection broke in the second minute and is back in the fourth.
    live.take(Resumed(symbols=("BTC-USDT",)), trade(250, 14), seconds=250)
    live.take(trade(305, 15), seconds=305)
    await live.store()
    assert [row[0] for row in await live.stored()] == [1]
    live.feed.history = [bar(2, 111), bar(3, 112), bar(4, 113), bar(5, 999)]
    await live.fill(306)
    await live.store()
    assert [(row[0], row[1], row[5]) for row in await live.stored()] == [
        (1, 10, 1),
        (2, 111, 7),
        (3, 112, 7),
        (4, 113, 7),
    ]
    assert live.feed.asked[-1] == (at(120), at(300))
    live.take(trade(365, 16), seconds=365)
    await live.store()
    assert (await live.stored())[-1] == (5, 15, 15, 15, 15, 1)
    assert [one[1] for one in await live.told() if one[0] == "1m"] == [1, 2, 3, 4, 5]
    assert live.runner.status().filled == 2


async def test_a_gap_that_cannot_be_filled_is_counted_and_bars_go_on(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.feed.failures = [InvalidInputError("no minutes here")]
    live.take(trade(70, 10), Resumed(symbols=("BTC-USDT",)), trade(75, 11), seconds=75)
    await live.fill(133)
    await live.store()
    assert await live.stored() == [(1, 10, 11, 10, 11, 2)]
    assert (live.runner.status().filled, live.runner.status().unfilled) == (1, 1)


async def test_a_source_that_is_away_is_asked_again(
    charts: Charts, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcry.services.charts.live.filler._pause", lambda tries: 0)
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.feed.failures = [UnavailableError("away")] * 3
    live.feed.history = [bar(1, 50)]
    live.take(Resumed(symbols=("BTC-USDT",)), seconds=75)
    await live.fill(133)
    await live.store()
    assert [row[:2] for row in await live.stored()] == [(1, 50)]
    # A minute of which trades came and the source knows nothing is asked for three times, then the trades stand.
    live.take(Resumed(symbols=("BTC-USDT",)), trade(130, 51), seconds=134)
    before = len(live.feed.asked)
    await live.fill(193)
    await live.store()
    assert [row[:2] for row in await live.stored()] == [(1, 50), (2, 51)]
    assert len(live.feed.asked) == before + 3


async def test_the_first_time_history_is_fetched_and_nobody_is_told_of_it(
    charts: Charts, fake_clock: FakeClock
) -> None:
    feed = ScriptedFeed(history=[bar(minute, 1000 + minute) for minute in range(-2000, 1)])
    live = await Live.open(charts, fake_clock, feed)
    await live.begin(30)
    # From midnight a day before today on: 12 hours, a day, and the minute in which it was connected.
    assert [row[0] for row in await live.stored()] == list(range(-36 * 60, 1))[-2001:]
    assert feed.asked == [(at(-36 * 3600), at(60))]
    assert await live.told() == [("1m", 0, 1001)]
    live.take(trade(65, 5), trade(125, 6), seconds=125)
    live.take(trade(303, 5), seconds=303)
    await live.store()
    # The five-minute bar holds what was fetched and what came.
    assert [one for one in await live.told() if one[0] == "5m"] == [("5m", 0, 6)]


async def test_a_restart_goes_on_where_it_stopped_and_tells_once(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(trade(70, 10), trade(130, 11), trade(185, 12), seconds=185)
    await live.store()
    # Stored but not told: the process ended between the two stores.
    live.take(trade(245, 13), seconds=245)
    await charts.time_series.write(SHARED_TENANT, _batches(live.recorder._waiting))
    again = await Live.open(charts, fake_clock, ScriptedFeed(history=[bar(4, 13)]))
    again.take(Resumed(symbols=("BTC-USDT",)), seconds=250)
    await again.fill(313)
    again.take(trade(305, 14), trade(365, 15), seconds=365)
    await again.store()
    assert [row[0] for row in await again.stored()] == [1, 2, 3, 4, 5]
    told = await again.told()
    assert [one[1] for one in told if one[0] == "1m"] == [1, 2, 3, 4, 5]
    assert [one for one in told if one[0] == "5m"] == [("5m", 0, 14)]


def _batches(waiting: list[Closing]) -> list[Batch]:
    return [batch for one in _joined(waiting) for batch in _to_batches(one, set())]


async def test_a_longer_absence_is_a_beginning_anew(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(trade(70, 10), trade(130, 11), seconds=130)
    await live.store()
    fake_clock.advance(timedelta(days=3))
    again = await Live.open(charts, fake_clock)
    track = again.runner._tracks["BTC-USDT"]
    assert track.known_since == NOON + timedelta(days=2) - timedelta(hours=12)
    await again.begin(3 * 86_400 + 200)
    assert [one[0] for one in await again.told()] == ["1m"]


async def test_quotes_make_bars_only_where_there_are_no_trades(charts: Charts, fake_clock: FakeClock) -> None:
    euro = FeedInstrument(
        symbol="EURUSD",
        source_symbol="EURUSD",
        name="Euro",
        kind="fx",
        exchange="",
        currency="USD",
        zone="UTC",
        quoted=True,
    )
    live = await Live.open(charts, fake_clock, ScriptedFeed(instruments_given=(BTC, euro)))
    await live.begin()
    for symbol in ("EURUSD", "BTC-USDT"):
        live.take(BidAsk(symbol=symbol, time=at(70), bid=1.0, ask=2.0), seconds=70)
    live.take(BidAsk(symbol="EURUSD", time=at(80), bid=float("nan"), ask=2.0), seconds=80)
    live.take(trade(130, 1), trade(130, 1, symbol="EURUSD"), seconds=130)
    await live.store()
    assert await live.stored(symbol="EURUSD") == [(1, 1.5, 1.5, 1.5, 1.5, 0)]
    assert await live.stored(symbol="BTC-USDT") == []


async def test_what_comes_late_by_nature_closes_by_its_own_time(charts: Charts, fake_clock: FakeClock) -> None:
    slow = FeedInstrument(
        symbol="SAP.DE",
        source_symbol="SAP.DE",
        name="SAP",
        kind="stock",
        exchange="",
        currency="EUR",
        zone="UTC",
        punctual=False,
    )
    live = await Live.open(charts, fake_clock, ScriptedFeed(instruments_given=(BTC, slow)))
    await live.begin()
    live.take(trade(1000, 1), seconds=1000)
    live.take(trade(100, 5, symbol="SAP.DE"), seconds=1000)
    live.take(trade(125, 6, symbol="SAP.DE"), seconds=1001)
    await live.store()
    assert await live.stored(symbol="SAP.DE") == [(1, 5, 5, 5, 5, 1)]
    assert live.runner.status().late == 0


async def test_a_store_that_is_away_loses_nothing(
    charts: Charts, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outcry.services.charts.live.recorder._FIRST_PAUSE_S", 0.001)
    live = await Live.open(charts, fake_clock)
    await live.begin()
    failures = [UnavailableError("full")] * 2
    store: Callable[..., Awaitable[None]] = live.recorder.store

    async def fail_first(closings: object) -> None:
        if failures:
            raise failures.pop()
        await store(closings)

    monkeypatch.setattr(live.recorder, "store", fail_first)
    running = asyncio.create_task(live.recorder.run())
    live.take(trade(70, 10), trade(125, 11), seconds=125)
    live.take(trade(185, 12), seconds=185)
    await live.recorder.drain()
    running.cancel()
    assert [row[0] for row in await live.stored()] == [1, 2]
    assert [one[1] for one in await live.told()] == [1, 2]


prices = st.floats(1e-8, 1e6)
# Milliseconds of the minute, each once, and prices.
offsets = st.lists(st.tuples(st.integers(0, 59_999), prices), min_size=1, max_size=30, unique_by=lambda one: one[0])


@settings(max_examples=60, deadline=None)
@given(rows=offsets, seed=st.integers(0, 1000))
def test_in_whatever_order_trades_come_the_minute_is_the_same(rows: list[tuple[int, float]], seed: int) -> None:
    ticks = [
        trade(milliseconds / 1000, price, 0.25, name=str(number)) for number, (milliseconds, price) in enumerate(rows)
    ]
    shuffled = [*ticks, *ticks]
    random.Random(seed).shuffle(shuffled)
    book = Book(NOON)
    verdicts = [book.add(tick, LATEST) for tick in shuffled]
    assert verdicts.count("dropped") == len(ticks)
    ordered = [tick.price for tick in sorted(ticks, key=lambda tick: tick.time)]
    expected = (ordered[0], max(ordered), min(ordered), ordered[-1], 0.25 * len(ticks))
    (closed,) = book.settle(at(60))
    assert (closed.open, closed.high, closed.low, closed.close, closed.volume) == expected
    assert book.add(trade(59, 1, name="new"), LATEST) == "late"


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 3000), prices), min_size=1, max_size=60),
    cut=st.integers(0, 60),
    zone=st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe"]),
)
def test_a_ladder_that_is_built_anew_anywhere_gives_the_same_bars(
    steps: list[tuple[int, float]], cut: int, zone: str
) -> None:
    begin = from_micros(to_micros(NOON) - 40 * 86_400_000_000)
    times = np.cumsum([step for step, _ in steps])
    minutes = [
        FormingBar(
            time=begin + timedelta(minutes=int(minute)),
            open=price,
            high=price,
            low=price,
            close=price,
            volume=price / 3,
        )
        for minute, (_, price) in zip(times, steps, strict=True)
    ]
    end = minutes[-1].time + timedelta(days=40)

    def ladder(settled: datetime, known: list[FormingBar]) -> Ladder:
        return Ladder(zone, since=begin, settled_until=settled, minutes=to_columns(known))

    whole = list(ladder(begin, []).add(minutes, end))
    settled = minutes[cut].time if cut < len(minutes) else end
    first = list(ladder(begin, []).add([one for one in minutes if one.time < settled], settled))
    start = earliest_needed(settled, ZoneInfo(zone))
    known = [one for one in minutes if start <= one.time < settled]
    rest = list(ladder(settled, known).add([one for one in minutes if one.time >= settled], end))
    assert [*first, *rest] == whole


async def test_the_ladder_builds_what_the_store_of_bars_builds(charts: Charts) -> None:
    zone = "America/New_York"
    start = to_micros(datetime(2026, 2, 20, 14, 30, tzinfo=NOON.tzinfo))
    generator = np.random.default_rng(5)
    # Across the change to summer time, with nights and weekends.
    times = sorted({start + 60_000_000 * int(minute) for minute in generator.integers(0, 40 * 1440, 3000)})
    bars = make_bars(times, first=50.0)
    await charts.add("SPY", Timeframe.M1, bars, zone=zone)
    ladder = Ladder(zone, since=from_micros(0), settled_until=from_micros(start), minutes=bars.between(0, 0))
    end = from_micros(times[-1]) + timedelta(days=60)
    closed = list(ladder.add(to_forming(bars), end))
    for timeframe in Timeframe:
        if timeframe is Timeframe.M1:
            continue
        built = await charts.time_series.aggregate(
            SHARED_TENANT, "SPY", Timeframe.M1, timeframe, zone=zone, limit=10_000
        )
        assert to_forming(built) == tuple(one.bar for one in closed if one.timeframe is timeframe), timeframe


def test_screens_see_the_minute_the_bars_and_the_day() -> None:
    ladder = Ladder("UTC", since=at(-43_200), settled_until=NOON, minutes=to_columns([bar(-1, 50)]))
    found = Found(known_since=at(-43_200), settled_until=NOON, silent_until=NOON, ladder=ladder, untold=())
    track = Track(BTC, found)
    assert track.quote_state() is None
    track.take_quote(BidAsk(symbol="BTC-USDT", time=at(1), bid=9, ask=11, bid_size=1, ask_size=2), LATEST)
    track.book.add(trade(5, 10), LATEST)
    shown = track.quote_state()
    assert shown is not None
    assert (shown["time"], shown["close"], shown["closed"], shown["bid"]) == (to_micros(NOON) // 1000, 10, False, 9)
    assert (shown["day"]["open"], shown["day"]["high"], shown["day"]["volume"]) == (50, 52, 8)
    five = track.bar_state(Timeframe.M5)
    assert five is not None
    assert (five["open"], five["last_closed"]) == (10, None)
    track.remember(track.ladder.add(track.book.settle(at(60)), at(60)))
    one = track.bar_state(Timeframe.M1)
    assert one is not None
    assert (one["closed"], one["close"], one["last_closed"]["close"]) == (True, 10, 10)
    assert minute_of(at(61)) == at(60)
    assert isinstance(trade(1, 1), Tick)
