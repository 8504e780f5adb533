"""Does something for a thing at once, and then not more often than it may be done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

log = logging.getLogger(__name__)

Act = Callable[[UUID], Awaitable[None]]


class Pacing:
    """An act per thing (a room, a person), asked for often and done seldom.

    The first time is at once, every further one ``every_s`` seconds after the one before; whatever was asked for in
    between is one act, which therefore has to look at the newest state by itself. With ``apart_s`` the acts of many
    things come one after the other, with so much time for more urgent work between them.
    """

    def __init__(self, act: Act, *, every_s: float, apart_s: float = 0.0) -> None:
        self._act = act
        self._apart_s = apart_s
        self._turn = asyncio.Lock()
        self._every_s = every_s
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()
        self._resting: set[UUID] = set()
        self._stopped = False

    def ask(self, thing: UUID) -> None:
        """Have it done for this thing, soon."""
        self._again.add(thing)
        if thing not in self._tasks and not self._stopped:
            self._tasks[thing] = asyncio.create_task(self._serve(thing))

    async def settle(self) -> None:
        """Wait until everything that was asked for is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values())

    async def stop(self) -> None:
        """Finish what is being done, and do no more."""
        self._stopped = True
        for thing in self._resting:
            self._tasks[thing].cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _act_in_turn(self, thing: UUID) -> None:
        if not self._apart_s:
            await self._act(thing)
            return
        async with self._turn:
            # What was asked for while it waited is in it.
            self._again.discard(thing)
            await self._act(thing)
            if not self._stopped:
                await asyncio.sleep(self._apart_s)

    async def _serve(self, thing: UUID) -> None:
        try:
            while thing in self._again and not self._stopped:
                self._again.discard(thing)
                try:
                    await self._act_in_turn(thing)
                except Exception:
                    # Whoever missed this looks again at its next occasion; the next act must not suffer.
                    log.exception("a paced act failed")
                if self._stopped:
                    return
                self._resting.add(thing)
                await asyncio.sleep(self._every_s)
                self._resting.discard(thing)
        finally:
            self._tasks.pop(thing, None)
            self._again.discard(thing)
            self._resting.discard(thing)
