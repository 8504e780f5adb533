"""The outbox relay over real databases and the bus in process: at least once, in order, and no key holds up another."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from outcry.adapters.database import relay as relay_module
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.relay import MOST_TRIES, OutboxRelay
from outcry.adapters.event_bus.memory import MemoryEventBus
from outcry.kit.errors import UnavailableError
from outcry.kit.events import Envelope
from outcry.kit.ids import new_id
from tests.conftest import OpenDatabase
from tests.ports.test_database import TENANT, Noted


class Listener:
    """Keeps what it heard; refuses each number as often as it was told to."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []
        self.refuse: dict[int, int] = {}
        self.refusal: Exception = RuntimeError("not now")
        self.tried: list[int] = []
        self._changed = asyncio.Event()

    async def handle(self, envelope: Envelope) -> None:
        number = int(envelope.data["number"])
        self.tried.append(number)
        self._changed.set()
        if self.refuse.get(number, 0) > 0:
            self.refuse[number] -= 1
            raise self.refusal
        self.heard.append((envelope.key, number))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def database(open_database: OpenDatabase) -> RelationalDatabase:
    return await open_database("chat")


@pytest.fixture
async def listener(database: RelationalDatabase) -> AsyncIterator[Listener]:
    listener, bus = Listener(), MemoryEventBus()
    bus.subscribe(Noted.name, group="test", handler=listener.handle)
    relay = OutboxRelay(database, bus)
    await relay.start()
    yield listener
    await relay.stop()


async def publish(database: RelationalDatabase, key: str, *numbers: int) -> None:
    async with database.transaction() as transaction:
        for number in numbers:
            transaction.publish(Noted(number=number), tenant_id=TENANT, key=key)


async def test_events_of_a_key_keep_their_order(database: RelationalDatabase, listener: Listener) -> None:
    for start in range(0, 300, 10):
        await publish(database, "a", *range(start, start + 10))
    await listener.until(300)
    assert listener.heard == [("a", number) for number in range(300)]


async def test_a_failing_key_waits_and_others_go_on(database: RelationalDatabase, listener: Listener) -> None:
    listener.refuse[1] = 2
    await publish(database, "bad", 1, 2)
    await publish(database, "good", 10, 11)
    await listener.until(4)
    assert [number for key, number in listener.heard if key == "bad"] == [1, 2]
    assert [number for key, number in listener.heard if key == "good"] == [10, 11]
    assert listener.tried.count(1) == 3


async def test_what_comes_while_its_key_is_delivered_goes_next(
    database: RelationalDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "POLL_S", 600.0)
    listener, bus = Listener(), MemoryEventBus()
    entered, leave = asyncio.Event(), asyncio.Event()

    async def handle(envelope: Envelope) -> None:
        entered.set()
        await leave.wait()
        await listener.handle(envelope)

    bus.subscribe(Noted.name, group="test", handler=handle)
    relay = OutboxRelay(database, bus)
    await relay.start()
    await publish(database, "a", 1)
    await entered.wait()
    for number in range(2, 8):
        await publish(database, "a", number)
        # Now the outbox is looked into, with the key still busy.
        await database.pending(after=0, limit=10)
    leave.set()
    await listener.until(7)
    assert listener.heard == [("a", number) for number in range(1, 8)]
    await relay.stop()


async def test_what_waits_behind_a_slow_delivery_is_read_once(
    database: RelationalDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    begun, go_on = asyncio.Event(), asyncio.Event()
    read: list[int] = []
    pending = database.pending

    async def counted(**asked: Any) -> Sequence[tuple[int, Envelope, int]]:
        page = await pending(**asked)
        read.append(len(page))
        return page

    async def handle(envelope: Envelope) -> None:
        begun.set()
        await go_on.wait()
        heard.append(int(envelope.data["number"]))

    monkeypatch.setattr(database, "pending", counted)
    monkeypatch.setattr(relay_module, "GATHER_S", 0)
    bus = MemoryEventBus()
    bus.subscribe(Noted.name, group="slow", handler=handle)
    relay = OutboxRelay(database, bus)
    await relay.start()
    await publish(database, "a", 0)
    await begun.wait()
    for number in range(1, 40):
        await publish(database, "a", number)
    go_on.set()
    async with asyncio.timeout(10):
        while len(heard) < 40:  # noqa: ASYNC110  # the handler is what is waited for
            await asyncio.sleep(0.01)
    await relay.stop()
    assert heard == list(range(40))
    assert sum(read) <= 80, read


async def test_an_event_waits_for_a_dead_engine_however_long(
    database: RelationalDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "LONGEST_PAUSE_S", 0.001)
    listener, bus = Listener(), MemoryEventBus()
    listener.refusal, listener.refuse = UnavailableError(), {1: 2 * MOST_TRIES, 2: MOST_TRIES}
    bus.subscribe(Noted.name, group="test", handler=listener.handle)
    await publish(database, "a", 1)
    relay = OutboxRelay(database, bus)
    await relay.start()
    await listener.until(1)
    # What a handler gets wrong itself is set aside, and holds up nothing for good.
    listener.refusal = RuntimeError("never")
    await publish(database, "a", 2, 3)
    await listener.until(2)
    await relay.stop()
    assert listener.heard == [("a", 1), ("a", 3)]


async def test_what_an_earlier_process_left_is_delivered(database: RelationalDatabase) -> None:
    await publish(database, "a", 1, 2, 3)
    listener, bus = Listener(), MemoryEventBus()
    bus.subscribe(Noted.name, group="test", handler=listener.handle)
    relay = OutboxRelay(database, bus)
    await relay.start()
    await listener.until(3)
    await relay.stop()
    assert listener.heard == [("a", 1), ("a", 2), ("a", 3)]


async def test_a_delivered_event_is_not_delivered_again(database: RelationalDatabase, listener: Listener) -> None:
    await publish(database, "a", 1)
    await listener.until(1)
    await publish(database, "a", 2)
    await listener.until(2)
    assert listener.tried == [1, 2]


async def test_it_stops_at_whatever_moment_an_event_comes(database: RelationalDatabase) -> None:
    for _ in range(30):
        relay = OutboxRelay(database, MemoryEventBus())
        await relay.start()
        await asyncio.sleep(0)
        # The wake-up and the stop in one step of the loop: the stop must not be lost.
        relay._wake.set()
        async with asyncio.timeout(5):
            await relay.stop()


async def test_each_group_hears_and_a_second_handler_is_refused() -> None:
    bus, one, two = MemoryEventBus(), Listener(), Listener()
    bus.subscribe(Noted.name, group="one", handler=one.handle)
    bus.subscribe(Noted.name, group="two", handler=two.handle)
    with pytest.raises(ValueError, match="already handles"):
        bus.subscribe(Noted.name, group="two", handler=two.handle)
    two.refuse[5] = 1
    envelope = Envelope(
        id=new_id(),
        name=Noted.name,
        time=datetime(2026, 1, 5, tzinfo=UTC),
        tenant_id=UUID(int=1),
        actor_id=None,
        causation_id=None,
        trace="",
        key="k",
        data={"number": 5},
    )
    with pytest.raises(RuntimeError, match="not now"):
        await bus.publish(envelope)
    assert one.heard == [("k", 5)]
    await bus.publish(envelope)
    assert two.heard == [("k", 5)]
