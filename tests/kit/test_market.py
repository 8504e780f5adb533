"""Times as microseconds, timeframes, and bars as columns."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.market import Bars, Timeframe, from_micros, to_micros


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_survives_the_round_trip_to_the_microsecond(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


@pytest.mark.parametrize(
    ("moment", "micros"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime(1929, 10, 29, tzinfo=UTC), -1_267_833_600_000_000),
        (datetime(2026, 1, 5, 7, tzinfo=timezone(timedelta(hours=-5))), 1_767_614_400_000_000),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 253_402_300_799_999_999),
    ],
)
def test_known_times(moment: datetime, micros: int) -> None:
    assert to_micros(moment) == micros
    assert from_micros(micros) == moment
    assert from_micros(micros).utcoffset() == timedelta(0)


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=5))
def test_micros_sort_as_times_do(moments: list[datetime]) -> None:
    assert sorted(moments, key=to_micros) == sorted(moments)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_micros(datetime(2026, 1, 5))  # noqa: DTZ001  # the missing zone is what is tested


def test_micros_of_numpy_columns_are_read() -> None:
    assert from_micros(np.int64(1_000_000)) == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)  # type: ignore[arg-type]  # a column's element


def test_timeframes_by_length() -> None:
    frames = list(Timeframe)
    assert [frame.value for frame in frames] == ["1m", "5m", "15m", "1h", "4h", "1d", "1w", "1M"]
    assert frames == sorted(frames, key=lambda frame: frame.duration)
    assert [frame.value for frame in frames if frame.is_intraday] == ["1m", "5m", "15m", "1h", "4h"]
    assert Timeframe("1m") is not Timeframe("1M")


def _bars(count: int) -> Bars:
    column = np.arange(count, dtype=np.float64)
    return Bars(
        time=np.arange(count, dtype=np.int64) * 86_400_000_000,
        open=column,
        high=column + 3,
        low=column - 3,
        close=column + 1,
        volume=column * 100,
        adjusted_close=np.full(count, np.nan),
    )


@given(count=st.integers(0, 20), tail=st.integers(0, 30))
def test_tail_keeps_the_newest_of_every_column(count: int, tail: int) -> None:
    bars = _bars(count)
    cut = bars.tail(tail)
    assert len(cut) == min(count, tail)
    for name in ("time", "open", "high", "low", "close", "volume", "adjusted_close"):
        expected = getattr(bars, name)[count - len(cut) :]
        np.testing.assert_array_equal(getattr(cut, name), expected)


def test_between_leaves_out_its_end() -> None:
    cut = _bars(10).between(2, 5)
    assert cut.time.tolist() == [2 * 86_400_000_000, 3 * 86_400_000_000, 4 * 86_400_000_000]
    assert cut.close.tolist() == [3.0, 4.0, 5.0]
