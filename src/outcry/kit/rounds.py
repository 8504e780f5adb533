"""Work that is done again and again while a process runs, such as looking for what is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class Rounds:
    """Does something, rests ``rest_s`` seconds, and does it again; with ``rest_first`` it rests before the first round.

    A round that fails is logged as what ``name`` does, and the next one comes all the same.
    """

    def __init__(
        self, work: Callable[[], Awaitable[object]], *, name: str, rest_s: float, rest_first: bool = False
    ) -> None:
        self._work = work
        self._name = name
        self._rest_s = rest_s
        self._rest_first = rest_first
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Interrupt the round that is under way, and begin no other."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        if self._rest_first:
            await asyncio.sleep(self._rest_s)
        while True:
            try:
                await self._work()
            except Exception:
                log.exception("a round of %s failed; the next one comes in %g s", self._name, self._rest_s)
            await asyncio.sleep(self._rest_s)
