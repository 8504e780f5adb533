"""Group commit: what arrives while a commit is under way shares the next one, over all rooms."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from outcry.kit.errors import UnavailableError

MOST_TOGETHER = 64

T = TypeVar("T")
R = TypeVar("R")
# Holds a room's place in the order.
Hold = Callable[[UUID], AbstractAsyncContextManager[None]]
# Writes all of it in one transaction; of each what came of it, in their order: a result, or an error of its own.
Write = Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]]


@dataclass(slots=True)
class _Item(Generic[T, R]):
    """Something to write, and who waits for it."""

    value: T
    outcome: "asyncio.Future[R]"


@dataclass(slots=True)
class _Sheaf(Generic[T, R]):
    """What waits of one room that is held, and what says when it is done."""

    items: list[_Item[T, R]]
    done: "asyncio.Future[None]"


@dataclass(slots=True)
class _Queue(Generic[T, R]):
    """What waits of one room, and the task that takes it to be written."""

    items: deque[_Item[T, R]] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class GroupCommit(Generic[T, R]):
    """Writes things of rooms, many in one commit; nobody waits for a timer, and whoever is alone for nobody.

    A room's place in the order is held while what is of it is written, so other changes of the room come before or
    after. A room that somebody holds for long keeps no other room waiting.
    """

    def __init__(self, *, hold: Hold, write: Write[T, R]) -> None:
        self._hold = hold
        self._write = write
        self._queues: dict[UUID, _Queue[T, R]] = {}
        self._sheaves: deque[_Sheaf[T, R]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def add(self, room_id: UUID, value: T) -> R:
        """Write something of a room; return once it is committed. Those of one room are written in this order."""
        item: _Item[T, R] = _Item(value, asyncio.get_running_loop().create_future())
        queue = self._queues.setdefault(room_id, _Queue())
        queue.items.append(item)
        if queue.task is None:
            queue.task = asyncio.create_task(self._serve(room_id, queue))
        return await item.outcome

    async def _serve(self, room_id: UUID, queue: _Queue[T, R]) -> None:
        """Take what waits of a room, as often as there is something; between two times others may hold the room."""
        try:
            while queue.items:
                async with self._hold(room_id):
                    await self._pass_on(queue)
        finally:
            del self._queues[room_id]
            _fail(queue.items, UnavailableError("The server is stopping. Try again in a moment."))

    async def _pass_on(self, queue: _Queue[T, R]) -> None:
        items = [queue.items.popleft() for _ in range(min(MOST_TOGETHER, len(queue.items)))]
        sheaf = _Sheaf(items, asyncio.get_running_loop().create_future())
        self._sheaves.append(sheaf)
        if self._writing is None:
            self._writing = asyncio.create_task(self._run())
        try:
            await sheaf.done
        finally:
            _fail(items, UnavailableError("The server is stopping. Try again in a moment."))

    async def _run(self) -> None:
        try:
            while self._sheaves:
                await self._write_some()
        finally:
            self._writing = None

    async def _write_some(self) -> None:
        sheaves = [self._sheaves.popleft()]
        count = len(sheaves[0].items)
        while self._sheaves and count + len(self._sheaves[0].items) <= MOST_TOGETHER:
            sheaves.append(self._sheaves.popleft())
            count += len(sheaves[-1].items)
        try:
            await self._write_items([item for sheaf in sheaves for item in sheaf.items])
        finally:
            for sheaf in sheaves:
                if not sheaf.done.done():
                    sheaf.done.set_result(None)

    async def _write_items(self, items: Sequence[_Item[T, R]]) -> None:
        try:
            outcomes = await self._write([item.value for item in items])
        except UnavailableError as error:
            _fail(items, error)
        except Exception as error:
            if len(items) == 1:
                _fail(items, error)
                return
            # One of them is what no other has to suffer for: each alone.
            for item in items:
                await self._write_items([item])
        else:
            for item, outcome in zip(items, outcomes, strict=True):
                _settle(item, outcome)


def _settle(item: _Item[T, R], outcome: R | Exception) -> None:
    if item.outcome.done():
        return  # whoever waited has gone
    if isinstance(outcome, Exception):
        item.outcome.set_exception(outcome)
    else:
        item.outcome.set_result(outcome)


def _fail(items: Sequence[_Item[T, R]] | deque[_Item[T, R]], error: Exception) -> None:
    for item in items:
        _settle(item, error)
