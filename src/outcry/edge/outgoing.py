"""What waits to be sent on one socket: bounded, in order, and sent together."""

import asyncio
import json
from collections.abc import Sequence

from outcry.edge.wire import CLOSE_BEHIND, CLOSE_TOO_SLOW, Encoded, Wire
from outcry.ports.realtime import Update

# Frames to one socket within this time are sent as one.
TOGETHER_S = 0.010
MOST_WAITING = 5_000
MOST_WAITING_CHARACTERS = 4_000_000


class Batch:
    """Updates of one topic in a row: their JSON is made once, for all who get them.

    ``first`` and ``last`` are offsets. Of a conflated topic a batch is one state, which the next one replaces.
    """

    __slots__ = ("conflated", "encoded", "first", "items", "last", "topic")

    def __init__(self, topic: str, updates: Sequence[Update], *, conflated: bool = False) -> None:
        name = json.dumps(topic)
        self.topic = topic
        self.first, self.last = updates[0].offset, updates[-1].offset
        self.items = [f'{{"topic":{name},"offset":{update.offset},"data":{update.data}}}' for update in updates]
        self.conflated = conflated
        self.encoded = Encoded(f"[{','.join(self.items)}]")


class Rounds:
    """Every ten milliseconds, while there is something: sends to each socket all that waits for it.

    Sockets that wait for the same get the same bytes.
    """

    def __init__(self) -> None:
        self._due: list[Outgoing] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, outgoing: "Outgoing") -> None:
        """Have a socket sent to in the next round."""
        self._due.append(outgoing)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TOGETHER_S, self._go)

    def _go(self) -> None:
        due, self._due, self._timer = self._due, [], None
        shared: dict[tuple[Batch, ...], Encoded] = {}
        for outgoing in due:
            outgoing.flush(shared)


class Outgoing:
    """Control messages and updates in the order in which they came; updates in a row go out as one frame.

    What comes while nothing was sent for a moment leaves at once. Of a conflated topic only the newest update waits,
    behind all others. A client for which too much waits is told to come back: it loses nothing, because it resumes
    from its last position.
    """

    __slots__ = ("_characters", "_count", "_in_round", "_newest", "_rounds", "_sent_at", "_waiting", "_wire")

    def __init__(self, wire: Wire, rounds: Rounds) -> None:
        self._wire = wire
        self._rounds = rounds
        self._waiting: list[str | Batch] = []
        self._newest: dict[str, Batch] | None = None
        self._characters = 0
        self._count = 0
        self._in_round = False
        self._sent_at = 0.0
        wire.when_free(self.flush)

    def say(self, control: str) -> None:
        """Send a control message, JSON text of one object, after what waits already."""
        if self._waiting or self._wire.is_full:
            self._keep(control, 1, len(control))
        else:
            self._wire.write(Encoded(control).framed(packed=self._wire.packs))

    def give(self, batch: Batch, now: float) -> None:
        """Send updates, or keep them for the next round."""
        if not (self._waiting or self._newest or self._wire.is_full) and now - self._sent_at >= TOGETHER_S:
            self._sent_at = now
            self._wire.write(batch.encoded.framed(packed=self._wire.packs))
        elif batch.conflated:
            if self._newest is None:
                self._newest = {}
            self._newest[batch.topic] = batch
            self._wait()
        else:
            self._keep(batch, len(batch.items), len(batch.encoded.text))

    def fall_behind(self) -> None:
        """End the socket, because it did not get all that it should have."""
        self._wire.end(CLOSE_BEHIND, "You missed something. Come back from your position.")

    def drop_topic(self, topic: str) -> None:
        """Forget what waits of a topic that is no longer followed."""
        if self._newest:
            self._newest.pop(topic, None)
        self._waiting = [item for item in self._waiting if isinstance(item, str) or item.topic != topic]

    def flush(self, shared: dict[tuple[Batch, ...], Encoded] | None = None) -> None:
        """Send all that waits. ``shared`` holds what other sockets of this round were sent."""
        self._in_round = False
        if self._wire.is_full:
            return  # called again when it is not
        if not (self._waiting or self._newest):
            return
        waiting: list[str | Batch] = [*self._waiting, *(self._newest or {}).values()]
        self._waiting, self._newest, self._characters, self._count = [], None, 0, 0
        self._sent_at = asyncio.get_running_loop().time()
        packed = self._wire.packs
        frames = [encoded.framed(packed=packed) for encoded in _join(waiting, {} if shared is None else shared)]
        self._wire.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def _keep(self, item: str | Batch, count: int, characters: int) -> None:
        self._count += count
        self._characters += characters
        if self._count > MOST_WAITING or self._characters > MOST_WAITING_CHARACTERS:
            # Nothing is dropped from the middle: all of it goes, and the connection ends.
            self._waiting, self._newest = [], None
            self._wire.end(CLOSE_TOO_SLOW, "You read too slowly. Come back from your position.")
            return
        self._waiting.append(item)
        self._wait()

    def _wait(self) -> None:
        if not (self._in_round or self._wire.is_full):
            self._in_round = True
            self._rounds.add(self)


def _join(items: Sequence[str | Batch], shared: dict[tuple[Batch, ...], Encoded]) -> list[Encoded]:
    """Return the messages: an object for each control message, an array for updates in a row."""
    messages: list[Encoded] = []
    row: list[Batch] = []
    for item in items:
        if isinstance(item, Batch):
            row.append(item)
            continue
        if row:
            messages.append(_array(tuple(row), shared))
            row = []
        messages.append(Encoded(item))
    if row:
        messages.append(_array(tuple(row), shared))
    return messages


def _array(row: tuple[Batch, ...], shared: dict[tuple[Batch, ...], Encoded]) -> Encoded:
    if len(row) == 1:
        return row[0].encoded
    found = shared.get(row)
    if found is None:
        found = shared[row] = Encoded(f"[{','.join(item for batch in row for item in batch.items)}]")
    return found
