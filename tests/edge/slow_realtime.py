"""A courier that takes a while to answer."""

from collections.abc import Callable
from typing import Any

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.ports.realtime import Position, Sink, Subscribed


class SlowRealtime(MemoryRealtime):
    """A courier in another process: it answers a while after it looked, and updates come in between."""

    def __init__(self) -> None:
        super().__init__()
        self.before_answer: Callable[[], Any] | None = None

    async def follow_log(self, topic: str, after: Position | None, sink: Sink) -> Subscribed:
        """Look, let other things happen, answer."""
        start = await super().follow_log(topic, after, sink)
        if self.before_answer:
            await self.before_answer()
        return start
