"""What every engine of the Cache port does, and what is particular to memory."""

import asyncio
from datetime import timedelta

import pytest

from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.cache.redis import RedisCache, read_redis_address
from outcry.kit.address import AddressError
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnavailableError
from outcry.ports.cache import Cache
from tests.adapters_support.valkey_server import held_port
from tests.caches import Pass

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def test_a_value_stays_until_it_ends(cache: Cache, let_pass: Pass) -> None:
    assert await cache.get("t:a") is None
    await cache.set("t:a", b"\x00one", ttl=MINUTE)
    await let_pass(MINUTE - SECOND)
    assert await cache.get("t:a") == b"\x00one"
    await let_pass(SECOND)
    assert await cache.get("t:a") is None


async def test_setting_again_replaces_and_prolongs(cache: Cache, let_pass: Pass) -> None:
    await cache.set("t:a", b"one", ttl=MINUTE)
    await let_pass(MINUTE - SECOND)
    await cache.set("t:a", b"two", ttl=MINUTE)
    await let_pass(MINUTE - SECOND)
    assert await cache.get("t:a") == b"two"


async def test_keys_are_apart(cache: Cache) -> None:
    await cache.set("one:a", b"1", ttl=MINUTE)
    await cache.set("two:a", b"2", ttl=MINUTE)
    await cache.delete("one:a")
    assert await cache.get("one:a") is None
    assert await cache.get("two:a") == b"2"
    await cache.delete("one:a")


async def test_add_stores_once_until_the_end(cache: Cache, let_pass: Pass) -> None:
    assert await cache.add("t:lock", b"mine", ttl=MINUTE)
    assert not await cache.add("t:lock", b"yours", ttl=MINUTE)
    assert await cache.get("t:lock") == b"mine"
    await let_pass(MINUTE)
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


async def test_a_counter_counts_and_ends_with_its_first_window(cache: Cache, let_pass: Pass) -> None:
    assert await cache.increment("t:n", ttl=MINUTE) == 1
    await let_pass(MINUTE - SECOND)
    assert await cache.increment("t:n", ttl=MINUTE) == 2
    assert await cache.get("t:n") == b"2"
    await let_pass(SECOND)
    assert await cache.get("t:n") is None
    assert await cache.increment("t:n", ttl=MINUTE) == 1


async def test_a_counter_misses_nobody(cache: Cache) -> None:
    counts = await asyncio.gather(*(cache.increment("t:n", ttl=MINUTE) for _ in range(200)))
    assert sorted(counts) == list(range(1, 201))


async def test_a_deleted_counter_starts_anew(cache: Cache) -> None:
    await cache.increment("t:n", ttl=MINUTE)
    await cache.delete("t:n")
    assert await cache.increment("t:n", ttl=MINUTE) == 1


async def test_a_key_admits_so_many_within_a_window(cache: Cache, let_pass: Pass) -> None:
    for used in (1, 2, 3):
        taken = await cache.take("t:w", most=3, window=MINUTE)
        assert (taken.admitted, taken.used) == (True, used)
        await let_pass(SECOND)
    refused = await cache.take("t:w", most=3, window=MINUTE)
    assert (refused.admitted, refused.used) == (False, 3)
    assert timedelta(seconds=57) <= refused.frees_in <= timedelta(seconds=57.5)
    await let_pass(refused.frees_in - timedelta(milliseconds=2))
    assert not (await cache.take("t:w", most=3, window=MINUTE)).admitted
    await let_pass(timedelta(milliseconds=4))
    assert (await cache.take("t:w", most=3, window=MINUTE)).admitted
    assert not (await cache.take("t:w", most=3, window=MINUTE)).admitted


