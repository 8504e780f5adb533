"""Pivot points: prices that the session before suggests for this one."""

import numpy as np

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Columns, Settings, Whole
from outcry.quant.indicators.sessions import session_starts, spread

KINDS = ("classic", "fibonacci", "camarilla", "woodie")
OUTPUTS = ("pivot", "r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4")

# How far, in ranges of the session before, each resistance and each support lies from the pivot or the close.
_FIBONACCI = (0.382, 0.618, 1.0)
_CAMARILLA = (1.1 / 12, 1.1 / 6, 1.1 / 4, 1.1 / 2)


def pivot_points(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """Return the pivot, four resistances and four supports of each bar's session; NaN in the first session."""
    time, opened, high, low, close = columns
    count = len(time)
    starts = session_starts(time, whole["span"], whole["begin"])
    ends = np.append(starts[1:], count) - 1
    before = (np.maximum.reduceat(high, starts)[:-1], np.minimum.reduceat(low, starts)[:-1], close[ends][:-1])
    levels = levels_after(whole["kind"], *before, opened[starts][1:])
    return tuple(spread(np.concatenate([[np.nan], level]), starts, count) for level in levels)


def levels_after(kind: int, high: Floats, low: Floats, close: Floats, opened: Floats) -> tuple[Floats, ...]:
    """Return the levels for sessions that open at ``opened`` after ones of this high, low and close.

    Fibonacci's have no fourth ones.
    """
    reach = high - low
    if kind == 3:
        pivot = (high + low + 2.0 * opened) / 4.0
        return (pivot, *_turned(pivot, high, low, reach, fourth_by_reach=True))
    pivot = (high + low + close) / 3.0
    if kind == 0:
        return (pivot, *_turned(pivot, high, low, reach, fourth_by_reach=False))
    if kind == 1:
        none = pivot * np.nan
        up, down = (tuple(pivot + sign * part * reach for part in _FIBONACCI) for sign in (1.0, -1.0))
        return (pivot, *up, none, *down, none)
    return (pivot, *(close + sign * part * reach for sign in (1.0, -1.0) for part in _CAMARILLA))


def _turned(pivot: Floats, high: Floats, low: Floats, reach: Floats, *, fourth_by_reach: bool) -> tuple[Floats, ...]:
    third, under = high + 2.0 * (pivot - low), low - 2.0 * (high - pivot)
    if fourth_by_reach:
        fourth, lowest = third + reach, under - reach
    else:
        fourth, lowest = high + 3.0 * (pivot - low), low - 3.0 * (high - pivot)
    return (2.0 * pivot - low, pivot + reach, third, fourth, 2.0 * pivot - high, pivot - reach, under, lowest)
