"""Why a formula held on a bar, or did not: the value of each of its parts. And why it never held: what was missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from outcry.quant.formula.arrays import Truths
from outcry.quant.formula.evaluating import Data, check, run
from outcry.quant.formula.program import OWN, Formula, Kind, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class PartValue:
    """What a piece of the text (``start`` up to, not including, ``end``) was on a bar.

    ``value`` is a number or whether the condition held; None is unknown. ``depth`` says how deep it lies, from 1 for
    the whole formula. Of another instrument or timeframe it is the value on the last bar that was over.
    """

    start: int
    end: int
    depth: int
    text: str
    kind: Kind
    value: float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """One of the conditions that a formula joins by ``and``: on how many bars it held, and all the others together.

    Where ``others`` is not 0, this condition alone was missing on so many bars.
    """

    text: str
    bars: int
    others: int


class Joined:
    """Keeps the conditions that a formula joins by ``and`` while it runs, to count them afterwards."""

    def __init__(self, formula: Formula) -> None:
        self._formula = formula
        self._steps = tuple(_joined(formula, formula.result))
        self._truths: dict[int, Truths] = {}

    def watch(self, step: int, values: object) -> None:
        """Take a step's values."""
        if step in self._steps and isinstance(values, np.ndarray):
            self._truths[step] = values

    def count(self, begin: int) -> tuple[PartCount, ...]:
        """Return the counts over the bars from a position on; nothing where the formula joins nothing."""
        if len(self._steps) < 2:
            return ()
        held = [self._truths[step][begin:] > 0 for step in self._steps]
        missing = np.sum([~one for one in held], axis=0)
        return tuple(
            PartCount(
                text=_text_of(self._formula, step),
                bars=int(np.count_nonzero(one)),
                others=int(np.count_nonzero(missing - ~one == 0)),
            )
            for step, one in zip(self._steps, held, strict=True)
        )


def _joined(formula: Formula, step: int) -> Iterator[int]:
    """Give the steps that are joined by ``and``, each once, in the order of the text."""
    seen: dict[int, None] = {}
    waiting = [step]
    while waiting:
        at = waiting.pop()
        if formula.steps[at].operation == "and":
            waiting.extend(reversed(formula.steps[at].inputs))
        else:
            seen[at] = None
    yield from seen


def _text_of(formula: Formula, step: int) -> str:
    part = next(part for part in formula.parts if part.step == step)
    return formula.source[part.start : part.end]


def _nothing(_step: int, _values: object) -> None:
    pass


def explain(
    formula: Formula, data: Data, at: int, beside: Callable[[int, object], None] = _nothing
) -> tuple[PartValue, ...]:
    """Return the value of each part on the chart's own bar at position ``at``, the whole formula's first.

    ``beside`` is called after each step and may end it all by an error. Raises ValueError where bars are missing,
    IndexError where there is no such bar.
    """
    check(formula, data)
    if not 0 <= at < len(data[OWN].bars):
        raise IndexError("there is no such bar")
    places = {origin: _place(data, origin, at) for origin in formula.origins}
    wanted = {part.step for part in formula.parts}
    found: dict[int, float] = {}

    def watch(step: int, values: object) -> None:
        beside(step, values)
        if step in wanted and isinstance(values, np.ndarray):
            place = places[formula.steps[step].origin]
            found[step] = float(values[place]) if place >= 0 else np.nan

    run(formula, data, watch)
    return to_part_values(formula, lambda step: found[step])


def to_part_values(formula: Formula, value_of: Callable[[int], float]) -> tuple[PartValue, ...]:
    """Return each part with its value, which ``value_of`` gives for its step: NaN, or 0 of a truth, is unknown."""
    return tuple(
        PartValue(
            start=part.start,
            end=part.end,
            depth=part.depth,
            text=formula.source[part.start : part.end],
            kind=part.kind,
            value=_shown(value_of(part.step), part.kind),
        )
        for part in formula.parts
    )


def _place(data: Data, origin: Origin, at: int) -> int:
    """The position of the last bar of an origin that was over when the own bar at ``at`` was; -1 if there was none."""
    if origin == OWN:
        return at
    own, other = data[OWN].ends, data[origin].ends
    if own is None or other is None:
        return -1
    return int(np.searchsorted(other, own[at], side="right")) - 1


def _shown(value: float, kind: Kind) -> float | bool | None:
    if value != value or (kind is Kind.CONDITION and not value):
        return None
    return value > 0 if kind is Kind.CONDITION else value
