"""ZigZag: the turns of the price that were larger than a given part of it, each on the bar that confirms it."""

import numpy as np

from outcry.quant.indicators.definition import Columns, Settings, Whole

OUTPUTS = ("pivot", "ago", "direction")


def zigzag(columns: Columns, _: Whole, settings: Settings) -> Columns:
    """Return, on bars that confirm one, a pivot's price, how many bars before it was, and 1 for a high, -1 for a low.

    A high is confirmed by the first later bar without a new high whose low lies ``deviation`` percent under it; a low
    the other way round. The first pivot is whichever is confirmed first, a high if both are by one bar.
    """
    high, low = columns
    pivot, ago, direction = (np.full(len(high), np.nan) for _ in OUTPUTS)
    tops, bottoms, share = high.tolist(), low.tolist(), settings["deviation"] / 100.0
    # A low is a high of the prices turned over, so one search serves both.
    sides = {1.0: (tops, bottoms, 1.0 - share), -1.0: ((-low).tolist(), (-high).tolist(), 1.0 + share)}
    first = {sign: _next_turn(*side, 0) for sign, side in sides.items()}
    sign = 1.0 if first[1.0][0] <= first[-1.0][0] else -1.0
    confirmed, at = first[sign]
    while confirmed < len(high):
        pivot[confirmed] = high[at] if sign > 0 else low[at]
        ago[confirmed], direction[confirmed] = confirmed - at, sign
        sign = -sign
        confirmed, at = _next_turn(*sides[sign], confirmed)
    return pivot, ago, direction


def _next_turn(tops: list[float], bottoms: list[float], factor: float, start: int) -> tuple[int, int]:
    """Return the bar that confirms the first top from ``start`` on, and the top's; the number of bars if none does."""
    at, highest = start, tops[start]
    limit = highest * factor
    for bar in range(start + 1, len(tops)):
        if tops[bar] > highest:
            at, highest = bar, tops[bar]
            limit = highest * factor
        elif bottoms[bar] <= limit:
            return bar, at
    return len(tops), at
