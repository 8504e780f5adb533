"""Splits and dividends as factors by which raw bars are read; bars themselves are never changed.

A split of ratio r (new shares for one old) divides all prices before its ex-date by r and multiplies the volumes. A
dividend of amount a multiplies all prices before its ex-date by 1 - a / c, c being the last close before that date, in
the shares of the ex-date (the method of the Center for Research in Security Prices, CRSP). The newest bar is as it was.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

import numpy as np

from outcry.kit.market import Bars, Floats, Micros, to_micros

ActionKind = Literal["split", "dividend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A split with its ``ratio`` of new shares for one old, or a dividend with its ``amount`` a share."""

    date: date
    kind: ActionKind
    ratio: float | None = None
    amount: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What bars are multiplied by. ``edges`` are n ex-dates (midnight UTC, microseconds, increasing); ``price`` and
    ``volume`` have n + 1 factors: the first before the first edge, the last from the last edge on."""

    edges: Micros
    price: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.edges)

    def apply(self, bars: Bars, days: Micros) -> Bars:
        """Return bars as they are read; ``days`` are the midnights of the session dates of their closes."""
        place = np.searchsorted(self.edges, days, side="right")
        price, volume = self.price[place], self.volume[place]
        return replace(
            bars,
            open=bars.open * price,
            high=bars.high * price,
            low=bars.low * price,
            close=bars.close * price,
            volume=bars.volume * volume,
        )


NO_FACTORS = Factors(edges=np.empty(0, dtype=np.int64), price=np.ones(1), volume=np.ones(1))


def from_actions(actions: Sequence[Action], daily: Bars, *, dividends: bool) -> tuple[Factors, int]:
    """Return the factors of splits, and of dividends where wanted, over raw daily bars.

    Also returns how many splits were left out because the bars contain them already: their prices do not jump by the
    ratio. What lies before the first or after the last bar changes nothing.
    """
    by_edge: dict[int, tuple[float, float]] = {}
    contained = 0
    # On one day the split comes first: a dividend is stated in the shares of its ex-date.
    for action in sorted(actions, key=lambda one: (one.date, one.kind != "split")):
        edge = to_micros(datetime(action.date.year, action.date.month, action.date.day, tzinfo=UTC))
        place = int(np.searchsorted(daily.time, edge))
        if not 0 < place < len(daily):
            continue
        price, volume = by_edge.get(edge, (1.0, 1.0))
        before = float(daily.close[place - 1])
        if action.kind == "split" and action.ratio:
            if is_contained(before, float(daily.open[place]), action.ratio):
                contained += 1
                continue
            by_edge[edge] = (price / action.ratio, volume * action.ratio)
        elif action.kind == "dividend" and dividends and action.amount:
            share = 1 - action.amount / (before / volume)
            if share > 0:
                by_edge[edge] = (price * share, volume)
    return _cumulated(by_edge), contained


def is_contained(before: float, after: float, ratio: float) -> bool:
    """Say whether prices across a split are nearer to no jump at all than to a jump by its ratio."""
    jump = math.log(before / after)
    return abs(jump) < abs(jump - math.log(ratio))


def _cumulated(by_edge: dict[int, tuple[float, float]]) -> Factors:
    edges = sorted(by_edge)
    price, volume = np.ones(len(edges) + 1), np.ones(len(edges) + 1)
    for place in range(len(edges) - 1, -1, -1):
        price[place] = price[place + 1] * by_edge[edges[place]][0]
        volume[place] = volume[place + 1] * by_edge[edges[place]][1]
    return Factors(edges=np.array(edges, dtype=np.int64), price=price, volume=volume)


def from_adjusted_close(daily: Bars) -> Factors:
    """Return the factors that a file's adjusted close implies, day by day; none where it has none.

    A day without one takes the factor of the next day that has. Volumes stay: such a column does not tell splits.
    """
    factor = daily.adjusted_close / daily.close
    known = np.flatnonzero(np.isfinite(factor) & (factor > 0))
    if not len(known):
        return NO_FACTORS
    following = known[np.minimum(np.searchsorted(known, np.arange(len(factor))), len(known) - 1)]
    price = factor[following]
    return Factors(edges=daily.time[1:], price=price, volume=np.ones(len(price)))
