"""Indicators by name: settings are checked, then the arrays are filled."""

import difflib
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.market import Bars, Floats
from outcry.quant.indicators.catalogue import CATALOGUE
from outcry.quant.indicators.definition import Columns, Indicator, Input, Parameter, Settings, Whole
from outcry.quant.indicators.undefined import find_defined, scatter


def get_indicator(name: str) -> Indicator:
    """Return an indicator of the catalogue; raises NotFoundError, which names those that are spelled like it."""
    indicator = CATALOGUE.get(name.lower())
    if indicator is None:
        near = difflib.get_close_matches(name.lower(), CATALOGUE, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"The catalogue has {len(CATALOGUE)} others."
        raise NotFoundError(f"There is no such indicator. {hint}")
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
        digits = ".0f" if parameter.whole else "g"
        return f"must be from {parameter.least:{digits}} to {parameter.most:{digits}}."
    if parameter.whole and value != int(value):
        return "must be a whole number."
    return ""


def warm_up(name: str, parameters: Mapping[str, float]) -> int:
    """Return how many bars pass before the first value; raises as ``compute`` does."""
    indicator = get_indicator(name)
    return indicator.warm_up(_whole(indicator, complete(indicator, parameters)))


def compute(
    name: str, bars: Bars, parameters: Mapping[str, float], *, other: Floats | None = None
) -> dict[str, Floats]:
    """Return an array for each output, aligned with the bars: NaN inside the warm-up, numbers after it.

    ``other`` is the second series of the indicators that compare with one (``beta``, ``correl``,
    ``relative_strength``), aligned with the bars, NaN where it has no value. With no more bars than the warm-up every
    value is NaN. A bar with an undefined input is treated as ``calculate`` says.

    Raises:
        NotFoundError: no such indicator.
        InvalidInputError: a parameter is unknown or out of range, or the second series is missing.
    """
    indicator, settings, whole, warm = _prepared(name, tuple(parameters.items()))
    columns = [_column(bars, each, other) for each in indicator.inputs]
    return dict(zip(indicator.outputs, _run(indicator, columns, whole, settings, warm), strict=True))


def calculate(indicator: Indicator, columns: Sequence[Floats], settings: Settings) -> Columns:
    """Return an array for each output from columns in the order of ``indicator.inputs``; settings are complete.

    The one rule for undefined values: an indicator sees only the bars on which all of its inputs are defined, neither
    NaN nor infinite. On any other bar its outputs are NaN and its state does not move.
    """
    whole = _whole(indicator, settings)
    return _run(indicator, columns, whole, settings, indicator.warm_up(whole))


@lru_cache(maxsize=1024)
def _prepared(name: str, parameters: tuple[tuple[str, float], ...]) -> tuple[Indicator, Settings, Whole, int]:
    # Kept: after a pass over millions of numbers the processor's caches are cold, and checking anew costs 40 µs.
    indicator = get_indicator(name)
    settings = complete(indicator, dict(parameters))
    whole = _whole(indicator, settings)
    return indicator, settings, whole, indicator.warm_up(whole)


def _run(indicator: Indicator, columns: Sequence[Floats], whole: Whole, settings: Settings, warm: int) -> Columns:
    count = len(columns[0])
    defined = find_defined(columns)
    seen = count if defined is None else defined.count
    if seen <= warm:
        return tuple(np.full(count, np.nan) for _ in indicator.outputs)
    if defined is not None:
        columns = [np.ascontiguousarray(column[defined.at]) for column in columns]
    results = indicator.calculate(tuple(columns), whole, settings)
    for result in results:
        result[:warm] = np.nan
    return results if defined is None else tuple(scatter(result, defined, count) for result in results)


def _column(bars: Bars, name: Input, other: Floats | None) -> Floats:
    if name == "time":
        return bars.time.astype(np.float64)
    if name != "other":
        column: Floats = getattr(bars, name)
        return column
    if other is None:
        message = "names the second series that this indicator compares with."
        raise InvalidInputError(f"other: {message}", errors=({"field": "other", "message": message},))
    return other


def _whole(indicator: Indicator, settings: Mapping[str, float]) -> dict[str, int]:
    return {parameter.name: int(settings[parameter.name]) for parameter in indicator.parameters if parameter.whole}
