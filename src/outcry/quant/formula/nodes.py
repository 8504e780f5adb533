"""The syntax of a formula as a tree: what stands where, before anybody asks what it means."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A piece of the text, from ``start`` up to, not including, ``end``. ``depth`` counts the levels under it."""

    start: int = field(compare=False)
    end: int = field(compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Node):
    """A number, its suffix applied."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """A word as it is written."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted(Node):
    """The symbol of an instrument between quotes."""

    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument(Node):
    """What is given to a function, by its place or by a name."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """``word(arguments)``."""

    word: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Node):
    """``owner.word``: an output of an indicator, or a series of another instrument."""

    owner: Node
    word: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Past(Node):
    """``value[back]``: the value so many bars ago."""

    value: Node
    back: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class At(Node):
    """``value@timeframe``."""

    value: Node
    timeframe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary(Node):
    """``-value`` or ``not value``."""

    sign: str
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary(Node):
    """Two values and the sign between them, in its one spelling."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain(Node):
    """``a < b <= c``: each value compared with the next, and all must hold."""

    signs: tuple[str, ...]
    values: tuple[Node, ...]
