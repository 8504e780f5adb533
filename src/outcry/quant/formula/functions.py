"""The functions of the language: what they take, what they mean in steps, and a line of help for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from outcry.quant.formula.program import Kind

NUMBER, CONDITION = Kind.NUMBER, Kind.CONDITION


class Scope(Protocol):
    """Where steps are added."""

    def number(self, operation: str, *inputs: int, settings: tuple[float, ...] = ()) -> int:
        """Add a step that gives a number; return its position."""

    def condition(self, operation: str, *inputs: int, settings: tuple[float, ...] = ()) -> int:
        """Add a step that gives a condition; return its position."""

    def constant(self, value: float) -> int:
        """Add a number that does not change; return its position."""

    def past(self, step: int, bars: int) -> int:
        """Add the value of a step so many bars ago; return its position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What a function takes at one place: a kind, or a number of bars (``kind`` is None) with perhaps a default."""

    name: str
    kind: Kind | None
    default: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``lower`` takes the positions of its inputs, and the numbers of bars as they are, in the order of the slots.

    ``more`` says that the last slot may be filled any number of times; ``infix`` that it stands between its two.
    """

    name: str
    slots: tuple[Slot, ...]
    gives: Kind
    help: str
    lower: Callable[..., int]
    more: bool = False
    infix: bool = False

    @property
    def signature(self) -> str:
        """How it is written, such as ``highest(x, n)``."""
        names = [one.name if one.default is None else f"{one.name}={one.default}" for one in self.slots]
        if self.infix:
            return f"{names[0]} {self.name} {names[1]}"
        return f"{self.name}({', '.join(names)}{', ...' if self.more else ''})"


_X, _Y = Slot(name="x", kind=NUMBER), Slot(name="y", kind=NUMBER)
_BARS, _ONE_BAR = Slot(name="n", kind=None), Slot(name="n", kind=None, default=1)
_IS, _A, _B = (Slot(name=name, kind=CONDITION) for name in ("condition", "a", "b"))


def _number(name: str, text: str) -> Function:
    return Function(name=name, slots=(_X,), gives=NUMBER, help=text, lower=lambda scope, x: scope.number(name, x))


def _several(name: str, text: str) -> Function:
    def lower(scope: Scope, first: int, *others: int) -> int:
        for other in others:
            first = scope.number(name, first, other)
        return first

    return Function(name=name, slots=(_X, _Y), gives=NUMBER, help=text, lower=lower, more=True)


def _window(name: str, slot: Slot, gives: Kind, text: str) -> Function:
    def lower(scope: Scope, value: int, bars: int) -> int:
        add = scope.number if gives is NUMBER else scope.condition
        return add(name, value, settings=(bars,))

    return Function(name=name, slots=(slot, _BARS), gives=gives, help=text, lower=lower)


def crosses(sign: str) -> Callable[[Scope, int, int], int]:
    """Return what says that a comparison holds now and did not a bar ago."""
    return lambda scope, x, y: scope.condition("became", scope.condition(sign, x, y))


def _moves(sign: str) -> Callable[[Scope, int, int], int]:
    def lower(scope: Scope, x: int, bars: int) -> int:
        return scope.condition("always", scope.condition(sign, x, scope.past(x, 1)), settings=(bars,))

    return lower


def _change(scope: Scope, x: int, bars: int) -> int:
    return scope.number("subtract", x, scope.past(x, bars))


def _percent_change(scope: Scope, x: int, bars: int) -> int:
    share = scope.number("divide", _change(scope, x, bars), scope.past(x, bars))
    return scope.number("multiply", share, scope.constant(100.0))


def _then(scope: Scope, a: int, b: int, bars: int) -> int:
    return scope.condition("and", b, scope.past(scope.condition("within", a, settings=(bars,)), 1))


_ALL = (
    _number("abs", "The number without its sign."),
    _number("sqrt", "The square root; unknown below zero."),
    _number("log", "The natural logarithm; unknown at zero and below."),
    _number("log10", "The logarithm to base ten; unknown at zero and below."),
    _number("exp", "e to the power of x."),
    _number("round", "The nearest whole number; a half goes to the even one."),
    _number("floor", "The next whole number below."),
    _number("ceil", "The next whole number above."),
    _number("sign", "1 above zero, -1 below, else 0."),
    _several("min", "The smallest of several numbers."),
    _several("max", "The largest of several numbers."),
    _window("highest", _X, NUMBER, "The highest of the last n bars, this one included."),
    _window("lowest", _X, NUMBER, "The lowest of the last n bars, this one included."),
    Function(
        name="change",
        slots=(_X, _ONE_BAR),
        gives=NUMBER,
        help="How much x grew in n bars.",
        lower=_change,
    ),
    Function(
        name="percent_change",
        slots=(_X, _ONE_BAR),
        gives=NUMBER,
        help="How much x grew in n bars, in percent of what it was.",
        lower=_percent_change,
    ),
    Function(
        name="rising",
        slots=(_X, _BARS),
        gives=CONDITION,
        help="x rose at each of the last n bars.",
        lower=_moves(">"),
    ),
    Function(
        name="falling",
        slots=(_X, _BARS),
        gives=CONDITION,
        help="x fell at each of the last n bars.",
        lower=_moves("<"),
    ),
    _window("within", _IS, CONDITION, "The condition held at one of the last n bars, this one included."),
    _window("always", _IS, CONDITION, "The condition held at each of the last n bars, this one included."),
    _window("count", _IS, NUMBER, "At how many of the last n bars the condition held."),
    Function(
        name="since",
        slots=(_IS,),
        gives=NUMBER,
        help="How many bars ago the condition held last: 0 where it holds now, unknown before it ever did.",
        lower=lambda scope, condition: scope.number("since", condition),
    ),
    Function(
        name="then",
        slots=(_A, _B, _BARS),
        gives=CONDITION,
        help="b holds now, and a did at one of the n bars before.",
        lower=_then,
    ),
    Function(
        name="crosses_above",
        slots=(_X, _Y),
        gives=CONDITION,
        help="x is above y now, and was not a bar ago.",
        lower=crosses(">"),
        infix=True,
    ),
    Function(
        name="crosses_below",
        slots=(_X, _Y),
        gives=CONDITION,
        help="x is below y now, and was not a bar ago.",
        lower=crosses("<"),
        infix=True,
    ),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _ALL}
