"""The Cache port on Redis, or Valkey: what several processes share."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnectedError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as NotInTimeError

from outcry.adapters.cache.sliding import step_of
from outcry.kit.address import Address, AddressError, read_address
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.kit.market import to_micros
from outcry.ports.cache import STEPS, Taken

P = ParamSpec("P")
T = TypeVar("T")

_WAIT_S = 1.0
_MOST_CONNECTIONS = 32

_INCREMENT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n
"""

# A hash: how many uses each step saw. ARGV: now and the step in microseconds, steps, most, milliseconds to keep it.
_TAKE = """
local now, length, steps, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local step = math.floor(now / length)
local seen, used, oldest = redis.call('HGETALL', KEYS[1]), 0, step
for i = 1, #seen, 2 do
  local at = tonumber(seen[i])
  if at < step - steps then
    redis.call('HDEL', KEYS[1], seen[i])
  else
    used = used + tonumber(seen[i + 1])
    if at < oldest then oldest = at end
  end
end
local admitted = 0
if used < most then
  admitted, used = 1, used + 1
  redis.call('HINCRBY', KEYS[1], string.format('%.0f', step), 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
local frees = used > 0 and (oldest + steps + 1) * length - now or 0
return {admitted, used, frees}
"""


def read_redis_address(text: str) -> Address:
    """Return where Redis is: ``redis://user:password@host:port/0``, ``rediss:`` over TLS. Raises AddressError."""
    address = read_address(text, options=("ca",))
    if address.path and not address.path.isdigit():
        raise AddressError("after the port it may have the number of a database")
    return address


def _answered(ask: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Raise UnavailableError for whatever goes wrong between here and the server."""

    async def asked(*arguments: P.args, **named: P.kwargs) -> T:
        try:
            return await ask(*arguments, **named)
        except ResponseError as error:
            if "not an integer" in str(error):
                raise ValueError("the key holds something else than a counter") from error
            raise UnavailableError("The cache does not take this.") from error
        except (RedisError, OSError) as error:
            # The cause may show the address, which may hold a password.
            raise UnavailableError("The cache does not answer.") from error

    return asked


class RedisCache:
    """Keys get a prefix of their own. Windows follow the clock of whoever asks, so their clocks must agree."""

    def __init__(self, address: Address, clock: Clock, *, prefix: str = "outcry:") -> None:
        self._clock = clock
        self._prefix = prefix
        secure: dict[str, Any] = {"connection_class": SSLConnection, "ssl_ca_certs": address.options.get("ca")}
        pool = BlockingConnectionPool(
            max_connections=_MOST_CONNECTIONS,
            timeout=_WAIT_S,
            host=address.host,
            port=address.port or 6379,
            db=int(address.path or 0),
            username=address.user or None,
            password=address.password or None,
            socket_timeout=_WAIT_S,
            socket_connect_timeout=_WAIT_S,
            # Once more, as an idle connection may have been cut; an absent server is told of at once.
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[NotConnectedError, NotInTimeError],
            **(secure if address.scheme == "rediss" else {"connection_class": Connection}),
        )
        self._redis: Redis = Redis.from_pool(pool)
        self._increment = self._redis.register_script(_INCREMENT)
        self._take = self._redis.register_script(_TAKE)

    @_answered
    async def get(self, key: str) -> bytes | None:
        """Return the value."""
        return cast("bytes | None", await self._redis.get(self._prefix + key))

    @_answered
    async def set(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        """Store a value."""
        await self._redis.set(self._prefix + key, value, px=_milliseconds(ttl))

    @_answered
    async def add(self, key: str, value: bytes, *, ttl: timedelta) -> bool:
        """Store a value unless there is one."""
        return bool(await self._redis.set(self._prefix + key, value, px=_milliseconds(ttl), nx=True))

    @_answered
    async def increment(self, key: str, *, ttl: timedelta) -> int:
        """Add one to a counter; raises ValueError when the key holds something else."""
        return int(await self._increment(keys=[self._prefix + key], args=[_milliseconds(ttl)]))

    @_answered
    async def take(self, key: str, *, most: int, window: timedelta) -> Taken:
        """Count one use, by one script that runs alone."""
        now, step = to_micros(self._clock.now()), step_of(window)
        kept = _milliseconds(timedelta(microseconds=step * (STEPS + 1)))
        admitted, used, frees = await self._take(keys=[self._prefix + key], args=[now, step, STEPS, most, kept])
        return Taken(bool(admitted), int(used), timedelta(microseconds=int(frees)))

    @_answered
    async def delete(self, key: str) -> None:
        """Forget a key."""
        await self._redis.delete(self._prefix + key)

    async def close(self) -> None:
        """Close the connections; the values stay."""
        await self._redis.aclose()


def _milliseconds(time: timedelta) -> int:
    return max(1, -(-time // timedelta(milliseconds=1)))
