"""The indicators that can be computed, by name: the tables of all groups together.

Of TA-Lib's functions 21 are left out. Those of one number or of two at the same bar (`SQRT`, `LN`, `ADD`, `DIV`) have
no memory and are words of the formula language; those of angles (`SIN` to `TANH`) say nothing of a price. `MAVP` takes
a series of periods, which no bar has. `VWAP` never begins anew: `anchored_vwap` does all that it does.
"""

from collections.abc import Mapping

from outcry.quant.indicators.definition import Indicator
from outcry.quant.indicators.tables.cycle import CYCLE
from outcry.quant.indicators.tables.level import LEVEL
from outcry.quant.indicators.tables.momentum import MOMENTUM
from outcry.quant.indicators.tables.oscillators import OSCILLATORS
from outcry.quant.indicators.tables.overlap import OVERLAP
from outcry.quant.indicators.tables.pattern_long import PATTERN_LONG
from outcry.quant.indicators.tables.pattern_short import PATTERN_SHORT
from outcry.quant.indicators.tables.price import PRICE
from outcry.quant.indicators.tables.statistic import STATISTIC
from outcry.quant.indicators.tables.trend import TREND
from outcry.quant.indicators.tables.volatility import VOLATILITY
from outcry.quant.indicators.tables.volume import VOLUME

_TABLES: tuple[tuple[Indicator, ...], ...] = (
    OVERLAP,
    MOMENTUM,
    OSCILLATORS,
    TREND,
    VOLATILITY,
    VOLUME,
    PRICE,
    CYCLE,
    STATISTIC,
    LEVEL,
    PATTERN_SHORT,
    PATTERN_LONG,
)

CATALOGUE: Mapping[str, Indicator] = {indicator.name: indicator for table in _TABLES for indicator in table}
