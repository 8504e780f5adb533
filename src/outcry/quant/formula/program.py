"""A formula as a list of steps: what both evaluators run, each step once, however often the text asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from outcry.kit.market import Timeframe


class Kind(StrEnum):
    """What a step gives for a bar: a number, or a condition that holds or not. Both may be unknown."""

    NUMBER = "number"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where bars come from: an instrument and a timeframe; nothing stands for those of the chart itself."""

    symbol: str = ""
    timeframe: Timeframe | None = None


OWN = Origin()

Setting = float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One operation over the results of earlier steps (``inputs`` are their positions).

    It runs once for each bar of its ``origin``; ``lift`` alone has an input of another origin. Operations are named
    in arrays.py and cells.py, and in running.py those that read bars.
    """

    operation: str
    inputs: tuple[int, ...] = ()
    settings: tuple[Setting, ...] = ()
    origin: Origin = OWN
    kind: Kind = Kind.NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the text that has a value: the step that gives it, and how deep it lies in the formula."""

    start: int
    end: int
    depth: int
    kind: Kind
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula that is right, and what is known of it before it runs.

    ``text`` is the canonical text: analysing it gives this formula again. ``source`` is the text as it was written,
    to which ``parts`` point. ``look_back`` says for each origin how many bars, the newest included, are needed before
    every part is known; an average that never forgets is counted from its first value. Over other origins it is an
    upper bound, if their bars are not shorter than the chart's. ``cost`` is that of one bar, in the units of costs.py;
    ``width`` is how many values of a bar there are at once, while it is evaluated over arrays.
    """

    text: str
    source: str
    kind: Kind
    look_back: Mapping[Origin, int]
    cost: int
    width: int
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    result: int

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where its bars come from; the chart's own first, whose bars are its clock."""
        return tuple(self.look_back)


def last_uses(steps: Sequence[Step]) -> dict[int, int]:
    """Return for each step whose value is used by which step it is used last."""
    return {used: place for place, step in enumerate(steps) for used in step.inputs}


def in_order(steps: Sequence[Step], result: int) -> dict[int, int]:
    """Return new positions for the steps that lead to a result: inputs first, in the order in which they are asked for.

    So the same formula has the same steps, however it was spelled.
    """
    places: dict[int, int] = {}
    waiting = [result]
    while waiting:
        missing = [one for one in steps[waiting[-1]].inputs if one not in places]
        if missing:
            waiting.extend(reversed(missing))
        else:
            places.setdefault(waiting.pop(), len(places))
    return places
