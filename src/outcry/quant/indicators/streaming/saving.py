"""Saving and restoring what a stream remembers, from its slots."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from outcry.quant.indicators.streaming.stream import Plain, State


class Saved:
    """A part of a stream that keeps all that it remembers in ``__slots__``: numbers, lists and rings of them, parts.

    A slot's present value tells its kind, so each must be filled by the constructor.
    """

    __slots__ = ()

    def state(self) -> State:
        """Return every slot, in the order in which they are declared, the parents' first."""
        return tuple(_to_plain(getattr(self, name)) for name in _slots(type(self)))

    def restore(self, state: State) -> None:
        """Take over every slot; raises ValueError if ``state`` has another form, and may then be half changed."""
        names = tuple(_slots(type(self)))
        if isinstance(state, str) or not isinstance(state, Sequence) or len(state) != len(names):
            raise ValueError(f"{type(self).__name__} has {len(names)} things to remember")
        for name, value in zip(names, state, strict=True):
            setattr(self, name, _from_plain(getattr(self, name), value))


def _slots(kind: type) -> Iterator[str]:
    for parent in reversed(kind.__mro__):
        yield from getattr(parent, "__slots__", ()) if "__slots__" in vars(parent) else ()


def _to_plain(value: Any) -> Plain:
    if isinstance(value, Saved):
        return value.state()
    if isinstance(value, list | tuple | deque):
        return [_to_plain(item) for item in value]
    # JSON has no word for these three; a text is what its readers all let through.
    return value if math.isfinite(value) else str(value)


def _from_plain(present: Any, value: Plain) -> Any:
    """Return ``value`` as something of the kind of ``present``."""
    if isinstance(present, Saved):
        if isinstance(value, float | int):
            raise ValueError(f"{type(present).__name__} cannot be restored from a number")
        present.restore(value)
        return present
    if isinstance(present, list | tuple | deque):
        return _from_sequence(present, value)
    if not isinstance(value, str | float | int):
        raise ValueError("a number was saved as a list")
    return type(present)(value)


def _from_sequence(present: Any, value: Plain) -> Any:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("a list was saved as a number")
    if isinstance(present, deque):
        return deque((float(_number(item)) for item in value), present.maxlen)
    if any(isinstance(item, Saved) for item in present):
        if len(value) != len(present):
            raise ValueError(f"{len(present)} parts were saved as {len(value)}")
        return type(present)(_from_plain(part, item) for part, item in zip(present, value, strict=True))
    return type(present)(float(_number(item)) for item in value)


def _number(item: Plain) -> float | str:
    if isinstance(item, float | int | str):
        return item
    raise ValueError("a number was saved as a list")


class Single(Saved):
    """A part from one series to one: ``step`` gives the value itself, NaN inside the warm-up.

    It is also a whole stream, whose only output is that value, and the brick of which longer ones are built.
    """

    __slots__ = ()

    def step(self, value: float) -> float:
        """Take the next value; return the result, NaN inside the warm-up."""
        raise NotImplementedError

    def push(self, value: float) -> tuple[float]:
        """Take the next value as a stream does."""
        return (self.step(value),)
