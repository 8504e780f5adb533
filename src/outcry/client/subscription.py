"""A topic as a program follows it: nothing missed, nothing twice, across any number of connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a log topic: after the update of this offset."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a topic told.

    ``data`` is the update. It is None where some updates are gone (``reset``): read the state anew, what follows comes
    after ``place``.
    """

    topic: str
    place: Place
    data: Any = None
    reset: bool = False


class TopicRefusedError(Exception):
    """There is no such topic, or it is not (any more) one to follow."""


Sink = Callable[[Heard], None]


class Subscription:
    """Where a topic is followed from, and who hears it. Iterate over it, or give a ``sink`` that is called at once."""

    def __init__(self, topic: str, *, is_log: bool, place: Place | None, sink: Sink | None) -> None:
        self.topic = topic
        self.is_log = is_log
        self.place = place
        self.refused: TopicRefusedError | None = None
        self.started = asyncio.Event()
        self._queue: asyncio.Queue[Heard | None] = asyncio.Queue()
        self._sink = sink or self._queue.put_nowait

        self._asked_anew = False
        self._stood_at = 0

    def begin(self, *, epoch: str, offset: int, reset: bool) -> None:
        """Take the server's word on where the topic stands."""
        self.started.set()
        self._asked_anew = False
        self._stood_at = offset
        if not self.is_log:
            return
        # Without a reset what was missed follows, from the place that was asked for.
        if reset or self.place is None or self.place.epoch != epoch:
            self.place = Place(epoch=epoch, offset=offset)
        if reset:
            self._sink(Heard(topic=self.topic, place=self.place, reset=True))

    def hear(self, offset: int, data: Any) -> bool:
        """Take an update, unless it was heard already. False, once, for one after a hole: ask anew from ``place``."""
        if self.is_log:
            if self.place is None or offset <= self.place.offset:
                return True
            # Of what was missed that is left out which a later update says whole; from then on nothing is.
            if offset > max(self.place.offset, self._stood_at) + 1:
                known, self._asked_anew = self._asked_anew, True
                return known
            self.place = Place(epoch=self.place.epoch, offset=offset)
        place = self.place or Place(epoch="", offset=offset)
        self._sink(Heard(topic=self.topic, place=place, data=data))
        return True

    def end(self, refused: TopicRefusedError | None = None) -> None:
        """Hear nothing more."""
        self.refused = refused
        self.started.set()
        self._queue.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[Heard]:
        while (heard := await self._queue.get()) is not None:
            yield heard
        if self.refused:
            raise self.refused
