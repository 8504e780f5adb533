"""A formula over whole arrays of bars."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from outcry.kit.market import Bars, Floats, Micros
from outcry.quant.formula.arithmetic import SIMPLE
from outcry.quant.formula.arrays import ARRAYS, Truths, Values, lift
from outcry.quant.formula.program import OWN, Formula, Kind, Origin, Step, last_uses
from outcry.quant.indicators.computing import calculate, get_indicator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Closed bars of one origin. ``ends`` says when each was over, in microseconds since 1970 UTC, rising.

    Without other origins nobody looks at ``ends``, and it may be left out.
    """

    bars: Bars
    ends: Micros | None = None


Data = Mapping[Origin, History]
_Value = float | Values | tuple[Floats, ...]
_Watch = Callable[[int, _Value], None]


def evaluate(formula: Formula, data: Data) -> Values:
    """Return the value on each of the chart's own bars: float64 for a number, int8 (1, -1, 0) for a condition.

    NaN and 0 are unknown. ``data`` has the bars of every origin of the formula; a value is made of bars that were over
    when its own bar was, so that more bars behind it would not change it. Raises ValueError where bars are missing.
    """
    return run(formula, data, lambda _place, _value: None)


def run(formula: Formula, data: Data, watch: _Watch) -> Values:
    """Evaluate, and show each step's values to ``watch`` before they are forgotten."""
    check(formula, data)
    last_use = last_uses(formula.steps)
    values: list[_Value] = []
    for place, step in enumerate(formula.steps):
        value = _run_step(step, values, formula.steps, data)
        watch(place, value)
        values.append(value)
        for used in step.inputs:
            if last_use[used] == place:
                values[used] = ()
    result = values[formula.result]
    count = len(data[OWN].bars)
    return _filled(result, count)


def check(formula: Formula, data: Data) -> None:
    """Raise ValueError where an origin of the formula has no bars, or no ends although there are several."""
    missing = [origin for origin in formula.origins if origin not in data]
    if missing:
        raise ValueError(f"bars of {missing[0]} are missing")
    for origin in formula.origins[1:] and formula.origins:
        ends = data[origin].ends
        if ends is None or len(ends) != len(data[origin].bars):
            raise ValueError(f"bars of {origin} do not say when each was over")


def _run_step(step: Step, values: Sequence[_Value], steps: Sequence[Step], data: Data) -> _Value:
    history, inputs = data[step.origin], [values[place] for place in step.inputs]
    if step.operation == "constant":
        return float(step.settings[0])
    if step.operation == "column":
        return _column(history.bars, str(step.settings[0]))
    if step.operation == "output":
        return _finite(cast(tuple[Floats, ...], inputs[0])[int(step.settings[0])])
    if step.operation == "lift":
        below = data[steps[step.inputs[0]].origin].ends
        return lift(cast(Values, inputs[0]), cast(Micros, below), cast(Micros, history.ends))
    count = len(history.bars)
    # A sign may have a plain number on one side; all else wants arrays.
    if step.operation not in SIMPLE or all(isinstance(one, float) for one in inputs):
        inputs = [_filled(one, count) for one in inputs]
    if step.operation == "indicator":
        indicator = get_indicator(str(step.settings[0]))
        settings = {one.name: float(value) for one, value in zip(indicator.parameters, step.settings[1:], strict=True)}
        return calculate(indicator, cast(list[Floats], inputs), settings)
    return ARRAYS[step.operation](*inputs, *step.settings)


def _column(bars: Bars, name: str) -> Floats:
    column: Floats = getattr(bars, name)
    return column.astype(np.float64) if name == "time" else _finite(column)


def _finite(values: Floats) -> Floats:
    """What is not finite is unknown."""
    infinite = np.isinf(values)
    return np.where(infinite, np.nan, values) if infinite.any() else values


def _filled(value: _Value, count: int) -> Values:
    return np.full(count, value) if isinstance(value, float) else cast(Values, value)


def hits(truth: Truths) -> NDArray[np.intp]:
    """Return the positions where a condition begins to hold: it holds there, and not on the bar before."""
    holds = truth > 0
    return np.flatnonzero(holds & ~np.concatenate([[False], holds[:-1]]))


def spans(truth: Truths) -> NDArray[np.intp]:
    """Return where a condition holds: pairs of the first bar and the last of each span."""
    holds = truth > 0
    last = np.flatnonzero(holds & ~np.concatenate([holds[1:], [False]]))
    return np.column_stack([hits(truth), last])


def is_condition(formula: Formula) -> bool:
    """Say whether a formula holds or not on a bar, rather than being a number."""
    return formula.kind is Kind.CONDITION
