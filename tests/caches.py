"""An empty cache of each engine, for whatever is tried on all of them: fixtures that every test has."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta

import pytest

from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.cache.redis import RedisCache, read_redis_address
from outcry.kit.clock import FakeClock
from outcry.ports.cache import Cache
from tests.adapters_support.valkey_server import held_port, run_valkey

Pass = Callable[[timedelta], Awaitable[None]]


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    """Start a Valkey and give its address."""
    with held_port() as port, run_valkey(port):
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest, fake_clock: FakeClock) -> AsyncIterator[Cache]:
    """Give an empty cache of each engine in turn."""
    if request.param == "memory":
        yield MemoryCache(fake_clock)
        return
    redis = RedisCache(read_redis_address(request.getfixturevalue("valkey")), fake_clock)
    await redis._redis.flushall()
    yield redis
    await redis.close()


@pytest.fixture
def let_pass(cache: Cache, fake_clock: FakeClock) -> Pass:
    """Move the clock forward; a server's keys are aged by as much, since nobody can move its clock."""

    async def let_pass(by: timedelta) -> None:
        fake_clock.advance(by)
        if isinstance(cache, RedisCache):
            async for key in cache._redis.scan_iter():
                left = await cache._redis.pttl(key) - by // timedelta(milliseconds=1)
                await cache._redis.pexpire(key, max(left, 0))

    return let_pass
