"""Readings that many want at once, such as after a cut of the network, done as few: whoever waits shares the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

MOST_TOGETHER = 200

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# Reads all of it at once; what is not there is left out.
ReadMany = Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]


class JointReads(Generic[K, V]):
    """Reads by key, one reading after the other, each of all that was asked for while the one before was under way.

    What is returned was read after it was asked for, so it is never older than what each would have read alone. Nobody
    waits for a timer. When a reading fails, all who share it get its error.
    """

    def __init__(self, read: ReadMany[K, V], *, most: int = MOST_TOGETHER) -> None:
        self._read = read
        self._most = most
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, key: K) -> V | None:
        """Return what is there under a key, None when nothing is."""
        outcome = self._waiting.get(key)
        if outcome is None:
            outcome = self._waiting[key] = asyncio.get_running_loop().create_future()
            outcome.add_done_callback(_note)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="joint-reads")
        # Others may wait for the same: one who gives up does not end it for them.
        return await asyncio.shield(outcome)

    async def _run(self) -> None:
        try:
            while self._waiting:
                keys = list(self._waiting)[: self._most]
                await self._read_some({key: self._waiting.pop(key) for key in keys})
        finally:
            self._task = None

    async def _read_some(self, outcomes: Mapping[K, "asyncio.Future[V | None]"]) -> None:
        try:
            found = await self._read(list(outcomes))
        except Exception as error:
            for outcome in outcomes.values():
                outcome.set_exception(error)
        except BaseException:
            for outcome in outcomes.values():
                outcome.cancel()
            raise
        else:
            for key, outcome in outcomes.items():
                outcome.set_result(found.get(key))


def _note(outcome: "asyncio.Future[V | None]") -> None:
    # Whoever asked is told; when all of them are gone, nobody has to be.
    if not outcome.cancelled():
        outcome.exception()
