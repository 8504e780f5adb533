"""Tickets for the socket: good once, for half a minute, and of no use to who reads the cache."""

import asyncio
from datetime import timedelta

import pytest

from outcry.adapters.cache.memory import MemoryCache
from outcry.edge.tickets import Tickets
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnauthenticatedError

TOKEN = "the access token of somebody"  # of nobody


class SeenCache(MemoryCache):
    """A cache whose reader sees everything."""

    seen: list[tuple[str, bytes]]

    async def set(self, key: str, value: bytes, *, ttl: timedelta) -> None:
        """Store, and show."""
        self.seen = [*getattr(self, "seen", []), (key, value)]
        await super().set(key, value, ttl=ttl)


async def test_a_ticket_is_good_once(fake_clock: FakeClock) -> None:
    tickets = Tickets(MemoryCache(fake_clock))
    ticket = await tickets.issue(TOKEN)
    assert await tickets.redeem(ticket) == TOKEN
    with pytest.raises(UnauthenticatedError):
        await tickets.redeem(ticket)


async def test_of_many_at_once_one_gets_in(fake_clock: FakeClock) -> None:
    tickets = Tickets(MemoryCache(fake_clock))
    ticket = await tickets.issue(TOKEN)
    came = await asyncio.gather(*(tickets.redeem(ticket) for _ in range(20)), return_exceptions=True)
    assert [result for result in came if result == TOKEN] == [TOKEN]
    assert sum(isinstance(result, UnauthenticatedError) for result in came) == 19


async def test_it_ends_after_half_a_minute(fake_clock: FakeClock) -> None:
    tickets = Tickets(MemoryCache(fake_clock))
    late, early = await tickets.issue(TOKEN), await tickets.issue(TOKEN)
    fake_clock.advance(timedelta(seconds=29))
    assert await tickets.redeem(early) == TOKEN
    fake_clock.advance(timedelta(seconds=1))
    with pytest.raises(UnauthenticatedError):
        await tickets.redeem(late)


@pytest.mark.parametrize("ticket", ["", "x", "x" * 101, "\N{SNOWMAN}", "a b\r\n"])
async def test_what_is_no_ticket_is_refused(fake_clock: FakeClock, ticket: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await Tickets(MemoryCache(fake_clock)).redeem(ticket)


async def test_who_reads_the_cache_gets_neither_ticket_nor_token(fake_clock: FakeClock) -> None:
    cache = SeenCache(fake_clock)
    ticket = await Tickets(cache).issue(TOKEN)
    for key, value in cache.seen:
        assert ticket not in key
        assert ticket.encode() not in value
        assert TOKEN.encode() not in value
