"""Log topics that remember: what the Realtime engine no longer has comes from where the log is kept."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from outcry.kit.module import Topic
from outcry.kit.topics import Past, Position, TopicHistory
from outcry.ports.realtime import Realtime, Sink, Subscribed, Update


@dataclass(frozen=True, slots=True)
class _Durable:
    """A topic with a history."""

    topic: str
    name: str
    history: TopicHistory


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading that is under way: of all after a position, or of the newest position alone."""

    after: Position | None
    task: asyncio.Task[Past | None]


async def _only_position(durable: _Durable) -> Past:
    return Past(position=await durable.history.position(durable.name), updates=())


class RememberingRealtime:
    """Realtime for those who follow: durable logs have no gap and no double between what is kept and what passes.

    Of what is read from the past the offsets grow, and skip what a later update says whole; what passes counts up by
    one.

    Who follows holds the topic first, reads its past then, and joins what has passed since: whatever is committed
    before the reading is in it, whatever is committed later passes after the topic was held. Those who come together
    share a reading.
    """

    def __init__(self, realtime: Realtime, topics: Mapping[str, Topic]) -> None:
        self._realtime = realtime
        self._histories = {prefix: topic.history for prefix, topic in topics.items() if topic.history is not None}
        self._readings: dict[str, list[_Reading]] = {}

    async def append(self, topic: str, data: str, *, at: Position | None = None) -> Position:
        """Add to a log topic."""
        return await self._realtime.append(topic, data, at=at)

    async def position(self, topic: str) -> Position:
        """Return where a log topic stands."""
        durable = self._durable(topic)
        return await (self._position(durable) if durable else self._realtime.position(topic))

    async def forget(self, topic: str) -> None:
        """Drop what the engine keeps of a log topic."""
        await self._realtime.forget(topic)

    async def set_latest(self, topic: str, data: str) -> None:
        """Replace a latest topic's state."""
        await self._realtime.set_latest(topic, data)

    async def follow_latest(self, topic: str, sink: Sink) -> Subscribed:
        """Listen to a latest topic."""
        return await self._realtime.follow_latest(topic, sink)

    async def join_log(self, topic: str, at: Position, sink: Sink) -> Subscribed:
        """Listen from a position on that was read elsewhere."""
        return await self._realtime.join_log(topic, at, sink)

    def listeners(self, topic: str) -> int:
        """Count who listens."""
        return self._realtime.listeners(topic)

    async def follow_log(self, topic: str, after: Position | None, sink: Sink) -> Subscribed:
        """Listen to a log topic; of a durable one without any other gap than a reset."""
        durable = self._durable(topic)
        if durable is None:
            return await self._realtime.follow_log(topic, after, sink)
        held = await self._realtime.follow_log(topic, None, _nothing)
        try:
            if after is not None:
                stands = await self._position(durable)
                passed = await self._realtime.follow_log(topic, after, sink)
                # Of what another process did, or what could not be shown here, nothing has passed.
                if not passed.reset and passed.position.offset >= stands.offset:
                    return passed
                passed.cancel()
            return await self._join(durable, after, sink)
        finally:
            held.cancel()

    async def _join(self, durable: _Durable, after: Position | None, sink: Sink) -> Subscribed:
        while True:
            past = None if after is None else await self.since(durable, after)
            at = past.position if past else await self._position(durable)
            passed = await self._realtime.join_log(durable.topic, at, sink)
            if passed.reset:
                # More has passed since the reading than the engine keeps.
                passed.cancel()
            elif past is None:
                # Who follows from now on needs nothing of before; who is told to reset reads the state after this.
                return replace(passed, reset=after is not None, missed=())
            else:
                read = tuple(Update(topic=durable.topic, offset=offset, data=data) for offset, data in past.updates)
                return replace(passed, missed=read + passed.missed)

    async def since(self, durable: _Durable, after: Position) -> Past | None:
        """Read what came after a position, or share a reading that is under way and begins no later."""
        for reading in self._readings.get(durable.topic, ()):
            if reading.after == after:
                return await asyncio.shield(reading.task)
            if reading.after and reading.after.epoch == after.epoch and reading.after.offset < after.offset:
                past = await asyncio.shield(reading.task)
                if past is None or past.position.offset < after.offset:
                    # The longer stretch was too long, or this one is no longer of the log.
                    return await self.since(durable, after)
                return replace(past, updates=tuple(each for each in past.updates if each[0] > after.offset))
        return await asyncio.shield(self._begin(durable, after, durable.history.since(durable.name, after)))

    async def _position(self, durable: _Durable) -> Position:
        """Read where a log stands, or share that."""
        shared = next((each.task for each in self._readings.get(durable.topic, ()) if each.after is None), None)
        past = await asyncio.shield(shared or self._begin(durable, None, _only_position(durable)))
        if past is None:
            raise LookupError(durable.topic)
        return past.position

    def _begin(
        self, durable: _Durable, after: Position | None, read: Coroutine[Any, Any, Past | None]
    ) -> asyncio.Task[Past | None]:
        reading = _Reading(after, asyncio.create_task(self._read(durable, read)))
        self._readings.setdefault(durable.topic, []).append(reading)
        reading.task.add_done_callback(lambda _: self._done(durable.topic, reading))
        return reading.task

    async def _read(self, durable: _Durable, read: Coroutine[Any, Any, Past | None]) -> Past | None:
        # Held for itself: whoever asked first may be gone before others that share the reading have joined.
        held = await self._realtime.follow_log(durable.topic, None, _nothing)
        try:
            return await read
        finally:
            held.cancel()

    def _done(self, topic: str, reading: _Reading) -> None:
        left = [other for other in self._readings.get(topic, ()) if other is not reading]
        if left:
            self._readings[topic] = left
        else:
            self._readings.pop(topic, None)
        if not reading.task.cancelled():
            # Whoever asked is told; when all of them are gone, nobody has to be.
            reading.task.exception()

    def _durable(self, topic: str) -> _Durable | None:
        prefix, _, name = topic.partition(":")
        history = self._histories.get(prefix)
        return _Durable(topic, name, history) if history else None


def _nothing(update: Update) -> None:
    """Listen without hearing: a topic that is followed is not dropped."""
