"""Who is typing: heard, told to the room, and kept nowhere."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.services.chat.pacing import Pacing

# Whoever goes on typing says so again before this is over.
TYPING_FOR = timedelta(seconds=6)
# Said more often than this, it changes nothing.
SOONEST = timedelta(seconds=1)

Tell = Callable[[UUID], Awaitable[None]]


class Typists:
    """The people who type, by room, in the order in which they began. ``tell`` shows a room's people anew."""

    def __init__(self, clock: Clock, tell: Tell, *, pace_s: float = 0.3) -> None:
        self._clock = clock
        self._until: dict[UUID, dict[UUID, datetime]] = {}
        self._pacing = Pacing(tell, every_s=pace_s)

    def is_new(self, room_id: UUID, person_id: UUID) -> bool:
        """Say whether it would change anything that somebody says they type; what comes too often does not."""
        until = self._until.get(room_id, {}).get(person_id)
        return until is None or until - TYPING_FOR + SOONEST <= self._clock.now()

    def start(self, room_id: UUID, person_id: UUID) -> None:
        """Note that somebody types, for a moment; that they may is checked by the caller."""
        typing = self._until.setdefault(room_id, {})
        began = person_id not in typing
        typing[person_id] = self._clock.now() + TYPING_FOR
        if began:
            self._pacing.ask(room_id)

    def stop(self, room_id: UUID, person_id: UUID) -> None:
        """Note that somebody types no more: they stopped, their message is there, or they are out of the room."""
        typing = self._until.get(room_id, {})
        if typing.pop(person_id, None) is None:
            return
        if not typing:
            del self._until[room_id]
        self._pacing.ask(room_id)

    def stop_everywhere(self, person_id: UUID) -> None:
        """Note that somebody types nowhere any more."""
        for room_id in [room_id for room_id, typing in self._until.items() if person_id in typing]:
            self.stop(room_id, person_id)

    def expire(self) -> None:
        """Let those stop who have not said for a while that they type."""
        now = self._clock.now()
        over = [(room, who) for room, typing in self._until.items() for who, until in typing.items() if until <= now]
        for room_id, person_id in over:
            self.stop(room_id, person_id)

    def of(self, room_id: UUID) -> tuple[UUID, ...]:
        """Return who is typing in a room."""
        return tuple(self._until.get(room_id, ()))

    async def settle(self) -> None:
        """Wait until every room is told."""
        await self._pacing.settle()

    async def close(self) -> None:
        """Tell no more."""
        await self._pacing.stop()
