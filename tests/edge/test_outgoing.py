"""What waits on a socket: order, conflation, few frames, and the end of a client that reads too slowly."""

import asyncio
import json

import pytest

from outcry.edge.outgoing import MOST_WAITING, TOGETHER_S, Batch, Outgoing, Rounds
from outcry.ports.realtime import Update
from tests.edge.wires import KeptWire


def batch(topic: str, *offsets: int, data: str = "{}", conflated: bool = False) -> Batch:
    return Batch(topic, [Update(topic=topic, offset=offset, data=data) for offset in offsets], conflated=conflated)


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
def wire() -> KeptWire:
    return KeptWire()


@pytest.fixture
async def outgoing(wire: KeptWire) -> Outgoing:
    return Outgoing(wire, Rounds())


async def next_round() -> None:
    """Let the round that is due come: it is a timer of the loop, set before this one."""
    await asyncio.sleep(TOGETHER_S)


async def test_what_comes_alone_leaves_at_once_and_the_rest_of_ten_milliseconds_as_one(
    wire: KeptWire, outgoing: Outgoing
) -> None:
    outgoing.give(batch("room:a", 1), now())
    assert len(wire.written) == 1
    for offset in (2, 3, 4):
        outgoing.give(batch("room:a", offset), now())
    assert len(wire.written) == 1
    await next_round()
    assert [[item["offset"] for item in frame] for frame in wire.messages] == [[1], [2, 3, 4]]


async def test_control_messages_and_updates_keep_their_order(wire: KeptWire, outgoing: Outgoing) -> None:
    outgoing.say('{"type":"ready"}')
    outgoing.give(batch("room:a", 1), now())
    outgoing.give(batch("room:a", 2), now())
    outgoing.say('{"type":"pong"}')
    outgoing.give(batch("room:b", 7), now())
    await next_round()
    heard = [
        frame["type"] if isinstance(frame, dict) else [item["offset"] for item in frame] for frame in wire.messages
    ]
    assert heard == ["ready", [1], [2], "pong", [7]]
    # All that waited went in one write.
    assert len(wire.written) == 3


async def test_sockets_that_wait_for_the_same_get_the_same_bytes() -> None:
    rounds = Rounds()
    wires = [KeptWire() for _ in range(3)]
    sockets = [Outgoing(wire, rounds) for wire in wires]
    batches = [batch("room:a", offset) for offset in (1, 2, 3)]
    for each in batches:
        for socket in sockets:
            socket.give(each, now())
    await next_round()
    assert [len(wire.written) for wire in wires] == [2, 2, 2]
    first, *others = wires
    for other in others:
        assert all(mine is theirs for mine, theirs in zip(first.written, other.written, strict=True))


async def test_only_the_newest_of_a_conflated_topic_waits(wire: KeptWire, outgoing: Outgoing) -> None:
    wire.is_full = True
    for offset in range(1, 100):
        outgoing.give(batch("quotes:A", offset, conflated=True), now())
        outgoing.give(batch("room:a", offset), now())
    wire.free()
    (frame,) = wire.messages
    assert [item["offset"] for item in frame if item["topic"] == "quotes:A"] == [99]
    assert [item["offset"] for item in frame if item["topic"] == "room:a"] == list(range(1, 100))


async def test_conflated_topics_alone_never_make_a_client_slow(wire: KeptWire, outgoing: Outgoing) -> None:
    wire.is_full = True
    for offset in range(1, 3 * MOST_WAITING):
        outgoing.give(batch("quotes:A", offset, conflated=True), now())
    wire.free()
    assert [item["offset"] for item in wire.messages[0]] == [3 * MOST_WAITING - 1]
    assert wire.ended == []


async def test_a_dropped_topic_sends_nothing_more(wire: KeptWire, outgoing: Outgoing) -> None:
    wire.is_full = True
    outgoing.give(batch("room:a", 1), now())
    outgoing.give(batch("quotes:A", 1, conflated=True), now())
    outgoing.give(batch("room:b", 1), now())
    outgoing.drop_topic("room:a")
    outgoing.drop_topic("quotes:A")
    wire.free()
    assert [[item["topic"] for item in frame] for frame in wire.messages] == [["room:b"]]


@pytest.mark.parametrize("size", [2, 100_000])
async def test_a_client_that_reads_too_slowly_is_told_to_come_back(
    wire: KeptWire, outgoing: Outgoing, size: int
) -> None:
    wire.is_full = True
    data = json.dumps("x" * size)
    for offset in range(1, MOST_WAITING + 2):
        outgoing.give(batch("room:a", offset, data=data), now())
        if wire.ended:
            break
    assert [code for code, _ in wire.ended] == [4408]
    wire.free()
    assert wire.written == []
