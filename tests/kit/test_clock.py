"""The clock: aware, UTC, and movable in tests."""

from datetime import UTC, datetime, timedelta, timezone

from outcry.kit.clock import FakeClock, SystemClock


def test_system_clock_is_aware_utc_and_the_time_of_now() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_fake_clock_stands_still_until_moved() -> None:
    clock = FakeClock(datetime(2026, 1, 5, 12, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 1, 5, 12, tzinfo=UTC)
    clock.advance(timedelta(minutes=15))
    assert clock.now() == datetime(2026, 1, 5, 12, 15, tzinfo=UTC)


def test_fake_clock_answers_in_utc_wherever_it_was_set() -> None:
    clock = FakeClock(datetime(2026, 1, 5, 7, tzinfo=timezone(timedelta(hours=-5))))
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now() == datetime(2026, 1, 5, 12, tzinfo=UTC)
