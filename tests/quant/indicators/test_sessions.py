"""Where sessions begin, and sums that begin anew."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.kit.market import from_micros, to_micros
from outcry.quant.indicators.sessions import MINUTE, anchor_time, session_starts, session_sums


def times(*moments: datetime) -> list[float]:
    return [float(to_micros(moment)) for moment in moments]


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


def test_days_weeks_and_months_begin_where_the_calendar_says() -> None:
    # Friday, Friday, Sunday, Monday, and a Tuesday of the next month.
    column = np.array(times(at(1, 31, 14), at(1, 31, 23, 59), at(2, 2, 0), at(2, 3, 9), at(3, 4, 9)))
    assert session_starts(column, 0, 0).tolist() == [0, 2, 3, 4]
    assert session_starts(column, 1, 0).tolist() == [0, 3, 4]
    assert session_starts(column, 2, 0).tolist() == [0, 2, 4]
    # A session that begins at 23:00 of UTC splits the Friday.
    assert session_starts(column, 0, 23 * 60).tolist() == [0, 1, 2, 3, 4]


@settings(deadline=None)
@given(
    minutes=st.lists(st.integers(-3_000_000, 60_000_000), min_size=1, max_size=60, unique=True).map(sorted),
    span=st.integers(0, 2),
    begin=st.integers(0, 1439),
)
def test_a_session_begins_exactly_where_its_name_changes(minutes: list[int], span: int, begin: int) -> None:
    def name(minute: int) -> tuple[int, int]:
        moment = from_micros((minute - begin) * MINUTE)
        week = moment.isocalendar()
        return ((moment.year, moment.timetuple().tm_yday), (week.year, week.week), (moment.year, moment.month))[span]

    expected = [0] + [at for at in range(1, len(minutes)) if name(minutes[at]) != name(minutes[at - 1])]
    column = np.array(minutes, dtype=np.float64) * MINUTE
    assert session_starts(column, span, begin).tolist() == expected


@settings(deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
    cuts=st.sets(st.integers(1, 399), max_size=12),
)
def test_sums_begin_anew_and_are_added_in_order(values: list[float], cuts: set[int]) -> None:
    starts = [0, *sorted(cut for cut in cuts if cut < len(values))]
    total, expected = 0.0, []
    for number, value in enumerate(values):
        total = value if number in starts else total + value
        expected.append(total)
    assert session_sums(np.array(values), np.array(starts)).tolist() == expected


@pytest.mark.parametrize(
    ("day", "minute", "moment"),
    [
        (20250131, 90, at(1, 31, 1, 30)),
        (20250231, 0, at(3, 3)),
        (20250000, 0, at(1, 1)),
        (19700101, 0, datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_day_written_as_a_number_is_a_time(day: int, minute: int, moment: datetime) -> None:
    assert anchor_time(day, minute) == to_micros(moment)
