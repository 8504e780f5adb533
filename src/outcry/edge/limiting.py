"""Quotas: how often an address, a person and a key may ask within a minute."""

import logging
import math
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.edge.quotas import EndpointClass, Quota, class_of
from outcry.kit.clock import Clock
from outcry.kit.errors import RateLimitedError, UnavailableError
from outcry.kit.network import network_of
from outcry.kit.principal import Principal
from outcry.ports.cache import Cache, Taken

log = logging.getLogger(__name__)

# A cache that did not answer is asked again after this long.
_REST_S = 5.0
_STATE = "quotas"


class Limiter:
    """Counts uses in the cache; while that does not answer, in this process's memory."""

    def __init__(self, cache: Cache, memory: Cache, clock: Clock, counts: Counts) -> None:
        self._cache = cache
        self._memory = memory
        self._clock = clock
        self._counts = counts
        self._asks_again = 0.0

    async def take(self, quota: Quota, who: str) -> Taken:
        """Count one use; who is refused is counted among what the edge refused."""
        key = f"edge:{quota.name}:{who}"
        taken = await self._take(key, quota)
        if not taken.admitted:
            self._counts.add(f"rate_limited:{quota.name}")
        return taken

    async def _take(self, key: str, quota: Quota) -> Taken:
        now = self._clock.now().timestamp()
        if now >= self._asks_again:
            try:
                taken = await self._cache.take(key, most=quota.most, window=quota.window)
            except UnavailableError:
                if not self._asks_again:
                    log.warning("the cache does not answer: quotas are kept in memory until it does")
                self._asks_again = now + _REST_S
            else:
                if self._asks_again:
                    log.warning("the cache answers again: quotas are kept there")
                    self._asks_again = 0.0
                return taken
        return await self._memory.take(key, most=quota.most, window=quota.window)

    async def close(self) -> None:
        """Let go of the cache."""
        await self._cache.close()


class Limits:
    """Counts each API request against the quota of its network, and tells in headers what is left of every quota."""

    def __init__(self, app: ASGIApp, *, limiter: Limiter, quotas: Mapping[EndpointClass, Quota]) -> None:
        self._app = app
        self._limiter = limiter
        self._quotas = quotas

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        kind = class_of(scope.get("method", "GET"), scope["path"]) if scope["type"] in ("http", "websocket") else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        seen: list[tuple[Quota, Taken]] = []
        scope.setdefault("state", {})[_STATE] = seen
        quota = self._quotas[kind]
        address = scope["client"][0] if scope.get("client") else "unknown"
        taken = await self._limiter.take(quota, network_of(address))
        seen.append((quota, taken))

        async def send_told(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message.get("headers", ()), *_headers(seen)]
            await send(message)

        if taken.admitted:
            await self._app(scope, receive, send_told)
            return
        await refuse(scope, send_told, refusal(taken))


class PersonLimits:
    """Counts each request of somebody signed in against their quota, and a program's against its key's."""

    def __init__(
        self, limiter: Limiter, *, people: Mapping[EndpointClass, Quota], keys: Mapping[EndpointClass, Quota]
    ) -> None:
        self._limiter = limiter
        self._people = people
        self._keys = keys

    async def admit(self, scope: Mapping[str, Any], principal: Principal, *, by_key: bool) -> None:
        """Raise RateLimitedError when this was one too many. A key has a quota of its own."""
        kind = class_of(scope.get("method", "GET"), scope["path"])
        if kind is None:
            return
        quota, taken = await self._take(kind, principal, by_key=by_key)
        scope.get("state", {}).get(_STATE, []).append((quota, taken))
        if not taken.admitted:
            raise refusal(taken)

    async def admit_call(self, kind: EndpointClass, principal: Principal, *, by_key: bool) -> None:
        """Raise RateLimitedError when this call over a socket was one too many; it counts like a request."""
        _, taken = await self._take(kind, principal, by_key=by_key)
        if not taken.admitted:
            raise refusal(taken)

    async def _take(self, kind: EndpointClass, principal: Principal, *, by_key: bool) -> tuple[Quota, Taken]:
        quota = self._keys[kind] if by_key else self._people[kind]
        return quota, await self._limiter.take(quota, str(principal.session_id if by_key else principal.user_id))


def refusal(taken: Taken) -> RateLimitedError:
    """Return the error that says when the next request will be let in."""
    seconds = max(1, math.ceil(taken.frees_in.total_seconds()))
    said = f"{seconds} seconds" if seconds > 1 else "a second"
    return RateLimitedError(f"Too many requests. Wait {said}, then try again.", wait_s=seconds)


def _headers(seen: list[tuple[Quota, Taken]]) -> list[tuple[bytes, bytes]]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4."""
    policies = ", ".join(f'"{quota.name}";q={quota.most};w={int(quota.window.total_seconds())}' for quota, _ in seen)
    standing = ", ".join(
        f'"{quota.name}";r={max(0, quota.most - taken.used)};t={math.ceil(taken.frees_in.total_seconds())}'
        for quota, taken in seen
    )
    return [(b"ratelimit-policy", policies.encode()), (b"ratelimit", standing.encode())]
