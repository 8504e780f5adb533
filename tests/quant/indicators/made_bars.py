"""Bars made for tests of indicators: random walks, with ties, constant, tiny."""

import numpy as np

from outcry.kit.market import Bars, Floats

DAY = 86_400_000_000


def make_bars(count: int, seed: int = 7, scale: float = 1.0, tick: float = 0.0) -> Bars:
    """Return daily bars of a random walk around 100 times ``scale``; with ``tick`` rounded to it, so that many tie."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, count)))
    opened = close * (1 + random.normal(0, 0.005, count))
    high = np.maximum(opened, close) * (1 + random.random(count) * 0.01)
    low = np.minimum(opened, close) * (1 - random.random(count) * 0.01)
    volume = random.integers(1, 10_000, count).astype(np.float64)
    opened, high, low, close = (scale * _rounded(prices, tick) for prices in (opened, high, low, close))
    return to_bars(opened, high, low, close, volume)


def _rounded(prices: Floats, tick: float) -> Floats:
    return np.round(prices / tick) * tick if tick else prices


def to_bars(opened: Floats, high: Floats, low: Floats, close: Floats, volume: Floats) -> Bars:
    """Return daily bars of these columns."""
    return Bars(
        time=np.arange(len(close), dtype=np.int64) * DAY,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        adjusted_close=np.full(len(close), np.nan),
    )


def flat_bars(prices: Floats) -> Bars:
    """Return daily bars without any length, and a volume of 1."""
    return to_bars(prices, prices, prices, prices, np.ones(len(prices)))
