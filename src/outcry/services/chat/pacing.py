"""Does something for a thing at once, and then not more often than it may be done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

log = logging.getLogger(__name__)

Act = Callable[[UUID], Awaitable[None]]
JointAct = Callable[[Sequence[UUID]], Awaitable[None]]
_MOST_TOGETHER = 100


class Pacing:
    """An act per thing (a room, a person), asked for often and done seldom.

    The first time is at once, every further one ``every_s`` seconds after the one before; whatever was asked for in
    between is one act, which therefore has to look at the newest state by itself.
    """

    def __init__(self, act: Act, *, every_s: float) -> None:
        self._act = act
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

    async def _serve(self, thing: UUID) -> None:
        try:
            while thing in self._again and not self._stopped:
                self._again.discard(thing)
                try:
                    await self._act(thing)
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


class JointPacing(Pacing):
    """Paces the same, but one act after the other, each for all things that are due by then.

    Between two acts there are ``apart_s`` seconds for more urgent work, in which further things become due.
    """

    def __init__(self, act: JointAct, *, every_s: float, apart_s: float) -> None:
        super().__init__(self._take_turn, every_s=every_s)
        self._act_jointly = act
        self._apart_s = apart_s
        self._turn = asyncio.Lock()
        self._due: dict[UUID, None] = {}

    async def _take_turn(self, thing: UUID) -> None:
        self._due[thing] = None
        async with self._turn:
            if thing not in self._due:
                return  # the one before took it along
            together = [thing, *(other for other in self._due if other != thing)][:_MOST_TOGETHER]
            for each in together:
                # What was asked for while it waited is in this act.
                del self._due[each]
                self._again.discard(each)
            await self._act_jointly(together)
            if not self._stopped:
                await asyncio.sleep(self._apart_s)
