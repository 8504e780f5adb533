"""Longer bars out of shorter ones."""

import numpy as np
import pytest

from outcry.kit.market import Bars, Timeframe
from outcry.quant.grouping import DAY, group, starts_of

MONDAY = 18_498 * DAY  # 24 August 2020


def make_days(count: int) -> Bars:
    """Days from a Monday on that open and close at 1, 2, 3, ..., with a volume of 100."""
    close = np.arange(1.0, count + 1)
    return Bars(
        time=MONDAY + np.arange(count, dtype=np.int64) * DAY,
        open=close,
        high=close + 1,
        low=close - 1,
        close=close,
        volume=np.full(count, 100.0),
        adjusted_close=np.full(count, np.nan),
    )


def test_weeks_and_months_of_days() -> None:
    days = make_days(9)
    weeks = group(days.tail(9).between(0, 8), starts_of(days.time[:8], Timeframe.W1))
    assert (weeks.open.tolist(), weeks.close.tolist(), weeks.volume.tolist()) == ([1, 8], [7, 8], [700, 100])
    assert (weeks.high.tolist(), weeks.low.tolist()) == ([8, 9], [0, 7])
    months = group(days, starts_of(days.time, Timeframe.MN1))
    assert [str(one) for one in months.time.astype("datetime64[us]").astype("datetime64[D]")] == [
        "2020-08-01",
        "2020-09-01",
    ]


def test_no_bars_give_none() -> None:
    none = make_days(0)
    assert len(group(none, starts_of(none.time, Timeframe.W1))) == 0


@pytest.mark.parametrize(
    ("target", "minutes"), [(Timeframe.M5, 5), (Timeframe.H1, 60), (Timeframe.H4, 240), (Timeframe.D1, 1440)]
)
def test_shorter_ones_are_cut_at_multiples_of_their_length(target: Timeframe, minutes: int) -> None:
    times = MONDAY + np.arange(0, 3 * 1440, 7, dtype=np.int64) * 60_000_000
    starts = starts_of(times, target)
    assert ((starts - MONDAY) % (minutes * 60_000_000) == 0).all()
    assert ((times - starts >= 0) & (times - starts < minutes * 60_000_000)).all()
