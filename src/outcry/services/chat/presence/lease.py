"""What the processes of an installation tell each other of who is connected, through the cache.

Each process holds a slot: a key that ends soon after the process does. In it stand the name of the process and a
number that grows with every change; under the name stands, as JSON, who is connected to it. So a process that dies is
forgotten with everybody in it, and one that lives costs a few keys, however many people it has.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from outcry.kit.errors import UnavailableError
from outcry.ports.cache import Cache
from outcry.services.chat.presence.contracts import Activity

Person = tuple[UUID, UUID]  # an organisation and a person in it
People = dict[Person, Activity]

MOST_PROCESSES = 32
LEASE = timedelta(seconds=30)
# A lease is renewed so often that one lost try does no harm.
RENEW_EVERY_S = 10.0
_PEOPLE_KEPT = timedelta(minutes=5)


class Lease:
    """One process among others. ``renew`` is called every ``RENEW_EVERY_S`` seconds, and soon after a change."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._name = secrets.token_hex(8)
        self._slot: int | None = None
        self._version = 0
        self._told: People | None = None
        self._others: dict[str, tuple[int, People]] = {}

    async def renew(self, own: Mapping[Person, Activity]) -> list[People]:
        """Tell who is connected here; return who is to each of the other processes that live."""
        people = dict(own)
        if people != self._told:
            self._version += 1
        # Each time: the cache may have let go of it.
        await self._cache.set(_people_key(self._name), _to_bytes(people), ttl=_PEOPLE_KEPT)
        self._told = people
        await self._hold_slot()
        return await self._look_around()

    async def release(self) -> None:
        """Give up the slot, at the end of the process."""
        if self._slot is not None:
            await self._cache.delete(_slot_key(self._slot))
            self._slot = None

    async def _hold_slot(self) -> None:
        mark = f"{self._name}:{self._version}".encode()
        if self._slot is not None and (held := await self._cache.get(_slot_key(self._slot))):
            if held.startswith(self._name.encode()):
                await self._cache.set(_slot_key(self._slot), mark, ttl=LEASE)
                return
            self._slot = None
        for slot in range(MOST_PROCESSES):
            if await self._cache.add(_slot_key(slot), mark, ttl=LEASE):
                self._slot = slot
                return
        raise UnavailableError(f"There are more than {MOST_PROCESSES} processes that tell who is present.")

    async def _look_around(self) -> list[People]:
        living: dict[str, tuple[int, People]] = {}
        for slot in range(MOST_PROCESSES):
            mark = await self._cache.get(_slot_key(slot)) if slot != self._slot else None
            if mark is None:
                continue
            name, _, version = mark.decode().partition(":")
            known = self._others.get(name)
            if known is None or known[0] != int(version):
                said = await self._cache.get(_people_key(name))
                known = (int(version), _from_bytes(said)) if said is not None else known
            if known is not None:
                living[name] = known
        self._others = living
        return [people for _, people in living.values()]


def _slot_key(slot: int) -> str:
    return f"presence:slot:{slot}"


def _people_key(name: str) -> str:
    return f"presence:people:{name}"


def _to_bytes(people: People) -> bytes:
    return json.dumps([[str(tenant), str(person), state] for (tenant, person), state in people.items()]).encode()


def _from_bytes(text: bytes) -> People:
    return {(UUID(tenant), UUID(person)): state for tenant, person, state in json.loads(text)}
