"""Hosoda's Ichimoku, each value on the bar on which it stands."""

import numpy as np

from outcry.kit.market import Floats
from outcry.quant.indicators.definition import Columns, Settings, Whole
from outcry.quant.indicators.library import load_talib

OUTPUTS = ("conversion", "base", "span_a", "span_b", "lead_a", "lead_b")


def ichimoku(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """Return the two lines, the cloud under which this bar stands, and the cloud that this bar throws ahead.

    The leading spans of a bar are drawn ``displacement`` bars to the right of it, so the cloud at a bar is the one
    that was thrown that many bars before: nothing looks ahead.
    """
    talib = load_talib()

    high, low = columns
    conversion, base, lead_b = (talib.MIDPRICE(high, low, whole[name]) for name in ("conversion", "base", "span"))
    lead_a = (conversion + base) / 2.0
    return (conversion, base, *(_later(lead, whole["displacement"]) for lead in (lead_a, lead_b)), lead_a, lead_b)


def ichimoku_warm_up(whole: Whole) -> int:
    """Return how many bars pass before all lines have values."""
    return max(whole["conversion"], whole["base"], whole["span"]) - 1 + whole["displacement"]


def _later(values: Floats, count: int) -> Floats:
    return np.concatenate([np.full(count, np.nan), values[: len(values) - count]])
