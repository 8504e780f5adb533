"""Streams of what begins anew with a session, or at one time: volume weighted prices and pivot points."""

from collections.abc import Callable, Mapping
from math import inf, nan

import numpy as np

from outcry.quant.indicators.pivots import levels_after
from outcry.quant.indicators.sessions import DAY, MINUTE, anchor_time, month_of
from outcry.quant.indicators.streaming.saving import Steps
from outcry.quant.indicators.streaming.stream import Open, Outputs, Settings

OfTrades = Callable[[float, float, float, float, float], float]


def vwap(span: int, begin: int) -> OfTrades:
    """Return the session's typical price weighted by volume, NaN before any volume (Berkowitz, Logue, Noser 1988)."""
    number = session_number(span, begin)
    session = nan
    traded = shares = 0.0

    def step(time: float, high: float, low: float, close: float, volume: float) -> float:
        nonlocal session, traded, shares
        present = number(time)
        if present != session:
            session = present
            traded = shares = 0.0
        traded += (high + low + close) / 3.0 * volume
        shares += volume
        return traded / shares if shares > 0.0 else nan

    return step


def anchored_vwap(anchor: int, minute: int) -> OfTrades:
    """Return the same since the first bar at or after a time, NaN before it (Levine 1995, Shannon 2008)."""
    since = anchor_time(anchor, minute)
    traded = shares = 0.0

    def step(time: float, high: float, low: float, close: float, volume: float) -> float:
        nonlocal traded, shares
        if time < since:
            return nan
        traded += (high + low + close) / 3.0 * volume
        shares += volume
        return traded / shares if shares > 0.0 else nan

    return step


def pivot_points(kind: int, span: int, begin: int) -> Callable[[float, float, float, float, float], Outputs]:
    """Return the pivot, resistances and supports that follow from the session before; NaN in the first one."""
    number = session_number(span, begin)
    session = nan
    highest, lowest, last = -inf, inf, nan
    levels = [nan] * 9

    def step(time: float, opened: float, high: float, low: float, close: float) -> Outputs:
        nonlocal session, highest, lowest, last, levels
        present = number(time)
        if present != session:
            if session == session:
                ended = (np.array([price]) for price in (highest, lowest, last, opened))
                levels = [float(level[0]) for level in levels_after(kind, *ended)]
            session, highest, lowest = present, high, low
        else:
            highest, lowest = max(highest, high), min(lowest, low)
        last = close
        return tuple(levels)

    return step


def session_number(span: int, begin: int) -> Callable[[float], float]:
    """Return a step that numbers the session of a time: its day, its week from Monday on, or its month, since 1970.

    Times are open times in microseconds since 1970 UTC; a day begins ``begin`` minutes after midnight UTC.
    """
    shift = begin * MINUTE
    if span == 0:
        return lambda time: (time - shift) // DAY
    if span == 1:
        # Day 0 of 1970 was a Thursday.
        return lambda time: ((time - shift) // DAY + 3) // 7
    day = month = nan

    def of_month(time: float) -> float:
        nonlocal day, month
        present = (time - shift) // DAY
        if present != day:
            day, month = present, float(month_of(int(present) * DAY))
        return month

    return of_month


def _whole(settings: Settings, *names: str) -> list[int]:
    return [int(settings[name]) for name in names]


STREAMS: Mapping[str, Open] = {
    "vwap": lambda settings: Steps(vwap(*_whole(settings, "span", "begin"))),
    "anchored_vwap": lambda settings: Steps(anchored_vwap(*_whole(settings, "anchor", "minute"))),
    "pivot_points": lambda settings: Steps(pivot_points(*_whole(settings, "kind", "span", "begin"))),
}
