"""Lanes: the questions of a room are answered one after the other, in the order in which they were asked."""

import asyncio
from collections import deque
from uuid import UUID


class Turn:
    """A place in a lane. ``ahead`` counts those that stood before it when it was taken."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        self._come = asyncio.Event()

    async def wait(self) -> None:
        """Wait until everybody before has left."""
        await self._come.wait()

    def call(self) -> None:
        """Let it be this one's turn."""
        self._come.set()


class Lanes:
    """The lanes of all rooms of this process; a room's lane is there while somebody stands in it."""

    def __init__(self) -> None:
        self._lanes: dict[UUID, deque[Turn]] = {}

    def join(self, room_id: UUID) -> Turn:
        """Take the last place in a room's lane. Whoever takes one leaves it again, also without having been called."""
        lane = self._lanes.setdefault(room_id, deque())
        turn = Turn(len(lane))
        lane.append(turn)
        lane[0].call()
        return turn

    def leave(self, room_id: UUID, turn: Turn) -> None:
        """Give a place up, and call whoever is first then."""
        lane = self._lanes[room_id]
        lane.remove(turn)
        if lane:
            lane[0].call()
        else:
            del self._lanes[room_id]
