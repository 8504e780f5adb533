"""Looks at the sessions behind open sockets: at once when one is told to have changed, and in turn at all of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

log = logging.getLogger(__name__)

# How often each session is looked at, as long as there are few enough; what ends is told at once by other ways.
CHECK_EVERY_S = 15.0
# Each look asks the database: with very many sockets they come round less often.
_MOST_PER_SECOND = 100
_STEP_S = 0.25
# Another process may remember a session for half a second after it ended: told of a change, look twice.
LOOK_AGAIN_S = 0.6


class Watched(Protocol):
    """A socket with a session behind it."""

    async def look_at_session(self) -> None:
        """Take over what the person may do now, or end."""
        ...


class SessionWatch:
    """One task for all sockets, which is there while any is. Every ``every_s`` it also does ``look_round`` once."""

    def __init__(self, look_round: Callable[[], Awaitable[None]], *, every_s: float) -> None:
        self._look_round = look_round
        self._every_s = every_s
        self._sockets: dict[Watched, None] = {}
        self._hurried: set[asyncio.Task[None]] = set()
        self._round: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: Watched) -> None:
        """Look at a socket's session from now on."""
        self._sockets[socket] = None
        if self._round is None:
            self._round = asyncio.create_task(self._go_round(), name="session-watch")

    def remove(self, socket: Watched) -> None:
        """Look at it no more."""
        self._sockets.pop(socket, None)

    def hurry(self, socket: Watched) -> None:
        """Look at it now, and once more when every process knows what changed."""
        task = asyncio.create_task(self._look_twice(socket))
        self._hurried.add(task)
        task.add_done_callback(self._hurried.discard)

    async def _look_twice(self, socket: Watched) -> None:
        await self._guard(socket.look_at_session())
        await asyncio.sleep(LOOK_AGAIN_S)
        await self._guard(socket.look_at_session())

    async def _go_round(self) -> None:
        try:
            due = since = 0.0
            while self._sockets:
                await asyncio.sleep(_STEP_S)
                since += _STEP_S
                if since >= self._every_s:
                    since = 0.0
                    await self._guard(self._look_round())
                due += min(len(self._sockets) * _STEP_S / CHECK_EVERY_S, _MOST_PER_SECOND * _STEP_S)
                while due >= 1 and self._sockets:
                    due -= 1
                    socket = next(iter(self._sockets))
                    # To the end of the row.
                    self._sockets[socket] = self._sockets.pop(socket)
                    await self._guard(socket.look_at_session())
        finally:
            self._round = None

    async def _guard(self, looking: Awaitable[None]) -> None:
        try:
            await looking
        except Exception as error:
            # An engine that does not answer now is asked again in the next round.
            log.warning("the sockets could not be looked at", exc_info=error)
