"""From a courier to sockets: everyone gets everything once, in order, whenever they came."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.edge.fan_out import FanOut, Feed
from outcry.edge.outgoing import TOGETHER_S, Outgoing
from outcry.ports.realtime import Position, Subscribed, Update
from tests.edge.slow_realtime import SlowRealtime
from tests.edge.wires import KeptWire

TOPIC = "room:a"


class Client:
    """A socket and what it was told of the topic."""

    def __init__(self, fan_out: FanOut) -> None:
        self.fan_out = fan_out
        self.wire = KeptWire()
        self.outgoing = Outgoing(self.wire, fan_out.rounds)
        self.start: Subscribed | None = None
        self.feed: Feed | None = None

    async def follow(self, after: Position | None = None, *, is_log: bool = True) -> "Client":
        """Follow the topic."""

        def begin(start: Subscribed) -> str:
            self.start = start
            return '{"type":"subscribed"}'

        self.feed = await self.fan_out.join(self.outgoing, TOPIC, TOPIC, is_log=is_log, after=after, begin=begin)
        return self

    @property
    def offsets(self) -> list[int]:
        """The offsets of all updates, in the order in which they came, after the answer to the subscription."""
        first, *rest = self.wire.messages
        assert first == {"type": "subscribed"}
        return [item["offset"] for frame in rest for item in frame]


async def settle() -> None:
    """Let the rounds that are due come."""
    await asyncio.sleep(3 * TOGETHER_S)


async def test_all_followers_get_the_same_bytes(memory: MemoryRealtime) -> None:
    fan_out = FanOut(memory)
    clients = [await Client(fan_out).follow() for _ in range(3)]
    for _ in range(5):
        await memory.append(TOPIC, "{}")
    await settle()
    assert [client.offsets for client in clients] == [[1, 2, 3, 4, 5]] * 3
    # Those that came together are one frame, the same for all.
    assert [len(client.wire.written) for client in clients] == [2, 2, 2]
    assert clients[0].wire.written[1] is clients[1].wire.written[1]
    # To the courier they are one listener.
    assert memory.listeners(TOPIC) == 1


async def test_of_two_who_come_at_once_the_slower_misses_nothing() -> None:
    realtime = SlowRealtime()
    fan_out = FanOut(realtime)
    await Client(fan_out).follow()
    gates = [asyncio.Event(), asyncio.Event()]
    waiting = iter(gates)

    async def wait() -> None:
        await next(waiting).wait()

    realtime.before_answer = wait
    slow, quick = (asyncio.create_task(Client(fan_out).follow()) for _ in gates)
    await asyncio.sleep(0)
    gates[1].set()
    await quick
    await realtime.append(TOPIC, "{}")
    gates[0].set()
    both = await slow, await quick
    await settle()
    assert [client.offsets for client in both] == [[1], [1]]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["append", "join", "resume", "slow join", "pause"]), max_size=30))
def test_whoever_comes_whenever_misses_nothing_and_gets_nothing_twice(acts: list[str]) -> None:
    asyncio.run(_check_completeness(acts))


async def _check_completeness(acts: list[str]) -> None:
    realtime = SlowRealtime()
    fan_out, clients = FanOut(realtime), list[tuple[Client, int]]()

    async def append_two() -> None:
        for _ in range(2):
            await realtime.append(TOPIC, "{}")
            await asyncio.sleep(0)

    for act in acts:
        before = await realtime.position(TOPIC)
        if act == "append":
            await realtime.append(TOPIC, "{}")
        elif act == "pause":
            await asyncio.sleep(0.001)
        else:
            realtime.before_answer = append_two if act == "slow join" else None
            after = Position(epoch=before.epoch, offset=before.offset // 2) if act == "resume" else before
            clients.append((await Client(fan_out).follow(after), after.offset))
            realtime.before_answer = None
    await settle()
    last = (await realtime.position(TOPIC)).offset
    for client, since in clients:
        assert client.offsets == list(range(since + 1, last + 1))


async def test_a_position_of_another_epoch_is_told_as_a_reset(memory: MemoryRealtime) -> None:
    client = await Client(FanOut(memory)).follow(Position(epoch="of another time", offset=3))
    assert client.start
    assert client.start.reset


async def test_of_a_latest_topic_the_present_state_comes_first_then_the_newest(memory: MemoryRealtime) -> None:
    fan_out = FanOut(memory)
    first = await Client(fan_out).follow(is_log=False)
    await memory.set_latest(TOPIC, "{}")
    await settle()
    second = await Client(fan_out).follow(is_log=False)
    for _ in range(9):
        await memory.set_latest(TOPIC, "{}")
    await settle()
    assert first.offsets == [1, 10]
    assert second.offsets == [1, 10]


async def test_a_topic_that_nobody_follows_any_more_is_heard_no_more(memory: MemoryRealtime) -> None:
    fan_out = FanOut(memory)
    clients = [await Client(fan_out).follow() for _ in range(2)]
    for number, client in enumerate(clients):
        assert memory.listeners(TOPIC) == 1, number
        assert client.feed
        fan_out.leave(client.outgoing, client.feed)
    assert memory.listeners(TOPIC) == 0
    await memory.append(TOPIC, "{}")
    await settle()
    assert [client.offsets for client in clients] == [[], []]


async def test_a_hole_in_what_is_heard_ends_the_sockets_so_that_they_resume(memory: MemoryRealtime) -> None:
    client = await Client(FanOut(memory)).follow()
    await memory.append(TOPIC, "{}")
    sink = memory._logs[TOPIC].sinks[0]
    sink(Update(topic=TOPIC, offset=3, data="{}"))
    assert [code for code, _ in client.wire.ended] == [4409]


async def test_what_the_courier_has_and_nobody_heard_is_noticed_at_the_second_look(memory: MemoryRealtime) -> None:
    fan_out = FanOut(memory)
    client = await Client(fan_out).follow()
    # The connection to the courier is gone, and nobody said so.
    memory._logs[TOPIC].sinks.clear()
    await memory.append(TOPIC, "{}")
    await fan_out.look()
    # It may be on its way.
    assert client.wire.ended == []
    await fan_out.look()
    assert [code for code, _ in client.wire.ended] == [4409]


async def test_a_look_at_what_is_whole_ends_nothing(memory: MemoryRealtime) -> None:
    fan_out = FanOut(memory)
    client = await Client(fan_out).follow()
    for _ in range(3):
        await memory.append(TOPIC, "{}")
        await fan_out.look()
    assert client.wire.ended == []


@pytest.fixture
def memory() -> MemoryRealtime:
    return MemoryRealtime()
