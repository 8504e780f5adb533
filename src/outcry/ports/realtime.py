"""The Realtime port: topics that sockets listen to. The database is the truth; this is the courier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a log topic. Offsets of one epoch count up by one; another epoch means the log began anew."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One thing that happened on a topic. ``data`` is JSON text, made once for all who listen."""

    topic: str
    offset: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The start of a subscription.

    ``reset`` says that what was missed since the given position is no longer all there: load the state anew, then
    go on from ``position``. Otherwise ``missed`` holds all of it, in order, and none of it is delivered again.
    """

    position: Position
    reset: bool
    missed: tuple[Update, ...]
    cancel: Callable[[], None]


Sink = Callable[[Update], None]


class Realtime(Protocol):
    """Two kinds of topic: ``log``, of which nothing may be missed, and ``latest``, of which only the newest counts."""

    async def append(self, topic: str, data: str) -> Position:
        """Add to a log topic and return its new position."""
        ...

    async def position(self, topic: str) -> Position:
        """Return the position of a log topic after its newest update (offset 0 when there was none)."""
        ...

    async def forget(self, topic: str) -> None:
        """Drop what a log topic keeps, for good; who comes back from before it is told ``reset``."""
        ...

    async def set_latest(self, topic: str, data: str) -> None:
        """Replace the state of a latest topic; states between two looks may be dropped."""
        ...

    async def follow_log(self, topic: str, after: Position | None, sink: Sink) -> Subscribed:
        """Listen to a log topic from a position on, or from now on when None. ``sink`` must not block."""
        ...

    async def follow_latest(self, topic: str, sink: Sink) -> Subscribed:
        """Listen to a latest topic; ``missed`` holds the present state when there is one."""
        ...

    def listeners(self, topic: str) -> int:
        """Return how many in this process listen to a topic now."""
        ...
