"""What waits to be sent on one socket: bounded, in order, and sent together."""

import asyncio
import json

from outcry.ports.realtime import Update

MOST_WAITING = 5_000
MOST_WAITING_CHARACTERS = 4_000_000


class SlowClientError(Exception):
    """A client reads so slowly that it had better come back and resume."""


class Outgoing:
    """Control messages and updates in the order in which they came; updates in a row go out as one frame.

    Of a conflated topic only the newest update waits, behind all others. A client for which too much waits is given
    up: it loses nothing, because it resumes from its last position.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str]] = []
        self._newest: dict[str, str] = {}
        self._characters = 0
        self._too_slow = False
        self._ready = asyncio.Event()

    def say(self, control: str) -> None:
        """Queue a control message: JSON text of one object."""
        self._add("", control)

    def put(self, topic: str, update: Update, *, conflate: bool) -> None:
        """Queue an update under the name that the client knows its topic by."""
        text = f'{{"topic":{json.dumps(topic)},"offset":{update.offset},"data":{update.data}}}'
        if conflate:
            self._newest[topic] = text
            self._ready.set()
        else:
            self._add(topic, text)

    def start_topic(self, topic: str, control: str, missed: tuple[Update, ...]) -> None:
        """Queue a subscription's answer and what was missed, before any update of the topic that waits already."""
        later = [item for item in self._waiting if item[0] == topic]
        self._waiting = [item for item in self._waiting if item[0] != topic]
        self._add("", control)
        for update in missed:
            self.put(topic, update, conflate=False)
        self._waiting.extend(later)

    def drop_topic(self, topic: str) -> None:
        """Forget what waits of a topic that is no longer followed."""
        self._waiting = [item for item in self._waiting if item[0] != topic]
        self._newest.pop(topic, None)

    async def take(self) -> list[str]:
        """Wait until there is something; return it as frames: objects for control, arrays for updates.

        Raises SlowClientError once more waited than a client may leave unread.
        """
        await self._ready.wait()
        self._ready.clear()
        if self._too_slow:
            raise SlowClientError()
        waiting = [*self._waiting, *self._newest.items()]
        self._waiting, self._newest, self._characters = [], {}, 0
        return _frames(waiting)

    def _add(self, topic: str, text: str) -> None:
        self._characters += len(text)
        if len(self._waiting) >= MOST_WAITING or self._characters > MOST_WAITING_CHARACTERS:
            # Nothing is dropped from the middle: all of it goes, and the writer ends the connection.
            self._too_slow = True
            self._waiting.clear()
        elif not self._too_slow:
            self._waiting.append((topic, text))
        self._ready.set()


def _frames(items: list[tuple[str, str]]) -> list[str]:
    frames: list[str] = []
    updates: list[str] = []
    for topic, text in items:
        if topic:
            updates.append(text)
            continue
        if updates:
            frames.append(f"[{','.join(updates)}]")
            updates = []
        frames.append(text)
    if updates:
        frames.append(f"[{','.join(updates)}]")
    return frames
