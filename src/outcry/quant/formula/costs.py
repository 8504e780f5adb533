"""What a step costs and how far it looks back, known from its settings alone.

The unit of cost is one sum of two series for one bar: about a nanosecond over arrays, a tenth of a microsecond one bar
at a time. The figures are estimates from benchmarks/formula.py, rather too high than too low.
"""

from collections.abc import Mapping, Sequence

from outcry.quant.formula.program import Origin, Step, last_uses
from outcry.quant.indicators.computing import get_indicator
from outcry.quant.indicators.definition import Indicator

# Operations over the last bars: their first setting says how many.
WINDOWS = frozenset({"highest", "lowest", "within", "always", "count"})
_COSTS = {
    "column": 1,
    "constant": 0,
    "output": 0,
    "lift": 4,
    "since": 6,
    "power": 20,
    "log": 10,
    "log10": 10,
    "exp": 10,
}
_WINDOW_COST = 8
_OUTPUT_COST = 5
# Hilbert's transform of every bar, for the whole group "cycle".
_CYCLE_COST = 8


def cost_of(step: Step) -> int:
    """Return what one bar costs."""
    if step.operation in WINDOWS:
        return _WINDOW_COST
    if step.operation == "indicator":
        indicator, bars = _indicator(step)
        # Some of them go through their whole window for each bar.
        return (_OUTPUT_COST * len(indicator.outputs) + bars) * (_CYCLE_COST if indicator.group == "cycle" else 1)
    return _COSTS.get(step.operation, 1)


def width_of(steps: Sequence[Step]) -> int:
    """Return how many values of a bar are kept at once when the steps run one after another over arrays."""
    uses, kept, most = last_uses(steps), 0, 0
    for place, step in enumerate(steps):
        kept += _values_of(step)
        most = max(most, kept)
        kept -= sum(_values_of(steps[used]) for used in set(step.inputs) if uses[used] == place)
    return most


def _values_of(step: Step) -> int:
    return len(_indicator(step)[0].outputs) if step.operation == "indicator" else int(step.operation != "constant")


def look_back_of(step: Step, inputs: list[Mapping[Origin, int]]) -> dict[Origin, int]:
    """Return how many bars of each origin the step needs, from what its inputs need."""
    needed: dict[Origin, int] = {}
    for one in inputs:
        for origin, bars in one.items():
            needed[origin] = max(needed.get(origin, 0), bars)
    more = _more(step)
    needed = {origin: bars + more for origin, bars in needed.items()}
    if step.operation != "constant":
        needed[step.origin] = max(needed.get(step.origin, 0), 1)
    return needed


def _more(step: Step) -> int:
    if step.operation in WINDOWS:
        return int(step.settings[0]) - 1
    if step.operation == "past":
        return int(step.settings[0])
    if step.operation == "became":
        return 1
    return _indicator(step)[1] if step.operation == "indicator" else 0


def _indicator(step: Step) -> tuple[Indicator, int]:
    """The indicator of a step and its warm-up in bars."""
    name, *values = step.settings
    indicator = get_indicator(str(name))
    whole = {one.name: int(value) for one, value in zip(indicator.parameters, values, strict=True) if one.whole}
    return indicator, indicator.warm_up(whole)
