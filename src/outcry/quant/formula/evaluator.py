"""A formula one bar at a time."""

import hashlib
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from outcry.quant.formula.arithmetic import SIMPLE
from outcry.quant.formula.cells import CELLS, open_past
from outcry.quant.formula.explaining import PartValue, to_part_values
from outcry.quant.formula.program import OWN, Formula, Kind, Origin, Step
from outcry.quant.indicators.computing import get_indicator
from outcry.quant.indicators.streaming.opening import open_stream
from outcry.quant.indicators.streaming.stream import Plain


class Bar(NamedTuple):
    """One closed bar; ``time`` is its open time in microseconds since 1970 UTC."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    time: float = 0.0


_Run = Callable[[], None]
_Bars = Mapping[Origin, Bar]


class Evaluator:
    """Runs a formula over bars as they close; it holds O(1) or O(window) numbers, never the history.

    The values are those of ``evaluate`` over the same bars.
    """

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self._values: list[Any] = [_first_value(step) for step in formula.steps]
        self._states: dict[int, Any] = {}
        self._runs = [self._make_run(place, step) for place, step in enumerate(formula.steps)]
        self._columns = {origin: _columns(formula, origin) for origin in formula.origins}
        self._own = self._columns[OWN]
        self._waiting: dict[Origin, deque[tuple[int, Bar]]] = {one: deque() for one in formula.origins if one != OWN}
        self._newest: dict[Origin, int] = {}
        self._plans: dict[frozenset[Origin], list[_Run]] = {}
        self._plan = self._plan_for(frozenset([OWN]))

    def observe(self, origin: Origin, bar: Bar, end: int) -> None:
        """Take a bar of another origin, over at ``end`` (microseconds since 1970 UTC), before or after it is due.

        It is seen by the chart's own bars that end then or later. Bars of one origin come in the order of time; one
        that comes only after own bars that should have seen it is seen by the next. Raises ValueError for an origin
        that the formula does not need, or a bar that is not newer than the one before.
        """
        if origin not in self._waiting:
            raise ValueError(f"the formula needs no bars of {origin}")
        if end <= self._newest.get(origin, end - 1):
            raise ValueError(f"a bar of {origin} is not newer than the one before")
        self._newest[origin] = end
        self._waiting[origin].append((end, bar))

    def push(self, bar: Bar, end: int = 0) -> float:
        """Take the chart's next own bar; return the formula's value: a number (NaN is unknown), or 1, -1, 0 (unknown).

        ``end`` says when the bar was over, and is needed only where there are other origins; there ValueError is raised
        without it.
        """
        if self._waiting:
            self._catch_up(bar, end)
        else:
            values = self._values
            for place, column in self._own:
                value = bar[column]
                values[place] = value if value - value == 0.0 else math.nan
            for run in self._plan:
                run()
        result: float = self._values[self.formula.result]
        return result

    def _catch_up(self, own: Bar, end: int) -> None:
        """Go through all moments up to ``end`` at which bars were over, oldest first."""
        if end <= 0:
            raise ValueError("beside other origins a bar must say when it was over")
        while True:
            moment = min([end, *(queue[0][0] for queue in self._waiting.values() if queue)])
            bars = {
                origin: queue.popleft()[1] for origin, queue in self._waiting.items() if queue and queue[0][0] == moment
            }
            if moment == end:
                self._tick(bars | {OWN: own})
                return
            self._tick(bars)

    def _tick(self, bars: _Bars) -> None:
        for origin, bar in bars.items():
            for place, column in self._columns[origin]:
                value = bar[column]
                self._values[place] = value if value - value == 0.0 else math.nan
        for run in self._plan_for(frozenset(bars)):
            run()

    def _plan_for(self, origins: frozenset[Origin]) -> list[_Run]:
        if origins not in self._plans:
            steps = zip(self.formula.steps, self._runs, strict=True)
            self._plans[origins] = [run for step, run in steps if run is not None and step.origin in origins]
        return self._plans[origins]

    def explain(self) -> tuple[PartValue, ...]:
        """Return the value that each part of the formula had on the bar pushed last."""
        return to_part_values(self.formula, lambda place: float(self._values[place]))

    def state(self) -> dict[str, Any]:
        """Return all that it remembers; ``json.dumps(..., allow_nan=False)`` takes it."""
        return {
            "formula": self.formula.text,
            "steps_of": _stamp(self.formula),
            "values": [_to_plain(value) for value in self._values],
            "steps": {str(place): state.state() for place, state in self._states.items()},
            "waiting": [[[end, *map(_to_plain, bar)] for end, bar in queue] for queue in self._waiting.values()],
            "newest": [self._newest.get(origin) for origin in self._waiting],
        }

    @classmethod
    def restored(cls, formula: Formula, state: Mapping[str, Any]) -> "Evaluator":
        """Return an evaluator that goes on where the one that gave ``state`` stood; raises ValueError if it cannot."""
        evaluator = cls(formula)
        if state.get("formula") != formula.text or state.get("steps_of") != _stamp(formula):
            raise ValueError("another formula saved this, or the same in other steps")
        try:
            evaluator._restore(state)
        except (KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
            raise ValueError("this is not what an evaluator saved") from error
        return evaluator

    def _restore(self, state: Mapping[str, Any]) -> None:
        self._values[:] = [float(value) for _, value in zip(self._values, state["values"], strict=True)]
        for place, part in self._states.items():
            part.restore(state["steps"][str(place)])
        for queue, saved in zip(self._waiting.values(), state["waiting"], strict=True):
            queue.extend((int(end), Bar(*map(float, bar))) for end, *bar in saved)
        newest = zip(self._waiting, state["newest"], strict=True)
        self._newest = {origin: int(end) for origin, end in newest if end is not None}

    def _make_run(self, place: int, step: Step) -> _Run | None:
        operation, inputs, values = step.operation, step.inputs, self._values
        if operation in ("constant", "column", "output"):
            return None
        if operation == "indicator":
            return self._run_indicator(place, step)
        if operation == "lift":
            return _one(_same, values, inputs[0], place)
        if operation in SIMPLE:
            return _run_simple(SIMPLE[operation], values, inputs, place)
        if operation == "past":
            cell = open_past(float(step.settings[0]), condition=step.kind is Kind.CONDITION)
        else:
            cell = CELLS[operation](*step.settings)
        self._states[place] = cell
        return _one(cell.push, values, inputs[0], place)

    def _run_indicator(self, place: int, step: Step) -> _Run:
        """Fill the places of the outputs that are asked for."""
        name, *settings = step.settings
        parameters = [one.name for one in get_indicator(str(name)).parameters]
        stream = open_stream(str(name), dict(zip(parameters, map(float, settings), strict=True)))
        self._states[place] = stream
        wanted = [
            (target, int(one.settings[0]))
            for target, one in enumerate(self.formula.steps)
            if one.operation == "output" and one.inputs == (place,)
        ]
        return _indicator(stream.push, self._values, step.inputs, wanted)


def _stamp(formula: Formula) -> str:
    """A mark that changes with the steps: those of another version of the program may be others."""
    return hashlib.sha256(repr(formula.steps).encode()).hexdigest()[:16]


def _first_value(step: Step) -> float:
    if step.operation == "constant":
        return float(step.settings[0])
    return 0 if step.kind is Kind.CONDITION else math.nan


def _columns(formula: Formula, origin: Origin) -> list[tuple[int, int]]:
    return [
        (place, Bar._fields.index(str(step.settings[0])))
        for place, step in enumerate(formula.steps)
        if step.operation == "column" and step.origin == origin
    ]


def _same(value: float) -> float:
    return value


def _run_simple(function: Callable[..., Any], values: list[Any], inputs: Sequence[int], target: int) -> _Run:
    if len(inputs) == 1:
        return _one(function, values, inputs[0], target)
    if len(inputs) == 2:
        return _two(function, values, inputs[0], inputs[1], target)
    first, second, third = inputs

    def run() -> None:
        values[target] = function(values[first], values[second], values[third])

    return run


def _one(function: Callable[[Any], Any], values: list[Any], first: int, target: int) -> _Run:
    def run() -> None:
        values[target] = function(values[first])

    return run


def _two(function: Callable[[Any, Any], Any], values: list[Any], first: int, second: int, target: int) -> _Run:
    def run() -> None:
        values[target] = function(values[first], values[second])

    return run


def _indicator(
    push: Callable[..., tuple[float, ...]], values: list[Any], inputs: Sequence[int], wanted: Sequence[tuple[int, int]]
) -> _Run:
    if len(inputs) == 1 and len(wanted) == 1:
        only, (target, output) = inputs[0], wanted[0]

        def run_one() -> None:
            value = push(values[only])[output]
            values[target] = value if value - value == 0.0 else math.nan

        return run_one

    def run() -> None:
        outputs = push(*[values[place] for place in inputs])
        for target, output in wanted:
            value = outputs[output]
            values[target] = value if value - value == 0.0 else math.nan

    return run


def _to_plain(value: float) -> Plain:
    return value if math.isfinite(value) else str(value)
