"""Relative strength: one instrument beside another."""

import numpy as np

from outcry.quant.indicators.definition import Columns, Settings, Whole
from outcry.quant.indicators.library import load_talib
from outcry.quant.indicators.undefined import find_defined, scatter


def relative_strength(columns: Columns, whole: Whole, _: Settings) -> Columns:
    """Return the ratio of the two prices, and how far, in percent, it lies over its own average (Mansfield's).

    A bar on which the other price is 0 has no ratio, and is as if it were not there.
    """
    talib = load_talib()

    close, other = columns
    ratio = np.divide(close, other, out=np.full(len(close), np.nan), where=other != 0)
    defined = find_defined((ratio,))
    seen = ratio if defined is None else np.ascontiguousarray(ratio[defined.at])
    average = talib.SMA(seen, whole["period"]) if len(seen) else seen
    over = np.divide(seen, average, out=np.full(len(seen), np.nan), where=average != 0)
    mansfield = 100.0 * (over - 1.0)
    return ratio, mansfield if defined is None else scatter(mansfield, defined, len(ratio))
