"""The EventBus port: what happened, told to whoever subscribed."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from outcry.kit.events import Envelope

Handler = Callable[[Envelope], Awaitable[None]]


class EventBus(Protocol):
    """Delivers each event at least once to each group that subscribed to its name, in order per key."""

    def subscribe(self, event_name: str, *, group: str, handler: Handler) -> None:
        """Hand every event of this name to ``handler``. A group has one handler a name; call before ``start``."""
        ...

    async def start(self) -> None:
        """Begin to deliver."""
        ...

    async def publish(self, envelope: Envelope) -> None:
        """Hand over one event; returns once it cannot be lost any more.

        Raises when it could not be handed over, in process also when a handler raised: the caller tries again,
        and groups that had handled it already see it twice, which their inbox absorbs.
        """
        ...

    async def stop(self) -> None:
        """Finish what is under way and deliver no more."""
        ...
