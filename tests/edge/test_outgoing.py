"""What waits on a socket: order, conflation, and the end of a client that reads too slowly."""

import json

import pytest

from outcry.edge.outgoing import MOST_WAITING, Outgoing, SlowClientError
from outcry.ports.realtime import Update


def update(topic: str, offset: int, data: str = "{}") -> Update:
    return Update(topic=topic, offset=offset, data=data)


async def test_updates_in_a_row_are_one_frame_and_keep_their_order() -> None:
    outgoing = Outgoing()
    outgoing.say('{"type":"ready"}')
    for offset in (1, 2, 3):
        outgoing.put("room:a", update("room:a", offset), conflate=False)
    outgoing.say('{"type":"pong"}')
    outgoing.put("room:a", update("room:a", 4), conflate=False)
    frames = [json.loads(frame) for frame in await outgoing.take()]
    assert frames[0] == {"type": "ready"}
    assert [item["offset"] for item in frames[1]] == [1, 2, 3]
    assert frames[2] == {"type": "pong"}
    assert [item["offset"] for item in frames[3]] == [4]


async def test_only_the_newest_of_a_conflated_topic_waits() -> None:
    outgoing = Outgoing()
    for offset in range(1, 100):
        outgoing.put("quotes:A", update("quotes:A", offset), conflate=True)
        outgoing.put("room:a", update("room:a", offset), conflate=False)
    (frame,) = [json.loads(frame) for frame in await outgoing.take()]
    assert [item["offset"] for item in frame if item["topic"] == "quotes:A"] == [99]
    assert [item["offset"] for item in frame if item["topic"] == "room:a"] == list(range(1, 100))


async def test_conflated_topics_alone_never_make_a_client_slow() -> None:
    outgoing = Outgoing()
    for offset in range(1, 3 * MOST_WAITING):
        outgoing.put("quotes:A", update("quotes:A", offset), conflate=True)
    (frame,) = [json.loads(frame) for frame in await outgoing.take()]
    assert [item["offset"] for item in frame] == [3 * MOST_WAITING - 1]


async def test_the_answer_to_a_subscription_and_the_missed_come_first() -> None:
    outgoing = Outgoing()
    outgoing.put("room:a", update("room:a", 8), conflate=False)
    outgoing.start_topic("room:a", '{"type":"subscribed"}', (update("room:a", 6), update("room:a", 7)))
    frames = [json.loads(frame) for frame in await outgoing.take()]
    assert frames[0] == {"type": "subscribed"}
    assert [item["offset"] for item in frames[1]] == [6, 7, 8]


async def test_a_dropped_topic_sends_nothing_more() -> None:
    outgoing = Outgoing()
    outgoing.put("room:a", update("room:a", 1), conflate=False)
    outgoing.put("room:b", update("room:b", 1), conflate=False)
    outgoing.drop_topic("room:a")
    (frame,) = [json.loads(frame) for frame in await outgoing.take()]
    assert [item["topic"] for item in frame] == ["room:b"]


@pytest.mark.parametrize("size", [2, 100_000])
async def test_a_client_that_reads_too_slowly_is_given_up(size: int) -> None:
    outgoing = Outgoing()
    data = json.dumps("x" * size)
    for offset in range(1, MOST_WAITING + 2):
        outgoing.put("room:a", update("room:a", offset, data), conflate=False)
    with pytest.raises(SlowClientError):
        await outgoing.take()
