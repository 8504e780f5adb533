"""Steps as they are added: equal ones once, constants folded, values brought from one origin to another."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from outcry.quant.formula import limits
from outcry.quant.formula.arithmetic import SIMPLE
from outcry.quant.formula.costs import cost_of, look_back_of
from outcry.quant.formula.program import OWN, Kind, Origin, Setting, Step


class TooLargeFormula(Exception):  # noqa: N818  # caught where the place in the text is known
    """A step more than a formula may have, cost or look back to; the message says which."""


class Assembly:
    """The steps of one formula so far."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.look_backs: list[Mapping[Origin, int]] = []
        self._known: dict[Step, int] = {}
        self._cost = 0

    def add(self, step: Step) -> int:
        """Return the position of a step, an equal one's if there is one; raises TooLargeFormula."""
        if step in self._known:
            return self._known[step]
        look_back = look_back_of(step, [self.look_backs[place] for place in step.inputs])
        self._cost += cost_of(step)
        self._check(step, max(look_back.values(), default=0))
        self._known[step] = len(self.steps)
        self.steps.append(step)
        self.look_backs.append(look_back)
        return self._known[step]

    def _check(self, step: Step, look_back: int) -> None:
        if len(self.steps) >= limits.MOST_STEPS:
            raise TooLargeFormula(f"The formula has too many parts: more than {limits.MOST_STEPS} steps.")
        if self._cost > limits.MOST_COST:
            raise TooLargeFormula(f"The formula costs too much: more than {limits.MOST_COST:,} units a bar.")
        if look_back > limits.MOST_LOOK_BACK:
            raise TooLargeFormula(
                f"The formula looks back {look_back:,} bars; at most {limits.MOST_LOOK_BACK:,} may be."
            )
        if step.operation == "column" and len({one.origin for one in self.steps} | {step.origin, OWN}) > (
            limits.MOST_ORIGINS
        ):
            raise TooLargeFormula(
                f"The formula needs too many instruments and timeframes: at most {limits.MOST_ORIGINS}."
            )

    def constant(self, value: float) -> int:
        """Return the position of a number that does not change."""
        return self.add(Step(operation="constant", settings=(value,)))

    def value_of(self, place: int) -> float | None:
        """Return the number of a constant, None for what may change."""
        step = self.steps[place]
        return float(step.settings[0]) if step.operation == "constant" else None

    def bring(self, place: int, origin: Origin) -> int:
        """Return where a step's value is found as this origin sees it: as of the last bar that was over by then."""
        step = self.steps[place]
        if step.origin == origin or step.operation == "constant":
            return place
        return self.add(Step(operation="lift", inputs=(place,), origin=origin, kind=step.kind))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an assembly steps are added: those that run with the bars of one origin. A ``functions.Scope``."""

    assembly: Assembly
    origin: Origin

    def _add(self, operation: str, inputs: tuple[int, ...], settings: tuple[Setting, ...], kind: Kind) -> int:
        brought = tuple(self.assembly.bring(place, self.origin) for place in inputs)
        return self.assembly.add(
            Step(operation=operation, inputs=brought, settings=settings, origin=self.origin, kind=kind)
        )

    def number(self, operation: str, *inputs: int, settings: tuple[Setting, ...] = ()) -> int:
        """Add a step that gives a number, or the number itself where it cannot change."""
        values = [self.assembly.value_of(place) for place in inputs]
        if operation in SIMPLE and None not in values:
            return self.assembly.constant(float(SIMPLE[operation](*values)))
        return self._add(operation, inputs, settings, Kind.NUMBER)

    def condition(self, operation: str, *inputs: int, settings: tuple[Setting, ...] = ()) -> int:
        """Add a step that gives a condition."""
        return self._add(operation, inputs, settings, Kind.CONDITION)

    def constant(self, value: float) -> int:
        """Add a number that does not change."""
        return self.assembly.constant(value)

    def past(self, step: int, bars: int) -> int:
        """Add the value of a step so many bars ago."""
        if not bars:
            return self.assembly.bring(step, self.origin)
        return self._add("past", (step,), (float(bars),), self.assembly.steps[step].kind)

    def column(self, name: str) -> int:
        """Add a column of the bars."""
        return self.number("column", settings=(name,))


def is_known(value: float) -> bool:
    """Say whether a number is one."""
    return not math.isnan(value)
