"""When bars are over."""

from datetime import UTC, datetime

from outcry.kit.market import Timeframe, from_micros, to_micros
from outcry.services.charts.conditions.histories import ends_of
from tests.services.charts.conftest import DAY, make_bars


def test_days_are_over_at_local_midnight_also_when_the_clocks_change() -> None:
    bars = make_bars([to_micros(datetime(2025, 3, day, tzinfo=UTC)) for day in (7, 8, 9)])
    ends = [from_micros(int(end)) for end in ends_of(bars, Timeframe.D1, "America/New_York")]
    assert [(end.day, end.hour) for end in ends] == [(8, 5), (9, 5), (10, 4)]
    assert (ends_of(bars, Timeframe.H1, "UTC") - bars.time == DAY // 24).all()
