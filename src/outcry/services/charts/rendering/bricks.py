"""Renko pictures: the bars of a picture as bricks, and what lies on the bars moved along with them.

Bricks lie on the grid of whole boxes, as they do in the browser: the same closes give the same bricks there and here.
"""

import math
from dataclasses import replace

import numpy as np

from outcry.kit.market import Bars
from outcry.quant.indicators.renko import Renko, renko
from outcry.services.charts.contracts import BarSeries
from outcry.services.charts.rendering.picture import MOST_BARS, Comparison, Curve, DrawnStudy, Picture

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_RECENT = 140
_MOST_BRICKS = 5_000


def box_for(bars: BarSeries) -> float:
    """Return a round box of about the mean true range of the newest bars; at least a thousandth of the price."""
    high, low, close = (np.asarray(column[-_RECENT:], dtype=np.float64) for column in (bars.high, bars.low, bars.close))
    if not len(close):
        return 1.0
    before = np.concatenate(([bars.open[-len(close)]], close[:-1]))
    mean = float(np.mean(np.maximum(high, before) - np.minimum(low, before)))
    rough = max(mean, abs(float(close[-1])) / 1000, 1e-300)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor for factor in _NICE if factor * power >= rough * 0.9), 10.0) * power


def box_of(picture: Picture) -> float:
    """Return the height of a picture's bricks: the chosen one, unless it would give more than can be drawn."""
    closes = np.asarray(picture.bars.close, dtype=np.float64)
    travelled = float(np.abs(np.diff(closes)).sum())
    return max(picture.renko_box or box_for(picture.bars), travelled / _MOST_BRICKS)


def in_bricks(picture: Picture) -> Picture:
    """Return the picture with bricks for bars, each at the time of the bar whose close completed it."""
    bars, size = picture.bars, box_of(picture)
    bricks = _bricks(bars, size)
    if len(bricks) > MOST_BARS:
        bricks = replace(
            bricks,
            **{name: getattr(bricks, name)[-MOST_BARS:] for name in ("bar", "time", "open", "close")},
        )
    at = bricks.bar.tolist()
    return replace(
        picture,
        bars=_to_series(bars, bricks),
        studies=tuple(_move(study, at) for study in picture.studies),
        comparisons=tuple(
            Comparison(symbol=one.symbol, closes=tuple(one.closes[place] for place in at))
            for one in picture.comparisons
        ),
    )


def _bricks(bars: BarSeries, size: float) -> Renko:
    close = np.asarray(bars.close, dtype=np.float64)
    columns = dict.fromkeys(("open", "high", "low", "close", "volume", "adjusted_close"), close)
    origin = math.floor(close[0] / size + 1e-9) * size if len(close) else 0.0
    return renko(Bars(time=np.asarray(bars.time, dtype=np.int64), **columns), size=size, origin=origin)


def _to_series(bars: BarSeries, bricks: Renko) -> BarSeries:
    """Return bricks as bars; the volume since the last one is shared by those that a bar completes."""
    traded = np.concatenate(([0.0], np.cumsum(np.asarray(bars.volume, dtype=np.float64))))
    places, counts = np.unique(bricks.bar, return_counts=True)
    since = np.diff(traded[places + 1], prepend=0.0)
    opened, close = bricks.open.tolist(), bricks.close.tolist()
    return replace(
        bars,
        time=tuple(bars.time[place] for place in bricks.bar.tolist()),
        open=tuple(opened),
        high=tuple(map(max, opened, close)),
        low=tuple(map(min, opened, close)),
        close=tuple(close),
        volume=tuple(np.repeat(since / counts, counts).tolist()),
        adjusted_close=(None,) * len(bricks),
    )


def _move(study: DrawnStudy, at: list[int]) -> DrawnStudy:
    curves = tuple(
        Curve(output=one.output, values=tuple(one.values[place] for place in at), style=one.style)
        for one in study.curves
    )
    return replace(study, curves=curves)
