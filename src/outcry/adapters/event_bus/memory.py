"""The EventBus port in process: handlers are called where the event is published."""

import asyncio
from collections import defaultdict

from outcry.kit import trace
from outcry.kit.events import Envelope
from outcry.ports.event_bus import Handler


class MemoryEventBus:
    """Calls every group's handler; the outbox that feeds it makes it durable."""

    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, Handler]] = defaultdict(dict)

    def subscribe(self, event_name: str, *, group: str, handler: Handler) -> None:
        """Hand every event of this name to a handler of a group."""
        if group in self._handlers[event_name]:
            raise ValueError(f"{group} already handles {event_name}")
        self._handlers[event_name][group] = handler

    async def start(self) -> None:
        """Nothing to start."""

    async def publish(self, envelope: Envelope) -> None:
        """Call each group's handler and wait for all; raises the first error after every group had its turn."""
        handlers = self._handlers.get(envelope.name, {})
        results = await asyncio.gather(
            *(_handle(handler, envelope) for handler in handlers.values()), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def stop(self) -> None:
        """Nothing to stop."""


async def _handle(handler: Handler, envelope: Envelope) -> None:
    trace.trace_id.set(envelope.trace)
    trace.causation_id.set(envelope.id)
    trace.address.set(envelope.address)
    await handler(envelope)
