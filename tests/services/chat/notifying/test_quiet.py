"""Quiet hours, in any zone and at any time of the year."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.services.chat.notifying.contracts import MINUTES_A_DAY, QuietHours
from outcry.services.chat.notifying.quiet import find_zone, is_quiet, quiet_ends

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
NIGHT = QuietHours(start=22 * 60, end=7 * 60)
MINUTES = st.integers(0, MINUTES_A_DAY - 1)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Pacific/Chatham"])


@pytest.mark.parametrize(
    ("hour", "quiet"), [(21, False), (22, True), (23, True), (0, True), (6, True), (7, False), (12, False)]
)
def test_a_night_goes_over_midnight_in_its_own_zone(hour: int, quiet: bool) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert is_quiet(NIGHT, "Asia/Tokyo", datetime(2026, 3, 2, hour, tzinfo=tokyo).astimezone(UTC)) is quiet
    assert not is_quiet(None, "Asia/Tokyo", datetime(2026, 3, 2, hour, tzinfo=tokyo))


@given(
    start=MINUTES,
    end=MINUTES,
    zone=ZONES,
    now=st.integers(0, 10 * 366 * MINUTES_A_DAY).map(lambda minutes: BEGIN + timedelta(minutes=minutes)),
)
def test_they_end_within_a_day_when_the_clock_on_the_wall_says_so(
    start: int, end: int, zone: str, now: datetime
) -> None:
    hours = QuietHours(start=start, end=end)
    over = quiet_ends(hours, zone, now)
    assert now < over <= now + timedelta(hours=25, minutes=1)
    local = over.astimezone(ZoneInfo(zone))
    # In the night in which clocks are put forward some minutes are missing: the end is as long after them.
    jumped = local.utcoffset() != (over - timedelta(hours=2)).astimezone(ZoneInfo(zone)).utcoffset()
    assert jumped or local.hour * 60 + local.minute == end
    assert jumped or start == end or not is_quiet(hours, zone, over)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "/etc/localtime", "Europe/\x00", "a" * 5000])
def test_what_is_no_zone_is_none(name: str) -> None:
    assert find_zone(name) is None
