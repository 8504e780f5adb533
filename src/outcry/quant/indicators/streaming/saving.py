"""Saving and restoring what a stream remembers: slots of an object, or variables that a function closes over."""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType
from typing import Any
from zlib import crc32

from outcry.quant.indicators.streaming.stream import Plain, State

Step = Callable[[float], float]
"""Takes the next value of one series and returns the result, NaN inside the warm-up.

A step is a function inside a function: what it remembers are the numbers, rings and further steps that it closes
over. That is the quickest that plain Python has, and saving finds them by themselves. Each of these variables must
hold something of its kind from the start, for the present value tells the kind of what is restored.
"""


class Saved:
    """A part of a stream that keeps all that it remembers in ``__slots__``: numbers, lists and rings of them, parts.

    A slot's present value tells its kind, so each must be filled by the constructor.
    """

    __slots__ = ()

    def state(self) -> State:
        """Return every slot, in the order in which they are declared, the parents' first."""
        return tuple(to_plain(getattr(self, name)) for name in _slots(type(self)))

    def restore(self, state: State) -> None:
        """Take over every slot; raises ValueError if ``state`` has another form, and may then be half changed."""
        names = tuple(_slots(type(self)))
        for name, value in zip(names, of_length(state, len(names)), strict=True):
            setattr(self, name, from_plain(getattr(self, name), value))

    def names(self) -> Iterator[str]:
        """Go through the names of what it remembers, its parts' in their place."""
        yield type(self).__name__
        for name in _slots(type(self)):
            yield name
            part = getattr(self, name)
            if isinstance(part, Saved):
                yield from part.names()


class Steps:
    """A stream made of steps.

    ``step`` takes the inputs and gives a float if the indicator has one output, else a tuple.
    """

    __slots__ = ("push",)

    def __init__(self, step: Callable[..., Any]) -> None:
        self.push = step

    def state(self) -> State:
        """Return what the step and the steps inside it remember."""
        return tuple(to_plain(cell.cell_contents) for _, cell in _cells(self.push, set()))

    def restore(self, state: State) -> None:
        """Take over every variable; raises ValueError if ``state`` has another form, and may then be half changed."""
        cells = [cell for _, cell in _cells(self.push, set())]
        for cell, value in zip(cells, of_length(state, len(cells)), strict=True):
            present = cell.cell_contents
            if isinstance(present, deque):
                # In place: a step may hold on to the ring's methods.
                items = from_plain(present, value)
                present.clear()
                present.extend(items)
            else:
                cell.cell_contents = from_plain(present, value)

    def names(self) -> Iterator[str]:
        """Go through the names of what the steps remember."""
        for name, cell in _cells(self.push, set()):
            yield name
            if isinstance(cell.cell_contents, Saved):
                yield from cell.cell_contents.names()


def form_of(stream: object) -> str:
    """Return a mark of the names of what a stream remembers: a state whose mark is another is of another code."""
    names = stream.names() if isinstance(stream, Saved | Steps) else _slots(type(stream))
    return f"{crc32(' '.join(names).encode()):08x}"


def _cells(step: Any, met: set[int]) -> Iterator[tuple[str, Any]]:
    """Go through the variables with something to remember, each once, functions' own in their place."""
    for name, cell in zip(step.__code__.co_freevars, step.__closure__ or (), strict=True):
        if id(cell) in met:
            continue
        met.add(id(cell))
        kept = cell.cell_contents
        if isinstance(kept, FunctionType):
            yield from _cells(kept, met)
        elif isinstance(kept, float | int | deque | list | Saved):
            yield f"{step.__qualname__}.{name}", cell


def _slots(kind: type) -> Iterator[str]:
    for parent in reversed(kind.__mro__):
        yield from vars(parent).get("__slots__", ())


def of_length(state: Plain, count: int) -> Sequence[Plain]:
    """Return what was saved if it has so many parts; raises ValueError."""
    if isinstance(state, str) or not isinstance(state, Sequence) or len(state) != count:
        raise ValueError(f"what was saved has not {count} parts")
    return state


def to_plain(value: Any) -> Plain:
    """Return a variable as JSON can hold it."""
    if isinstance(value, Saved):
        return value.state()
    if isinstance(value, list | tuple | deque):
        return [to_plain(item) for item in value]
    # JSON has no word for these three; a text is what its readers all let through.
    return value if math.isfinite(value) else str(value)


def from_plain(present: Any, value: Plain) -> Any:
    """Return ``value`` as something of the kind of ``present``."""
    if isinstance(present, Saved):
        if isinstance(value, float | int):
            raise ValueError("parts were saved as a number")
        present.restore(value)
        return present
    if isinstance(present, list | tuple | deque):
        return _from_sequence(present, value)
    return type(present)(_number(value))


def _from_sequence(present: Any, value: Plain) -> Any:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("a list was saved as a number")
    if isinstance(present, deque):
        _check_ring(present, len(value))
        return deque((float(_number(item)) for item in value), present.maxlen)
    if any(isinstance(item, Saved) for item in present):
        parts = of_length(value, len(present))
        return type(present)(from_plain(part, item) for part, item in zip(present, parts, strict=True))
    return type(present)(float(_number(item)) for item in value)


def _check_ring(present: "deque[float]", count: int) -> None:
    """Raise ValueError if a ring cannot hold so many: a full one must stay full, none may be longer than its most."""
    most = present.maxlen
    if most is not None and (count > most or (len(present) == most and count < most)):
        raise ValueError(f"a ring of {most} was saved as {count}")


def _number(item: Plain) -> float | str:
    if isinstance(item, float | int | str):
        return item
    raise ValueError("a number was saved as a list")
