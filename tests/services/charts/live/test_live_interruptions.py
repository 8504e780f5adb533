"""A feed that is interrupted, and does not say at once, or not of every symbol, that its trades come again."""

from dataclasses import replace

from outcry.kit.clock import FakeClock
from outcry.ports.feed import Interrupted, Resumed
from tests.services.charts.conftest import Charts
from tests.services.charts.live.scripted import BTC, Live, ScriptedFeed, at, bar, trade

ETH = replace(BTC, symbol="ETH-USDT", source_symbol="ETH/USDT")


async def test_nothing_of_a_symbol_closes_before_it_is_known_that_its_trades_come(
    charts: Charts, fake_clock: FakeClock
) -> None:
    live = await Live.open(charts, fake_clock, ScriptedFeed(instruments_given=(BTC, ETH)))
    await live.begin()
    live.take(trade(70, 10), seconds=70)
    live.take(Interrupted(symbols=("BTC-USDT", "ETH-USDT")), seconds=80)
    # One symbol is heard again at once, and by its trades minutes are over in which the other may have had some.
    live.take(Resumed(symbols=("ETH-USDT",)), trade(90, 5, symbol="ETH-USDT"), seconds=90)
    live.take(trade(190, 6, symbol="ETH-USDT"), seconds=190)
    live.feed.history = [bar(minute, 100 + minute) for minute in range(1, 5)]
    await live.fill(191)
    await live.store()
    assert [row[0] for row in await live.stored(symbol="ETH-USDT")] == [1]
    assert await live.stored() == []
    live.take(Resumed(symbols=("BTC-USDT",)), trade(200, 12), seconds=200)
    await live.fill(253)
    await live.store()
    assert [row[:2] for row in await live.stored()] == [(1, 101), (2, 102), (3, 103)]
    assert live.feed.asked[-1] == (at(60), at(240))


async def test_what_was_presumed_is_asked_for_again_when_it_was_wrong(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.take(Interrupted(symbols=("BTC-USDT",)), seconds=70)
    live.take(Resumed(symbols=("BTC-USDT",)), seconds=80)
    live.feed.history = [bar(1, 50), bar(2, 60)]
    await live.fill(133)
    # The first trade says it again: those before it in this minute may be missing, too.
    live.take(Resumed(symbols=("BTC-USDT",)), trade(150, 10), seconds=150)
    await live.fill(193)
    await live.store()
    assert [row[:2] for row in await live.stored()] == [(1, 50), (2, 60)]


async def test_a_minute_of_the_market_may_have_begun_before_it_began_here(
    charts: Charts, fake_clock: FakeClock
) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    # Trades may be ten seconds ahead of the clock here, and so may be those that were missed just now.
    live.take(Resumed(symbols=("BTC-USDT",)), trade(121, 10), seconds=115)
    live.feed.history = [bar(2, 50)]
    await live.fill(191)
    assert live.feed.asked[-1] == (at(-36 * 3600), at(60))
    await live.fill(193)
    await live.store()
    assert [row[:2] for row in await live.stored()] == [(2, 50)]


async def test_a_clock_here_that_is_fast_does_not_fill_half_a_minute(charts: Charts, fake_clock: FakeClock) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.feed.asked.clear()
    live.feed.history = [bar(1, 50)]
    live.take(Resumed(symbols=("BTC-USDT",)), trade(100, 10), seconds=105)
    # Here the minute has been over for eleven seconds; the market may be ten behind, and trades two late.
    await live.fill(131)
    assert live.feed.asked == []
    live.take(trade(122, 11), seconds=131)
    await live.fill(131)
    assert live.feed.asked == [(at(60), at(120))]


async def test_while_a_source_is_away_nothing_closes_by_the_clock_either(charts: Charts, fake_clock: FakeClock) -> None:
    # Bars of what comes late by nature close by the clock here, once they are older than anything that still comes.
    feed = ScriptedFeed(instruments_given=(replace(BTC, punctual=False),))
    live = await Live.open(charts, fake_clock, feed)
    await live.begin()
    live.take(trade(70, 10), seconds=80)
    live.take(Interrupted(symbols=("BTC-USDT",)), seconds=90)
    await live.fill(2 * 3600)
    await live.store()
    feed.history = [bar(1, 50), bar(9, 60)]
    again = await Live.open(charts, fake_clock, feed)
    await again.fill(2 * 3600 + 1)
    again.take(Resumed(symbols=("BTC-USDT",)), seconds=2 * 3600 + 2)
    await again.fill(2 * 3600 + 73)
    await again.store()
    assert [row[:2] for row in await again.stored()] == [(1, 50), (9, 60)]
