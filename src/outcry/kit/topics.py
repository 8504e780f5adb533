"""Places in log topics, and where a topic's past can be asked for."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a log topic. Offsets of one epoch count up by one; another epoch means the log began anew."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened after a position, up to ``position``: (offset, JSON text), in order.

    What a later update says whole is left out: a message that changed three times stands here once, as it is now, at
    the offset of its last change. If there is any, the last one is at ``position``.
    """

    position: Position
    updates: tuple[tuple[int, str], ...]


class TopicHistory(Protocol):
    """The past of a service's log topics, from where it is kept durably. ``name`` is a topic's, without its prefix."""

    async def position(self, name: str) -> Position:
        """Return where a topic stands: all that was committed before this was called is at or before it."""
        ...

    async def since(self, name: str, after: Position) -> Past | None:
        """Return all that came after a position, None when it is no longer all there or the position is not of it."""
        ...
