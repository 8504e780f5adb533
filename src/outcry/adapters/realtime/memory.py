"""The Realtime port in process."""

import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass, field

from outcry.ports.realtime import Position, Sink, Subscribed, Update

KEPT_UPDATES = 1_000
KEPT_TOPICS = 20_000


@dataclass(slots=True)
class _Log:
    """A log topic: its newest updates. A log that was dropped and comes back has a new epoch."""

    epoch: str = field(default_factory=lambda: secrets.token_hex(8))
    offset: int = 0
    kept: deque[Update] = field(default_factory=lambda: deque(maxlen=KEPT_UPDATES))
    sinks: list[Sink] = field(default_factory=list)

    @property
    def position(self) -> Position:
        return Position(epoch=self.epoch, offset=self.offset)

    def missed_since(self, after: Position) -> tuple[Update, ...] | None:
        """Return what came after a position, None when that is not all here any more."""
        if after.epoch != self.epoch or not 0 <= after.offset <= self.offset:
            return None
        count = self.offset - after.offset
        if count > len(self.kept):
            return None
        return tuple(self.kept)[len(self.kept) - count :]

    def continue_to(self, at: Position) -> bool:
        """Make the next update the one at a position of a log that is kept elsewhere; keep nothing with a hole.

        False for one that comes late: those who follow have it, as they read what is missing before they go on.
        """
        if at.epoch == self.epoch and at.offset <= self.offset:
            return False
        if at.epoch != self.epoch or at.offset != self.offset + 1:
            self.begin_after(Position(epoch=at.epoch, offset=at.offset - 1))
        return True

    def begin_after(self, at: Position) -> None:
        """Begin anew: what is kept are the updates after a position."""
        self.epoch, self.offset = at.epoch, at.offset
        self.kept.clear()


@dataclass(slots=True)
class _Latest:
    """A latest topic: its present state."""

    update: Update | None = None
    offset: int = 0
    sinks: list[Sink] = field(default_factory=list)


def _listen(
    log: _Log, missed: tuple[Update, ...] | None, sink: Sink, *, position: Position | None = None
) -> Subscribed:
    """Add a listener; ``missed`` is None when that is not all here any more."""
    log.sinks.append(sink)

    def cancel() -> None:
        if sink in log.sinks:
            log.sinks.remove(sink)

    return Subscribed(position=position or log.position, reset=missed is None, missed=missed or (), cancel=cancel)


class MemoryRealtime:
    """Topics of this process. Order per topic is the order of the calls."""

    def __init__(self, *, kept_topics: int = KEPT_TOPICS) -> None:
        self._logs: OrderedDict[str, _Log] = OrderedDict()
        self._latest: dict[str, _Latest] = {}
        self._kept_topics = kept_topics

    async def append(self, topic: str, data: str, *, at: Position | None = None) -> Position:
        """Add to a log topic."""
        log = self._log(topic)
        if at is not None and not log.continue_to(at):
            return log.position
        log.offset += 1
        update = Update(topic=topic, offset=log.offset, data=data)
        log.kept.append(update)
        for sink in tuple(log.sinks):
            sink(update)
        return log.position

    async def position(self, topic: str) -> Position:
        """Return where a log topic stands."""
        return self._log(topic).position

    async def forget(self, topic: str) -> None:
        """Drop what a log topic keeps; its position stays."""
        if topic in self._logs:
            self._logs[topic].kept.clear()

    async def set_latest(self, topic: str, data: str) -> None:
        """Replace a latest topic's state."""
        state = self._latest.setdefault(topic, _Latest())
        state.offset += 1
        state.update = Update(topic=topic, offset=state.offset, data=data)
        for sink in tuple(state.sinks):
            sink(state.update)

    async def follow_log(self, topic: str, after: Position | None, sink: Sink) -> Subscribed:
        """Listen to a log topic."""
        log = self._log(topic)
        return _listen(log, log.missed_since(after) if after else (), sink)

    async def join_log(self, topic: str, at: Position, sink: Sink) -> Subscribed:
        """Listen to a log topic from a position that was read where the log is kept."""
        log = self._log(topic)
        if log.epoch != at.epoch:
            # Nothing of it has passed here yet: it would have brought its epoch.
            log.begin_after(at)
        if at.offset <= log.offset:
            return _listen(log, log.missed_since(at), sink)

        def skip_what_was_read(update: Update) -> None:
            if update.offset > at.offset:
                sink(update)

        # What is committed and was read there already is about to pass here.
        return _listen(log, (), skip_what_was_read, position=at)

    async def follow_latest(self, topic: str, sink: Sink) -> Subscribed:
        """Listen to a latest topic."""
        state = self._latest.setdefault(topic, _Latest())
        state.sinks.append(sink)

        def cancel() -> None:
            if sink in state.sinks:
                state.sinks.remove(sink)
            if not state.sinks:
                self._latest.pop(topic, None)

        missed = (state.update,) if state.update else ()
        position = Position(epoch="", offset=state.offset)
        return Subscribed(position=position, reset=False, missed=missed, cancel=cancel)

    def listeners(self, topic: str) -> int:
        """Count who listens."""
        log, latest = self._logs.get(topic), self._latest.get(topic)
        return len(log.sinks if log else ()) + len(latest.sinks if latest else ())

    def _log(self, topic: str) -> _Log:
        log = self._logs.get(topic)
        if log is None:
            log = self._logs[topic] = _Log()
            self._drop_idle()
        self._logs.move_to_end(topic)
        return log

    def _drop_idle(self) -> None:
        # Topics nobody listens to go first, the longest unused before others; a returning client is told `reset`.
        excess = len(self._logs) - self._kept_topics
        if excess <= 0:
            return
        newest = next(reversed(self._logs))
        idle = [topic for topic, log in self._logs.items() if not log.sinks and topic != newest][:excess]
        for topic in idle:
            del self._logs[topic]
