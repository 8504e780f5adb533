"""Followers of a durable log: no gap and no double between what is kept, what passes, and what comes back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from outcry.adapters.realtime.memory import KEPT_UPDATES, MemoryRealtime
from outcry.edge.remembering import RememberingRealtime
from outcry.kit.module import Topic
from outcry.kit.principal import Principal
from outcry.kit.topics import Past, Position
from outcry.ports.realtime import Update

EPOCH = "one"
TOPIC = "room:1"


@dataclass
class Kept:
    """A durable log of numbers, whose readings can be held up, and which counts them."""

    offset: int = 0
    readings: int = 0
    looks: int = 0
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def position(self, name: str) -> Position:
        """Return the newest position."""
        self.looks += 1
        return Position(epoch=EPOCH, offset=self.offset)

    async def since(self, name: str, after: Position) -> Past | None:
        """Return the numbers after a position, as they are now; then wait until that is let go."""
        self.readings += 1
        newest = self.offset
        await self.let_go.wait()
        if after.epoch != EPOCH or after.offset > newest:
            return None
        updates = tuple((offset, str(offset)) for offset in range(after.offset + 1, newest + 1))
        return Past(position=Position(epoch=EPOCH, offset=newest), updates=updates)


async def anybody(principal: Principal, name: str) -> bool:
    """Let everybody listen."""
    return True


@dataclass
class Floor:
    """A realtime engine before a durable log."""

    kept: Kept
    engine: MemoryRealtime
    remembering: RememberingRealtime

    async def happen(self, count: int = 1, *, show: bool = True) -> None:
        """Commit updates, and show them."""
        for _ in range(count):
            self.kept.offset += 1
            if show:
                at = Position(epoch=EPOCH, offset=self.kept.offset)
                await self.engine.append(TOPIC, str(at.offset), at=at)


@pytest.fixture
def floor() -> Floor:
    kept, engine = Kept(), MemoryRealtime()
    topics = {"room": Topic(log=True, may_listen=anybody, history=kept), "user": Topic(log=True, may_listen=anybody)}
    kept.let_go.set()
    return Floor(kept, engine, RememberingRealtime(engine, topics))


async def until(condition: Callable[[], bool]) -> None:
    """Let the other tasks go on until a condition holds."""
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came")


def at(offset: int, epoch: str = EPOCH) -> Position:
    return Position(epoch=epoch, offset=offset)


def numbers(updates: list[Update] | tuple[Update, ...]) -> list[int]:
    assert [update.data for update in updates] == [str(update.offset) for update in updates]
    return [update.offset for update in updates]


async def test_after_a_restart_all_that_was_missed_is_read(floor: Floor) -> None:
    await floor.happen(5, show=False)
    got: list[Update] = []
    start = await floor.remembering.follow_log(TOPIC, at(2), got.append)
    await floor.happen(2)
    assert (start.reset, start.position, numbers(start.missed)) == (False, at(5), [3, 4, 5])
    assert numbers(got) == [6, 7]


async def test_what_the_engine_still_has_is_not_read(floor: Floor) -> None:
    await floor.happen(5)
    start = await floor.remembering.follow_log(TOPIC, at(3), lambda update: None)
    assert (start.reset, numbers(start.missed), floor.kept.readings) == (False, [4, 5], 0)


async def test_what_never_passed_here_is_read_though_the_engine_seems_to_have_all(floor: Floor) -> None:
    await floor.happen(3)
    await floor.happen(2, show=False)
    start = await floor.remembering.follow_log(TOPIC, at(2), lambda update: None)
    assert (start.reset, start.position, numbers(start.missed)) == (False, at(5), [3, 4, 5])


@pytest.mark.parametrize("show_first", [True, False])
async def test_what_happens_during_the_reading_comes_once(floor: Floor, show_first: bool) -> None:
    await floor.happen(3, show=False)
    if show_first:
        await floor.happen(1)
    floor.kept.let_go.clear()
    got: list[Update] = []
    following = asyncio.create_task(floor.remembering.follow_log(TOPIC, at(0), got.append))
    await until(lambda: floor.kept.readings > 0)
    await floor.happen(2)
    floor.kept.let_go.set()
    start = await following
    await floor.happen(1)
    seen = numbers(start.missed) + numbers(got)
    assert seen == list(range(1, floor.kept.offset + 1))


async def test_what_is_committed_and_not_yet_shown_comes_once(floor: Floor) -> None:
    await floor.happen(3)
    await floor.happen(1, show=False)
    got: list[Update] = []
    start = await floor.remembering.follow_log(TOPIC, None, got.append)
    assert (start.position, start.reset, start.missed) == (at(4), False, ())
    # Only now the showing of the fourth comes.
    await floor.engine.append(TOPIC, "4", at=at(4))
    await floor.happen(1)
    assert numbers(got) == [5]


@pytest.mark.parametrize("wrong", [at(9), at(1, "another")])
async def test_a_position_of_another_log_is_reset(floor: Floor, wrong: Position) -> None:
    await floor.happen(4, show=False)
    got: list[Update] = []
    start = await floor.remembering.follow_log(TOPIC, wrong, got.append)
    await floor.happen(1)
    assert (start.reset, start.position, start.missed) == (True, at(4), ())
    assert numbers(got) == [5]


async def test_those_who_come_at_once_share_a_reading(floor: Floor) -> None:
    await floor.happen(20, show=False)
    lists: list[list[Update]] = [[] for _ in range(1_000)]
    started = await asyncio.gather(
        *(
            floor.remembering.follow_log(TOPIC, at(number % 10 if number else 0), sink.append)
            for number, sink in enumerate(lists)
        )
    )
    await floor.happen(1)
    assert (floor.kept.looks, floor.kept.readings) == (1, 1)
    for number, (start, got) in enumerate(zip(started, lists, strict=True)):
        assert numbers(start.missed) + numbers(got) == list(range(number % 10 + 1, 22))


async def test_whoever_asked_first_may_go(floor: Floor) -> None:
    await floor.happen(3, show=False)
    floor.kept.let_go.clear()
    first = asyncio.create_task(floor.remembering.follow_log(TOPIC, at(0), lambda update: None))
    second = asyncio.create_task(floor.remembering.follow_log(TOPIC, at(1), lambda update: None))
    await until(lambda: floor.kept.readings > 0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    floor.kept.let_go.set()
    assert numbers((await second).missed) == [2, 3]
    assert floor.kept.readings == 1
    (await second).cancel()
    assert floor.engine.listeners(TOPIC) == 0


async def test_more_than_the_engine_keeps_during_a_reading_is_read_again(floor: Floor) -> None:
    await floor.happen(1, show=False)
    floor.kept.let_go.clear()
    following = asyncio.create_task(floor.remembering.follow_log(TOPIC, at(0), lambda update: None))
    await until(lambda: floor.kept.readings > 0)
    await floor.happen(KEPT_UPDATES + 5)
    floor.kept.let_go.set()
    start = await following
    assert numbers(start.missed) == list(range(1, KEPT_UPDATES + 7))
    assert floor.kept.readings == 2


async def test_who_has_ended_hears_nothing(floor: Floor) -> None:
    got: list[Update] = []
    start = await floor.remembering.follow_log(TOPIC, None, got.append)
    start.cancel()
    await floor.happen(2)
    assert got == []
    assert floor.engine.listeners(TOPIC) == 0


async def test_a_log_without_a_history_is_the_engines_own(floor: Floor) -> None:
    here = await floor.remembering.append("user:1", '"a"')
    got: list[Update] = []
    start = await floor.remembering.follow_log("user:1", here, got.append)
    assert (start.reset, await floor.remembering.position("user:1")) == (False, here)
    assert floor.kept.readings == 0
