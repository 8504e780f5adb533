"""What every engine of the Cache port does, and what is particular to memory."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from outcry.adapters.cache.memory import MemoryCache
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnavailableError
from outcry.ports.cache import Cache

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["memory"])
def cache(request: pytest.FixtureRequest, fake_clock: FakeClock) -> Cache:
    """Give an empty cache of each engine in turn."""
    openers: dict[str, Callable[[], Cache]] = {"memory": lambda: MemoryCache(fake_clock)}
    return openers[request.param]()


async def test_a_value_stays_until_it_ends(cache: Cache, fake_clock: FakeClock) -> None:
    assert await cache.get("t:a") is None
    await cache.set("t:a", b"\x00one", ttl=MINUTE)
    fake_clock.advance(MINUTE - SECOND)
    assert await cache.get("t:a") == b"\x00one"
    fake_clock.advance(SECOND)
    assert await cache.get("t:a") is None


async def test_setting_again_replaces_and_prolongs(cache: Cache, fake_clock: FakeClock) -> None:
    await cache.set("t:a", b"one", ttl=MINUTE)
    fake_clock.advance(MINUTE - SECOND)
    await cache.set("t:a", b"two", ttl=MINUTE)
    fake_clock.advance(MINUTE - SECOND)
    assert await cache.get("t:a") == b"two"


async def test_keys_are_apart(cache: Cache) -> None:
    await cache.set("one:a", b"1", ttl=MINUTE)
    await cache.set("two:a", b"2", ttl=MINUTE)
    await cache.delete("one:a")
    assert await cache.get("one:a") is None
    assert await cache.get("two:a") == b"2"
    await cache.delete("one:a")


async def test_add_stores_once_until_the_end(cache: Cache, fake_clock: FakeClock) -> None:
    assert await cache.add("t:lock", b"mine", ttl=MINUTE)
    assert not await cache.add("t:lock", b"yours", ttl=MINUTE)
    assert await cache.get("t:lock") == b"mine"
    fake_clock.advance(MINUTE)
    assert await cache.add("t:lock", b"yours", ttl=MINUTE)
    await cache.delete("t:lock")
    assert await cache.add("t:lock", b"mine", ttl=MINUTE)


async def test_add_does_not_replace_a_value(cache: Cache) -> None:
    await cache.set("t:a", b"one", ttl=MINUTE)
    assert not await cache.add("t:a", b"two", ttl=MINUTE)
    assert await cache.get("t:a") == b"one"


async def test_of_many_who_add_at_once_one_does(cache: Cache) -> None:
    added = await asyncio.gather(*(cache.add("t:lock", b"x", ttl=MINUTE) for _ in range(50)))
    assert sum(added) == 1


async def test_a_counter_counts_and_ends_with_its_first_window(cache: Cache, fake_clock: FakeClock) -> None:
    assert await cache.increment("t:n", ttl=MINUTE) == 1
    fake_clock.advance(MINUTE - SECOND)
    assert await cache.increment("t:n", ttl=MINUTE) == 2
    assert await cache.get("t:n") == b"2"
    fake_clock.advance(SECOND)
    assert await cache.get("t:n") is None
    assert await cache.increment("t:n", ttl=MINUTE) == 1


async def test_a_counter_misses_nobody(cache: Cache) -> None:
    counts = await asyncio.gather(*(cache.increment("t:n", ttl=MINUTE) for _ in range(200)))
    assert sorted(counts) == list(range(1, 201))


async def test_a_deleted_counter_starts_anew(cache: Cache) -> None:
    await cache.increment("t:n", ttl=MINUTE)
    await cache.delete("t:n")
    assert await cache.increment("t:n", ttl=MINUTE) == 1


async def test_memory_drops_what_was_used_longest_ago(fake_clock: FakeClock) -> None:
    cache = MemoryCache(fake_clock, most=3)
    for key in ("a", "b", "c"):
        await cache.set(key, b"x", ttl=MINUTE)
    assert await cache.get("a")
    await cache.set("d", b"x", ttl=MINUTE)
    assert len(cache) == 3
    assert await cache.get("b") is None
    assert [await cache.get(key) for key in ("a", "c", "d")] == [b"x"] * 3


async def test_memory_drops_what_has_ended_first(fake_clock: FakeClock) -> None:
    cache = MemoryCache(fake_clock, most=2)
    await cache.set("long", b"x", ttl=MINUTE)
    await cache.set("short", b"x", ttl=SECOND)
    fake_clock.advance(SECOND)
    await cache.set("new", b"x", ttl=MINUTE)
    assert await cache.get("long") == b"x"


async def test_memory_never_drops_a_lock(fake_clock: FakeClock) -> None:
    cache = MemoryCache(fake_clock, most=2)
    assert await cache.add("lock", b"x", ttl=MINUTE)
    for number in range(10):
        await cache.set(f"value:{number}", b"x", ttl=MINUTE)
    assert not await cache.add("lock", b"y", ttl=MINUTE)
    assert await cache.add("other", b"x", ttl=MINUTE)
    with pytest.raises(UnavailableError, match="full of locks"):
        await cache.add("third", b"x", ttl=MINUTE)
    fake_clock.advance(MINUTE)
    assert await cache.add("third", b"x", ttl=MINUTE)


async def test_memory_does_not_grow_with_what_is_gone(fake_clock: FakeClock) -> None:
    cache = MemoryCache(fake_clock)
    for number in range(1_000):
        await cache.set(f"t:{number}", b"x", ttl=MINUTE)
        await cache.delete(f"t:{number}")
        await cache.set("same", b"x", ttl=MINUTE)
    assert len(cache) == 1
    assert len(cache._ends) < 100


async def test_closing_forgets(cache: Cache) -> None:
    await cache.set("t:a", b"one", ttl=MINUTE)
    await cache.close()
    assert await cache.get("t:a") is None
