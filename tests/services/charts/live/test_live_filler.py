"""Gaps that change while they are filled."""

from outcry.kit.clock import FakeClock
from outcry.ports.feed import Resumed
from tests.services.charts.conftest import Charts
from tests.services.charts.live.scripted import Live, at, bar, trade


async def test_a_gap_that_grows_while_the_source_is_about_to_be_asked_is_not_filled_with_half_a_minute(
    charts: Charts, fake_clock: FakeClock
) -> None:
    live = await Live.open(charts, fake_clock)
    await live.begin()
    live.feed.history = [bar(1, 50), bar(2, 60)]
    live.take(Resumed(symbols=("BTC-USDT",)), trade(70, 10), seconds=123)
    live.feed.asked.clear()
    # The third minute has just begun; what the source has of it is half of it.
    live.runner._filler.look(live.runner._tracks.values(), at(180))
    live.take(Resumed(symbols=("BTC-USDT",)), trade(185, 11), seconds=185)
    live.feed.history.append(bar(3, 70, volume=0.5))
    await live.runner._filler.until_idle()
    assert live.feed.asked == [(at(60), at(180))]
    live.feed.history[-1] = bar(3, 70)
    await live.fill(253)
    await live.store()
    assert [(row[0], row[1], row[5]) for row in await live.stored()] == [(1, 50, 7), (2, 60, 7), (3, 70, 7)]
