"""The volume profile over HTTP."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.market import Timeframe, to_micros
from tests.services.charts.browsing import Desk, make_desk
from tests.services.charts.conftest import DAY, Charts, make_bars
from tests.services.charts.rooms import FewRooms
from tests.services.charts.test_charts_replay import make_module

NEWEST = to_micros(datetime(2026, 1, 2, tzinfo=UTC))


@pytest.fixture
async def desk(charts: Charts, fake_clock: FakeClock) -> Desk:
    """Four days of AAPL, the lows 99 to 102 and the highs 102 to 105, ten traded on each."""
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST - day * DAY for day in range(3, -1, -1)]))
    realtime, rooms = MemoryRealtime(), FewRooms()
    return make_desk(charts, make_module(charts, realtime, fake_clock, rooms), realtime, rooms)


async def test_a_profile_says_where_the_volume_was(desk: Desk) -> None:
    person = desk.new_person("viewer")
    found = await desk.call(person, "GET", "/instruments/aapl/volume-profile?rows=6&value_share=0.6")
    assert (found["symbol"], found["bars"], found["end"] - found["start"]) == ("AAPL", 4, 3 * DAY // 1000)
    assert found["edges"] == [99, 100, 101, 102, 103, 104, 105]
    assert found["rising"] == pytest.approx([10 / 3, 20 / 3, 10, 10, 20 / 3, 10 / 3])
    assert found["falling"] == [0] * 6
    assert (found["point_of_control"], found["value_low"], found["value_high"]) == (101.5, 101, 104)
    day = await desk.call(person, "GET", "/instruments/AAPL/volume-profile?start=2026-01-02&rows=1")
    assert (day["bars"], day["rising"], day["edges"]) == (1, [10], [102, 105])


async def test_without_bars_there_are_no_rows(desk: Desk) -> None:
    found = await desk.call(desk.new_person(), "GET", "/instruments/AAPL/volume-profile?end=2020-01-01")
    assert (found["bars"], found["start"], found["edges"], found["point_of_control"]) == (0, None, [], None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("AAPL/volume-profile?rows=0", 422),
        ("AAPL/volume-profile?rows=1001", 422),
        ("AAPL/volume-profile?value_share=0", 422),
        ("AAPL/volume-profile?value_share=nan", 422),
        ("AAPL/volume-profile?limit=50001", 422),
        ("AAPL/volume-profile?timeframe=1m", 422),
        ("AAPL/volume-profile?start=2026-01-02&end=2026-01-01", 422),
        ("ZZZ/volume-profile", 404),
    ],
)
async def test_bad_input_is_refused(desk: Desk, path: str, status: int) -> None:
    await desk.call(desk.new_person(), "GET", f"/instruments/{path}", status=status)


async def test_another_organisations_instrument_is_answered_like_none(desk: Desk) -> None:
    await desk.charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=desk.charts.tenant)
    stranger = desk.new_person(tenant_id=uuid4())
    theirs = await desk.call(stranger, "GET", "/instruments/OWN/volume-profile", status=404)
    nobodys = await desk.call(stranger, "GET", "/instruments/ZZZ/volume-profile", status=404)
    assert str(theirs).replace("OWN", "ZZZ") == str(nobodys)
