"""Several processes over one cache: each sees everybody, and a process that dies is forgotten with its people."""

import pytest

from outcry.adapters.cache.memory import MemoryCache
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnavailableError
from outcry.kit.ids import new_id
from outcry.ports.cache import Cache
from outcry.services.chat.presence.board import GRACE, Board
from outcry.services.chat.presence.lease import LEASE, MOST_PROCESSES, Lease
from tests.caches import Pass

BOB, CLEO = (new_id(), new_id()), (new_id(), new_id())


class Process:
    """A process of an installation."""

    def __init__(self, cache: Cache, clock: FakeClock) -> None:
        self.board, self.lease = Board(clock), Lease(cache)
        self.told: list[object] = []
        self.board.on_change = self.told.append

    async def beat(self) -> None:
        """Do what is due."""
        self.board.expire()
        self.board.hear(await self.lease.renew(self.board.own))


async def test_each_sees_who_is_connected_to_the_other(cache: Cache, fake_clock: FakeClock) -> None:
    one, other = Process(cache, fake_clock), Process(cache, fake_clock)
    one.board.set(BOB, "laptop", "idle")
    other.board.set(CLEO, "phone", "here")
    for process in (one, other, one):
        await process.beat()
    assert (one.board.activity(BOB), other.board.activity(BOB)) == ("idle", "idle")
    assert (one.board.activity(CLEO), other.board.activity(CLEO)) == ("here", "here")
    assert other.told == [CLEO, BOB]
    other.board.set(BOB, "phone", "here")
    await other.beat()
    await one.beat()
    assert one.board.activity(BOB) == "here"
    other.board.remove(BOB, "phone")
    fake_clock.advance(GRACE)
    await other.beat()
    await one.beat()
    assert (one.board.activity(BOB), other.board.activity(BOB)) == ("idle", "idle")


async def test_who_was_connected_to_a_process_that_died_is_gone_with_it(
    cache: Cache, fake_clock: FakeClock, let_pass: Pass
) -> None:
    dead, living = Process(cache, fake_clock), Process(cache, fake_clock)
    dead.board.set(BOB, "laptop", "here")
    await dead.beat()
    await living.beat()
    await let_pass(LEASE / 2)
    await living.beat()
    assert living.board.activity(BOB) == "here"
    await let_pass(LEASE / 2)
    await living.beat()
    assert living.board.activity(BOB) is None
    assert living.told == [BOB, BOB]


async def test_one_that_stops_is_forgotten_at_once_and_its_place_is_free(cache: Cache, fake_clock: FakeClock) -> None:
    one, other = Process(cache, fake_clock), Process(cache, fake_clock)
    one.board.set(BOB, "laptop", "here")
    await one.beat()
    await other.beat()
    await one.lease.release()
    await other.beat()
    assert other.board.activity(BOB) is None
    many = [Process(cache, fake_clock) for _ in range(MOST_PROCESSES)]
    for process in many[:-1]:
        await process.beat()
    with pytest.raises(UnavailableError):
        await many[-1].beat()


async def test_one_that_was_thought_dead_comes_back(cache: Cache, fake_clock: FakeClock, let_pass: Pass) -> None:
    slow, other = Process(cache, fake_clock), Process(cache, fake_clock)
    slow.board.set(BOB, "laptop", "here")
    await slow.beat()
    await let_pass(LEASE)
    await other.beat()
    assert other.board.activity(BOB) is None
    await slow.beat()
    await other.beat()
    assert other.board.activity(BOB) == "here"
    assert slow.board.activity(BOB) == "here"


async def test_it_costs_a_few_keys_however_many_people_are_there(cache: Cache, fake_clock: FakeClock) -> None:
    one, other = Process(cache, fake_clock), Process(cache, fake_clock)
    for number in range(2_000):
        one.board.set((BOB[0], new_id()), f"device-{number}", "here")
    await one.beat()
    await other.beat()
    assert len(other.told) == 2_000
    keys = len(cache) if isinstance(cache, MemoryCache) else await cache._redis.dbsize()  # type: ignore[attr-defined]  # the other engine
    assert keys == 4
