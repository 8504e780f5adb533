"""Indicators by name: settings are checked, then the arrays are filled."""

import math
from collections.abc import Mapping

import numpy as np

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.definition import Indicator, Parameter


def get_indicator(name: str) -> Indicator:
    """Return an indicator of the catalogue; raises NotFoundError, which lists the names that there are."""
    indicator = CATALOGUE.get(name.lower())
    if indicator is None:
        raise NotFoundError(f"There is no such indicator. The catalogue has {', '.join(CATALOGUE)}.")
    return indicator


def complete(indicator: Indicator, parameters: Mapping[str, float]) -> dict[str, float]:
    """Return every setting of the indicator: those given, else the defaults.

    Raises InvalidInputError for a name that it has not, a value out of range or not whole, or a wrong order.
    """
    errors = []
    known = {parameter.name: parameter for parameter in indicator.parameters}
    for name in parameters.keys() - known.keys():
        has = f"it has {', '.join(known)}" if known else "it has none"
        errors.append({"field": name, "message": f"{indicator.name} has no such parameter; {has}."})
    values = {name: float(parameters.get(name, parameter.default)) for name, parameter in known.items()}
    for name, parameter in known.items():
        wrong = _wrong(parameter, values[name])
        if wrong:
            errors.append({"field": name, "message": wrong})
    if indicator.order and not errors:
        smaller, larger = indicator.order
        if values[smaller] >= values[larger]:
            errors.append({"field": smaller, "message": f"must be smaller than {larger}."})
    if errors:
        first = errors[0]
        raise InvalidInputError(f"{first['field']}: {first['message']}", errors=tuple(errors))
    return values


def _wrong(parameter: Parameter, value: float) -> str:
    if not math.isfinite(value) or not parameter.least <= value <= parameter.most:
        return f"must be from {parameter.least:g} to {parameter.most:g}."
    if parameter.whole and value != int(value):
        return "must be a whole number."
    return ""


def warm_up(name: str, parameters: Mapping[str, float]) -> int:
    """Return how many bars pass before the first value; raises as ``compute`` does."""
    indicator = get_indicator(name)
    return indicator.warm_up(_whole(indicator, complete(indicator, parameters)))


def compute(name: str, bars: Bars, parameters: Mapping[str, float]) -> dict[str, Floats]:
    """Return an array for each output, aligned with the bars: NaN inside the warm-up, numbers after it.

    With no more bars than the warm-up every value is NaN. Prices below 1 are scaled by a power of two, which changes
    no digit, because TA-Lib takes variances under 1e-14 for zero and so flattens assets priced at 1e-8.

    Raises:
        NotFoundError: no such indicator.
        InvalidInputError: a parameter is unknown or out of range.
    """
    indicator = get_indicator(name)
    settings = complete(indicator, parameters)
    whole = _whole(indicator, settings)
    count = len(bars)
    if count <= indicator.warm_up(whole):
        return {output: np.full(count, np.nan) for output in indicator.outputs}
    scale = _scale(bars)
    results = indicator.calculate(_scaled(bars, scale), whole, settings)
    if indicator.priced and scale != 1.0:
        results = tuple(result / scale for result in results)
    return dict(zip(indicator.outputs, results, strict=True))


def _whole(indicator: Indicator, settings: Mapping[str, float]) -> dict[str, int]:
    return {parameter.name: int(settings[parameter.name]) for parameter in indicator.parameters if parameter.whole}


def _scale(bars: Bars) -> float:
    highest = float(np.max(bars.high))
    if not 0 < highest < 1:
        return 1.0
    return float(2.0 ** math.ceil(-math.log2(highest)))


def _scaled(bars: Bars, scale: float) -> Bars:
    """The columns as TA-Lib wants them: contiguous float64."""
    return Bars(
        time=bars.time,
        open=np.ascontiguousarray(bars.open) * scale,
        high=np.ascontiguousarray(bars.high) * scale,
        low=np.ascontiguousarray(bars.low) * scale,
        close=np.ascontiguousarray(bars.close) * scale,
        volume=np.ascontiguousarray(bars.volume),
        adjusted_close=bars.adjusted_close,
    )
