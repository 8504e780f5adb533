"""How far somebody got in a room."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from outcry.services.chat.topics.streams import Stream


@dataclass(slots=True)
class Mark:
    """The highest of all that was said since the last writing: of the ``whole`` room, its ``main`` stream, its topics.

    ``last`` is the room's newest sequence when it was written, and ``all_read`` that nothing was unread then.
    """

    tenant_id: UUID | None
    whole: int = 0
    main: int = 0
    topics: dict[UUID, int] = field(default_factory=dict)
    last: int = 0
    all_read: bool = False
    delivered: dict[UUID, int] = field(default_factory=dict)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Whether anything was read, not only delivered."""
        return bool(self.main or self.topics)

    @property
    def highest(self) -> int:
        """The highest sequence that is known to have been read or delivered."""
        return max((self.main, *self.topics.values(), *self.delivered.values()))

    def raise_to(self, stream: Stream, *, read: int, device_id: UUID | None, delivered: int) -> None:
        """Take over what goes further; a stream of None is the whole room."""
        if stream is None:
            self.whole = max(self.whole, read)
        elif stream == "main":
            self.main = max(self.main, read)
        elif read:
            self.topics[stream] = max(self.topics.get(stream, 0), read)
        if device_id is not None and delivered:
            self.delivered[device_id] = max(self.delivered.get(device_id, 0), delivered)

    def take_back(self, stream: UUID | None) -> None:
        """Forget how far a topic, or the main stream, is said to have been read."""
        self.whole = 0
        if stream is None:
            self.main = 0
        else:
            self.topics.pop(stream, None)

    def settle(self, *, last: int, topics: Collection[UUID]) -> None:
        """Bring it down to what there is: the room's newest message and its topics."""
        self.last = last
        self.main = min(max(self.main, self.whole), last)
        said = dict.fromkeys(topics, self.whole) if self.whole else {}
        for topic_id, read in self.topics.items():
            if topic_id in topics:
                said[topic_id] = max(read, self.whole)
        self.topics = {topic_id: min(read, last) for topic_id, read in said.items()}
        self.all_read = self.main == last and (not topics or self.whole >= last)
