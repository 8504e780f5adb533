"""The Realtime port: topics that sockets listen to. The database is the truth; this is the courier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from outcry.kit.topics import Position

__all__ = ["Position", "Realtime", "Sink", "Subscribed", "Update"]


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

    async def append(self, topic: str, data: str, *, at: Position | None = None) -> Position:
        """Add to a log topic and return its new position.

        ``at`` is the position that the update has in a log which is kept elsewhere; then the topic's positions are
        that log's. What is kept here begins anew where one is missing in between.
        """
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

    async def join_log(self, topic: str, at: Position, sink: Sink) -> Subscribed:
        """Listen to a log topic that is kept elsewhere, from a position on that was read there.

        The topic must have been followed since before that reading, so that nothing can have passed in between.
        ``reset`` then says that too much has: read again.
        """
        ...

    async def follow_latest(self, topic: str, sink: Sink) -> Subscribed:
        """Listen to a latest topic; ``missed`` holds the present state when there is one."""
        ...

    def listeners(self, topic: str) -> int:
        """Return how many in this process listen to a topic now."""
        ...
