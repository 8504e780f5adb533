"""Support and resistance: prices near which the market turned more than once."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Columns, Settings, Whole
from outcry.quant.indicators.library import load_talib

OUTPUTS = ("support", "resistance")


def levels(columns: Columns, whole: Whole, settings: Settings) -> Columns:
    """Return the nearest level at or under each close, and the nearest one over it; NaN where there is none.

    A turn is a high above the ``strength`` highs before it and not under those after it, or such a low; it is known
    ``strength`` bars later. Of the last ``memory`` turns those that lie within ``tolerance`` percent of the lowest of
    them make a level at their mean, if they are at least ``touches``.
    """
    high, low, close = columns
    strength, tolerance, touches = whole["strength"], settings["tolerance"] / 100.0, whole["touches"]
    tops, bottoms = turns(high, strength), turns(-low, strength)
    support, resistance = np.full(len(close), np.nan), np.full(len(close), np.nan)
    known: deque[float] = deque(maxlen=whole["memory"])
    for begin, end in pairwise([*np.flatnonzero(tops | bottoms).tolist(), len(close)]):
        if tops[begin]:
            known.append(float(high[begin - strength]))
        if bottoms[begin]:
            known.append(float(low[begin - strength]))
        found = cluster(known, tolerance, touches)
        if not found:
            continue
        nan = float("nan")
        under, over = np.array([nan, *found]), np.array([*found, nan])
        places = [bisect_right(found, price) for price in close[begin:end].tolist()]
        support[begin:end], resistance[begin:end] = under[places], over[places]
    return support, resistance


def turns(tops: Floats, strength: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return at which bars the top ``strength`` bars before is known to be one."""
    talib = load_talib()

    known = np.zeros(len(tops), dtype=np.bool_)
    first = 2 * strength
    if len(tops) > first:
        around = talib.MAX(tops, 2 * strength + 1)[first:]
        before = (talib.MAX(tops, strength) if strength > 1 else tops)[strength - 1 : len(tops) - strength - 1]
        top = tops[strength : len(tops) - strength]
        known[first:] = (top == around) & (top > before)
    return known


def cluster(prices: Iterable[float], tolerance: float, touches: int) -> list[float]:
    """Return the means, ascending, of groups of at least so many prices that lie near their lowest."""
    ordered = sorted(prices)
    found: list[float] = []
    begin = 0
    while begin < len(ordered):
        lowest = ordered[begin]
        end = bisect_right(ordered, lowest + abs(lowest) * tolerance, begin + 1)
        if end - begin >= touches:
            found.append(sum(ordered[begin:end]) / (end - begin))
        begin = end
    return found