async def test_who_is_refused_is_not_counted(cache: Cache, let_pass: Pass) -> None:
    assert (await cache.take("t:w", most=1, window=MINUTE)).admitted
    for _ in range(70):
        await let_pass(SECOND / 2)
        assert not (await cache.take("t:w", most=1, window=MINUTE)).admitted
    await let_pass(timedelta(seconds=25.5))
    assert (await cache.take("t:w", most=1, window=MINUTE)).admitted


async def test_nothing_is_left_of_a_window_that_rests(cache: Cache, let_pass: Pass) -> None:
    for _ in range(5):
        await cache.take("t:w", most=5, window=MINUTE)
    await let_pass(2 * MINUTE)
    taken = await cache.take("t:w", most=5, window=MINUTE)
    assert (taken.admitted, taken.used) == (True, 1)


async def test_of_64_callers_at_once_exactly_so_many_are_admitted(cache: Cache) -> None:
    async def call() -> int:
        return sum([(await cache.take("t:w", most=1_000, window=MINUTE)).admitted for _ in range(40)])

    assert sum(await asyncio.gather(*(call() for _ in range(64)))) == 1_000


async def test_over_many_windows_64_callers_get_their_share_within_one_percent(cache: Cache, let_pass: Pass) -> None:
    # Five minutes in steps of 100 ms, always more callers than places: no window of a minute may hold more than 200.
    admitted = []
    for _ in range(3_000):
        taken = await cache.take("t:w", most=200, window=MINUTE)
        wave = await asyncio.gather(*(cache.take("t:w", most=200, window=MINUTE) for _ in range(64 * taken.admitted)))
        admitted.append(sum(one.admitted for one in (taken, *wave)))
        await (let_pass(SECOND / 10) if len(admitted) % 600 == 0 else _advance(cache, SECOND / 10))
    assert max(sum(admitted[start : start + 600]) for start in range(len(admitted) - 599)) <= 200
    assert 990 <= sum(admitted) <= 1_000


async def _advance(cache: Cache, by: timedelta) -> None:
    assert isinstance(cache, (MemoryCache, RedisCache))
    assert isinstance(cache._clock, FakeClock)
    cache._clock.advance(by)


async def test_a_value_is_no_counter(cache: Cache) -> None:
    await cache.set("t:a", b"one", ttl=MINUTE)
    with pytest.raises(ValueError, match=r"invalid literal|something else"):
        await cache.increment("t:a", ttl=MINUTE)


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


async def test_memory_forgets_when_closed(fake_clock: FakeClock) -> None:
    cache = MemoryCache(fake_clock)
    await cache.set("t:a", b"one", ttl=MINUTE)
    await cache.close()
    assert await cache.get("t:a") is None


async def test_memory_holds_no_more_windows_than_it_may(fake_clock: FakeClock) -> None:
    cache = MemoryCache(fake_clock, most=100)
    for number in range(10_000):
        await cache.take(f"t:{number}", most=5, window=MINUTE)
        fake_clock.advance(SECOND / 100)
    assert len(cache) == 100
    assert len(cache._ends) < 300


async def test_an_absent_redis_is_unavailable(fake_clock: FakeClock) -> None:
    with held_port() as port:
        cache = RedisCache(read_redis_address(f"redis://:secret@127.0.0.1:{port}"), fake_clock)
        with pytest.raises(UnavailableError) as caught:
            await cache.get("t:a")
    assert "secret" not in str(caught.value)
    await cache.close()


async def test_redis_comes_back(valkey: str, fake_clock: FakeClock) -> None:
    cache = RedisCache(read_redis_address(valkey), fake_clock)
    await cache.set("t:a", b"one", ttl=MINUTE)
    await cache._redis.client_kill_filter(_type="normal", skipme=False)
    assert await cache.get("t:a") == b"one"
    await cache.close()


@pytest.mark.parametrize("address", ["redis://", "redis://host/name", "redis://host?ssl_cert_reqs=none", "redis://h:x"])
def test_a_wrong_address_shows_nothing(address: str) -> None:
    with pytest.raises(AddressError):
        read_redis_address(address)
