"""A duty is due at somebody's time of day, whatever their clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.services.ai.duties.schedule import Schedule, read_schedule

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")


def times(schedule: Schedule, start: datetime, count: int) -> list[str]:
    """Return the next times as they are on the clock of the schedule's zone."""
    found = []
    for _ in range(count):
        start = schedule.next_after(start)
        found.append(f"{start.astimezone(ZoneInfo(schedule.zone)):%a %d %H:%M} {start:%H:%M}")
    return found


def test_it_stays_at_its_time_of_day_when_the_clocks_change() -> None:
    evening = read_schedule(range(1, 8), "17:00", "Europe/Berlin")
    assert times(evening, datetime(2026, 3, 27, 18, tzinfo=UTC), 3) == [
        "Sat 28 17:00 16:00",
        "Sun 29 17:00 15:00",
        "Mon 30 17:00 15:00",
    ]


def test_a_time_that_is_left_out_comes_later_and_one_that_is_there_twice_comes_once() -> None:
    night = read_schedule([6, 7, 1], "02:30", "Europe/Berlin")
    assert times(night, datetime(2026, 3, 27, 18, tzinfo=UTC), 3) == [
        "Sat 28 02:30 01:30",
        "Sun 29 03:30 01:30",
        "Mon 30 02:30 00:30",
    ]
    assert times(night, datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["Sun 25 02:30 00:30", "Mon 26 02:30 01:30"]


@given(
    days=st.sets(st.integers(1, 7), min_size=1),
    minute=st.integers(0, 1439),
    zone=st.sampled_from(ZONES),
    days_on=st.integers(0, 2_000),
    seconds=st.integers(0, 86_399),
)
def test_the_next_time_is_later_within_nine_days_and_nothing_lies_between(
    days: set[int], minute: int, zone: str, days_on: int, seconds: int
) -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=days_on, seconds=seconds)
    schedule = Schedule(sum(1 << (day - 1) for day in days), minute, zone)
    due = schedule.next_after(moment)
    assert moment < due <= moment + timedelta(days=9)
    local = due.astimezone(ZoneInfo(zone))
    assert local.isoweekday() in days or local.hour * 60 + local.minute != minute
    # A moment in between has the same next time, and from that time on it is another one.
    assert schedule.next_after(moment + (due - moment) / 2) == due
    assert schedule.next_after(due) > due


def test_it_says_in_words_when_it_is_due() -> None:
    assert read_schedule(range(1, 8), "09:05", "UTC").describe() == "every day at 09:05"
    assert read_schedule([5, 1, 2, 3, 4], "17:00", "UTC").describe() == "every weekday at 17:00"
    assert read_schedule([1, 5], "17:00", "UTC").describe() == "every Monday and Friday at 17:00"
    assert read_schedule([3], "17:00", "UTC").describe() == "every Wednesday at 17:00"


@pytest.mark.parametrize(
    ("days", "at", "zone"),
    [
        ([], "17:00", "UTC"),
        ([0], "17:00", "UTC"),
        ([8], "17:00", "UTC"),
        ([1], "24:00", "UTC"),
        ([1], "5 pm", "UTC"),
        ([1], "17:00", "Mars/Base"),
        ([1], "17:00", "../../etc/passwd"),
        ([1], "17:00", ""),
    ],
)
def test_what_is_no_schedule_is_refused(days: list[int], at: str, zone: str) -> None:
    with pytest.raises(InvalidInputError):
        read_schedule(days, at, zone)
