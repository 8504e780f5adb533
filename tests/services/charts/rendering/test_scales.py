"""Scales and ticks: values come back from heights, ticks are round, labels tell them apart."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.market import Timeframe
from outcry.services.charts.rendering.scales import ValueScale, compact, plain, round_ticks, signed
from outcry.services.charts.rendering.times import TimeAxis

PRICES = st.floats(min_value=1e-8, max_value=1e7)


@given(PRICES, PRICES, st.sampled_from(["linear", "log", "percent"]), st.integers(2, 12))
def test_ticks_are_round_within_the_range_and_told_apart(a: float, b: float, kind: str, count: int) -> None:
    low, high = min(a, b), max(a, b) * 1.01 + 1e-9
    scale = ValueScale(low=low, high=high, top=10, bottom=10 + 40 * count, kind=kind, base=low)  # type: ignore[arg-type]  # drawn from the three kinds
    ticks = scale.ticks()
    assert len(ticks) <= 3 * count + 3
    heights = [scale.y(value) for value, _ in ticks]
    assert all(scale.top - 1e-6 <= y <= scale.bottom + 1e-6 for y in heights)
    assert heights == sorted(heights, reverse=True)
    if kind == "linear" and high / low < 1e6:
        assert len({label for _, label in ticks}) == len(ticks)


@pytest.mark.parametrize(("low", "high"), [(136, 166), (0.9, 2.1), (1000, 1400), (23, 24), (0.0021, 0.0049)])
def test_a_label_is_the_value_of_its_tick(low: float, high: float) -> None:
    ticks = ValueScale(low=low, high=high, top=0, bottom=480).ticks()
    assert [float(label.replace(",", "")) for _, label in ticks] == pytest.approx([value for value, _ in ticks])


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 20))
def test_round_ticks_are_multiples_of_1_2_25_or_5_times_a_power_of_ten(low: float, span: float, count: int) -> None:
    ticks = round_ticks(low, low + span, count)
    assert len(ticks) <= 2 * count + 2
    for before, after in pairwise(ticks):
        step = after - before
        if step > 1e-9 * max(abs(low), 1):
            mantissa = step / 10 ** math.floor(math.log10(step) + 1e-7)
            assert min(abs(mantissa - each) for each in (1, 2, 2.5, 5, 10)) < 1e-3


@pytest.mark.parametrize(
    ("value", "plain_text", "signed_text", "short"),
    [
        (1234567.891, "1,234,567.89", "+1,234,567.89", "1.23M"),
        (-0.001, "0.00", "0.00", "0"),
        (-5, "−5.00", "−5.00", "−5"),
        (2_500, "2,500.00", "+2,500.00", "2.5K"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float, plain_text: str, signed_text: str, short: str) -> None:
    assert (plain(value, 2), signed(value), compact(value)) == (plain_text, signed_text, short)


def axis_of(timeframe: Timeframe, start: datetime, count: int, *, zone: str = "UTC", width: float = 900) -> TimeAxis:
    times = [int((start + n * timeframe.duration).timestamp() * 1000) for n in range(count)]
    return TimeAxis(times, timeframe, zone=zone, left=8, right=8 + width)


@pytest.mark.parametrize("count", [2, 10, 60, 250, 1_500])
@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_labels_of_times_keep_apart(timeframe: Timeframe, count: int) -> None:
    axis = axis_of(timeframe, datetime(2019, 11, 25, 13, 30, tzinfo=UTC), count)
    places = [axis.x(number) for number, _, _ in axis.labels()]
    assert all(after - before >= 0.5 * 72 for before, after in pairwise(places))
    assert len(places) <= 13
    if count >= 60 and timeframe is not Timeframe.MN1:
        assert len(places) >= 2


def test_times_are_told_in_the_zone_and_days_by_their_date() -> None:
    opening = datetime(2024, 7, 1, 13, 30, tzinfo=UTC)
    labels = [label for _, label, _ in axis_of(Timeframe.M15, opening, 26, zone="America/New_York").labels()]
    assert labels[:3] == ["10:00", "10:30", "11:00"]
    daily = axis_of(Timeframe.D1, datetime(2023, 12, 1, tzinfo=UTC), 90, zone="Asia/Tokyo").labels()
    assert [(label, year) for _, label, year in daily if year or label.isalpha()] == [("2024", True), ("Feb", False)]


def test_a_time_between_bars_and_beyond_them_has_a_place() -> None:
    axis = axis_of(Timeframe.D1, datetime(2024, 1, 1, tzinfo=UTC), 10)
    day = timedelta(days=1) / timedelta(milliseconds=1)
    first, last = axis.times[0], axis.times[-1]
    assert axis.x_of(first + 2.5 * day) == pytest.approx(axis.x(2.5))
    assert axis.x_of(last + 3 * day) == pytest.approx(axis.x(12))
    assert axis.x_of(first - day) == pytest.approx(axis.x(-1))
