"""The two ways of DuckDB's store to build longer bars agree, and so do its two ways to write."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.adapters.time_series.buckets import can_group
from outcry.adapters.time_series.duckdb import DuckdbTimeSeries
from outcry.kit.market import Bars, Timeframe
from outcry.ports.time_series import Batch

START = datetime(1969, 12, 28, 22, 7, tzinfo=UTC)
NAMES = ("time", "open", "high", "low", "close", "volume", "adjusted_close")


def make_bars(source: Timeframe, steps: list[int], seed: int) -> Bars:
    """Bars with so many lengths of a bar between each and the next; volumes are whole, so that sums are exact."""
    random = np.random.default_rng(seed)
    length = source.duration // timedelta(microseconds=1)
    begin = int(START.timestamp() * 1e6) // length * length
    time = begin + np.cumsum(np.array(steps, dtype=np.int64)) * length
    prices = random.uniform(1, 100, (4, len(time)))
    adjusted = np.where(random.random(len(time)) < 0.3, np.nan, prices[0])
    return Bars(
        time=time,
        open=prices[0],
        high=prices.max(axis=0),
        low=prices.min(axis=0),
        close=prices[3],
        volume=random.integers(0, 100, len(time)).astype(np.float64),
        adjusted_close=adjusted,
    )


def same(left: Bars, right: Bars) -> bool:
    """Say whether two sets of bars are the same, unknown adjusted closes included."""
    return all(np.array_equal(getattr(left, name), getattr(right, name), equal_nan=True) for name in NAMES)


PAIRS = [
    (source, target)
    for source in Timeframe
    for target in Timeframe
    if source.duration < target.duration and not (source is Timeframe.W1 and target is Timeframe.MN1)
]


@settings(max_examples=60, deadline=None)
@given(
    pair=st.sampled_from(PAIRS),
    steps=st.lists(st.integers(1, 90), min_size=1, max_size=120),
    seed=st.integers(0, 100),
    limit=st.integers(1, 60),
    window=st.tuples(st.integers(-5, 400), st.integers(1, 400)) | st.none(),
)
async def test_both_ways_to_build_longer_bars_agree(
    pair: tuple[Timeframe, Timeframe], steps: list[int], seed: int, limit: int, window: tuple[int, int] | None
) -> None:
    source, target = pair
    tenant = uuid4()
    store = DuckdbTimeSeries(None)
    await store.write(tenant, [Batch(symbol="A", timeframe=source, bars=make_bars(source, steps, seed))])
    start = None if window is None else START + window[0] * source.duration
    end = None if start is None or window is None else start + window[1] * source.duration

    async def build() -> Bars:
        return await store.aggregate(tenant, "A", source, target, zone="UTC", start=start, end=end, limit=limit)

    assert can_group(source, target, "UTC")
    quick = await build()
    with patch("outcry.adapters.time_series.duckdb.can_group", return_value=False):
        slow = await build()
    await store.close()
    assert same(quick, slow)


@settings(max_examples=15, deadline=None)
@given(
    rounds=st.lists(
        st.dictionaries(
            st.sampled_from("ABCDE"), st.tuples(st.integers(0, 3), st.integers(0, 20)), min_size=1, max_size=5
        ),
        min_size=1,
        max_size=4,
    )
)
async def test_writing_together_is_writing_one_by_one(rounds: list[dict[str, tuple[int, int]]]) -> None:
    together, single, tenant, other = DuckdbTimeSeries(None), DuckdbTimeSeries(None), uuid4(), uuid4()
    for wanted in rounds:
        batches = [
            Batch(symbol=symbol, timeframe=Timeframe.M1, bars=make_bars(Timeframe.M1, [1 + seed % 2] * count, seed))
            for symbol, (seed, count) in wanted.items()
        ]
        changed = await together.write(tenant, batches)
        assert changed == sum([await single.write(tenant, [batch]) for batch in batches])
        await together.write(other, batches[:1])
        await single.write(other, batches[:1])
    for owner in (tenant, other):
        ours = [(one.symbol, one.first, one.last, one.count) for one in await together.coverage(owner)]
        assert ours == [(one.symbol, one.first, one.last, one.count) for one in await single.coverage(owner)]
        for symbol in "ABCDE":
            left = await together.read(owner, symbol, Timeframe.M1, limit=1000)
            assert same(left, await single.read(owner, symbol, Timeframe.M1, limit=1000))
    await together.close()
    await single.close()
