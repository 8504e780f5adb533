"""ZigZag: the turns of the price that were larger than a given part of it, each on the bar that confirms it."""

from collections.abc import Iterator

import numpy as np

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Columns, Settings, Whole

OUTPUTS = ("pivot", "ago", "direction")

_FIRST_LOOK = 256


def zigzag(columns: Columns, _: Whole, settings: Settings) -> Columns:
    """Return, on bars that confirm one, a pivot's price, how many bars before it was, and 1 for a high, -1 for a low.

    A high is confirmed by the first later bar without a new high whose low lies ``deviation`` percent under it; a low
    the other way round. The first pivot is whichever is confirmed first, a high if both are by one bar.
    """
    high, low = columns
    pivot, ago, direction = (np.full(len(high), np.nan) for _ in OUTPUTS)
    for confirmed, at, up in _turns(high, low, settings["deviation"] / 100.0):
        pivot[confirmed] = high[at] if up else low[at]
        ago[confirmed] = confirmed - at
        direction[confirmed] = 1.0 if up else -1.0
    return pivot, ago, direction


def _turns(high: Floats, low: Floats, share: float) -> Iterator[tuple[int, int, bool]]:
    """Give (bar that confirms, bar of the pivot, whether it is a high) in order."""
    # A low is a high of the prices turned over: then one search serves both.
    tops, bottoms = (high, low, 1.0 - share), (-low, -high, 1.0 + share)
    first = [(*_next_turn(*side, 0), up) for side, up in ((tops, True), (bottoms, False))]
    confirmed, at, up = min(first, key=lambda one: (one[0], not one[2]))
    while confirmed < len(high):
        yield confirmed, at, up
        up = not up
        confirmed, at = _next_turn(*(tops if up else bottoms), confirmed)


def _next_turn(top: Floats, bottom: Floats, factor: float, start: int) -> tuple[int, int]:
    """Return the bar that confirms the first top from ``start`` on, and the top's; the number of bars if none does."""
    highest, at, begin, look = top[start], start, start + 1, _FIRST_LOOK
    while begin < len(top):
        tops = np.maximum.accumulate(np.concatenate([[highest], top[begin : begin + look]]))
        higher = tops[1:] > tops[:-1]
        confirming = ~higher & (bottom[begin : begin + look] <= tops[:-1] * factor)
        found = int(np.argmax(confirming))
        stop = found if confirming[found] else len(confirming)
        rises = np.flatnonzero(higher[:stop])
        if len(rises):
            at = begin + int(rises[-1])
        if stop < len(confirming):
            return begin + found, at
        highest, begin, look = tops[-1], begin + look, 2 * look
    return len(top), at
