"""What a piece of a formula means, and the mistakes that it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from outcry.quant.formula.assembling import Assembly
from outcry.quant.formula.errors import Fault
from outcry.quant.formula.nodes import Node
from outcry.quant.formula.printing import ATOM
from outcry.quant.formula.program import Kind, Origin
from outcry.quant.formula.words import nearest
from outcry.quant.indicators.definition import Indicator

_SHOWN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a piece of the text means: the step that gives it, its kind, and its canonical text.

    ``level`` says how tightly the outermost sign of the text binds.
    """

    step: int
    kind: Kind
    text: str
    level: int = ATOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An indicator before one of its outputs is chosen."""

    step: int
    indicator: Indicator
    text: str
    origin: Origin


class Skipped(Exception):  # noqa: N818  # a mistake below was noted already
    """Nothing can be said of a piece because a piece inside it is wrong."""


class Reading(Protocol):
    """What reads the pieces inside a piece; reader.py has it."""

    assembly: Assembly

    def read(self, node: Node, origin: Origin) -> Meaning:
        """Return what a node means to the bars of an origin; raises Skipped where something is wrong."""

    def read_all(self, nodes: Sequence[Node], origin: Origin) -> list[Meaning]:
        """Return what several mean, and note the mistakes of all of them before raising Skipped."""

    def constant(self, node: Node, what: str) -> float:
        """Return the number that a node is; raises Fault if it may change from bar to bar."""

    def whole(self, node: Node, what: str, least: int) -> int:
        """Return the number of bars that a node is; raises Fault."""


def require(meaning: Meaning, kind: Kind, node: Node, reason: str) -> None:
    """Raise Fault if a piece is not of the kind that must stand there."""
    if meaning.kind is kind:
        return
    short = len(meaning.text) <= _SHOWN
    shown = meaning.text if short else "This"
    if kind is Kind.CONDITION:
        message = f"{shown} is a number, and {reason}: compare it" + (f", as in {shown} > 0." if short else ".")
        raise Fault("type", node.start, node.end, message, f"{meaning.text} > 0")
    raise Fault("type", node.start, node.end, f"{shown} is a condition, and {reason}.")


def unknown(word: str, node: Node) -> Fault:
    """Return the fault of a word that the language has not."""
    near, instrument = nearest(word), f"{word}.close" if word.isupper() else ""
    message = f"{word} is unknown."
    message += f" Did you mean {near}?" if near else ""
    message += f" If it is an instrument, write {instrument}." if instrument else ""
    return Fault("unknown_word", node.start, node.start + len(word), message, near or instrument)
