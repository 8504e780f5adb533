"""TA-Lib called by itself, with the settings of an entry of the catalogue."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import talib
from talib import abstract

from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.definition import Indicator

Settings = Mapping[str, float]

# Entries whose settings do not stand one for one in TA-Lib's order.
_ARRANGED: dict[str, Callable[[Settings], list[float]]] = {
    "bbands": lambda chosen: [chosen["period"], chosen["deviations"], chosen["deviations"], 0],
    "stoch": lambda chosen: [chosen["period"], chosen["smoothing"], 0, chosen["signal"], 0],
    "var": lambda chosen: [chosen["period"], 1],
    "kdj": lambda chosen: [chosen["period"], chosen["smoothing"], 13, chosen["signal"], 13],
}


def bare_function(indicator: Indicator, settings: Settings) -> Any:
    """Return TA-Lib's function, as its abstract interface has it, with its parameters set; it knows its look-back."""
    functions: Any = abstract  # its own type information leaves this interface out
    function = getattr(functions, indicator.function)
    arrange = _ARRANGED.get(indicator.name)
    arranged = arrange(settings) if arrange else list(settings.values())
    kinds = {name: type(default) for name, default in function.parameters.items()}
    function.parameters = {name: kind(value) for (name, kind), value in zip(kinds.items(), arranged, strict=True)}
    return function


def bare_results(indicator: Indicator, bars: Bars, other: Floats, settings: Settings) -> list[Floats]:
    """Return what TA-Lib's own call gives, its integers as they are."""
    columns = [other if name == "other" else getattr(bars, name) for name in indicator.inputs]
    if indicator.name == "beta":
        columns.reverse()
    results = getattr(talib, indicator.function)(*columns, *bare_function(indicator, settings).parameters.values())
    return [np.asarray(result) for result in (results if isinstance(results, tuple) else (results,))]
