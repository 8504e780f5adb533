"""One realtime socket and those beside it: what it refuses, what ends it, and that nobody else is harmed."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from outcry.edge import socket as socket_module
from outcry.edge.frame_quota import FrameQuota
from outcry.edge.outgoing import MOST_WAITING_CHARACTERS
from outcry.kit.errors import RateLimitedError
from tests.edge.slow_realtime import SlowRealtime
from tests.edge.socket_server import Socket, SocketServer, serving, until

ROOM = "room:0190"

# The first byte of a frame: the last part or not, packed, and what it is (RFC 6455, 5.2).
LAST, PACKED, REST, TEXT, BINARY, PING = 0x80, 0x40, 0, 1, 2, 9


def raw(first: int, body: bytes) -> bytes:
    """Return a frame of a client with any first byte; the mask is zero."""
    return bytes((first, 0xFF)) + len(body).to_bytes(8, "big") + b"\x00\x00\x00\x00" + body


@pytest.fixture
async def server() -> AsyncIterator[SocketServer]:
    async with serving() as server:
        server.people.add("ada", "read")
        yield server


async def positions(server: SocketServer) -> dict[str, Any]:
    """Return where the room stands, as a client says it."""
    at = await server.realtime.position(ROOM)
    return {"epoch": at.epoch, "offset": at.offset}


async def hear(bystander: Socket, server: SocketServer) -> None:
    """Raise unless somebody else in the room hears something that happens now within a second."""
    await server.realtime.append(ROOM, '"here"')
    async with asyncio.timeout(1):
        (update,) = await bystander.next()
    assert update["data"] == "here"


async def test_updates_come_packed_to_who_unpacks_and_plain_to_others(server: SocketServer) -> None:
    plain, packed = await server.connect("ada"), await server.connect("ada", packed=True)
    words = "all the same words. " * 500
    for each in (plain, packed):
        assert (await each.follow(ROOM))["type"] == "subscribed"
    await server.realtime.append(ROOM, json.dumps(words))
    for each in (plain, packed):
        assert [update["data"] for update in await each.next()] == [words]
    # The client packs what it says, too.
    await packed.say(type="call", name="none", body={"text": words}, id="1")
    assert (await packed.next())["problem"]["code"] == "unknown_call"


async def test_what_comes_together_is_one_frame(server: SocketServer) -> None:
    one = await server.connect("ada")
    await one.follow(ROOM)
    for number in range(10):
        await server.realtime.append(ROOM, str(number))
    first = await one.next()
    await server.realtime.append(ROOM, "10")
    await server.realtime.append(ROOM, "11")
    second = await one.next()
    assert [update["data"] for update in first + second] == list(range(12))


@pytest.mark.parametrize(
    "frames",
    [
        [{"type": "subscribe", "topic": ROOM}],
        [{"type": "ping"}],
        [{"type": "call", "name": "chat.post", "id": "1"}],
        [{"type": "unsubscribe", "topic": ROOM}],
    ],
)
async def test_nothing_comes_before_the_sign_in(server: SocketServer, frames: list[dict[str, Any]]) -> None:
    one = await server.connect()
    for frame in frames:
        await one.say(**frame)
    code, said = await one.ended()
    assert code == 4400
    assert said == [{"type": "error", "code": "bad_frame", "detail": "The first frame signs in."}]


async def test_who_does_not_sign_in_is_sent_away(server: SocketServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "SIGN_IN_WITHIN_S", 0.05)
    code, said = await (await server.connect()).ended()
    assert (code, said[0]["detail"]) == (4400, "Nobody signed in.")


async def test_half_a_frame_is_no_sign_in(server: SocketServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "SIGN_IN_WITHIN_S", 0.05)
    # Its answer to the close frame would be a part of that frame: nobody waits for it.
    monkeypatch.setattr("outcry.edge.socket_protocol._GONE_AFTER_S", 0.05)
    one = await server.connect()
    one.connection.transport.write(b"\x81\xfe\x10\x00\x00")
    assert (await one.ended())[0] == 4400


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([raw(LAST | TEXT, b"x" * 200_000)], 1009),
        ([raw(TEXT, b"x" * 70_000), raw(LAST | REST, b"x" * 70_000)], 1009),
        ([raw(LAST | BINARY, b"{}")], 4400),
        ([raw(LAST | TEXT, b"\xff\xfe")], 1007),
        ([raw(LAST | REST, b"{}")], 1002),
        ([raw(LAST | PACKED | TEXT, b'{"type":"ping"}')], 1002),
        ([raw(TEXT, b'{"type":'), raw(LAST | TEXT, b'"ping"}')], 1002),
        ([raw(LAST | TEXT, b"[" * 100_000)], 4400),
        ([raw(LAST | TEXT, b'{"type":"subscribe","topic":"room:1","offset":' + b"9" * 100_000 + b"}")], 4400),
    ],
)
async def test_what_is_no_frame_ends_its_socket_and_no_other(
    server: SocketServer, frames: list[bytes], code: int
) -> None:
    bystander, bad = await server.connect("ada"), await server.connect("ada")
    await bystander.follow(ROOM)
    for frame in frames:
        bad.connection.transport.write(frame)
    assert (await bad.ended())[0] == code
    await hear(bystander, server)


async def test_frames_in_parts_with_a_ping_between_are_one_frame(server: SocketServer) -> None:
    one = await server.connect("ada")
    parts = [
        raw(TEXT, b'{"type":'),
        raw(LAST | PING, b"there?"),
        raw(REST, b'"ping"'),
        raw(LAST | REST, b"}"),
    ]
    for part in parts:
        one.connection.transport.write(part)
    assert await one.next() == {"type": "pong"}


async def test_a_flood_ends_its_socket_with_the_time_to_wait_and_harms_nobody() -> None:
    async with serving(quota=FrameQuota(most=50, window_s=10)) as server:
        server.people.add("ada", "read")
        bystander, flood = await server.connect("ada"), await server.connect("ada")
        await bystander.follow(ROOM)
        for _ in range(60):
            await flood.say(type="ping")
        code, said = await flood.ended()
        assert code == 4429
        assert said[:49] == [{"type": "pong"}] * 49
        assert said[49] == {
            "type": "error",
            "code": "rate_limited",
            "detail": "Too many frames on one socket. Come back more slowly.",
            "wait_s": 5,
        }
        await hear(bystander, server)


def test_an_allowance_fills_again() -> None:
    now = [0.0]
    allowance = FrameQuota(most=10, window_s=1, now=lambda: now[0]).begin()
    for _ in range(10):
        allowance.take()
    with pytest.raises(RateLimitedError):
        allowance.take()
    now[0] = 0.5
    for _ in range(5):
        allowance.take()
    with pytest.raises(RateLimitedError):
        allowance.take()


async def test_of_ten_thousand_subscriptions_two_hundred_are_taken(server: SocketServer) -> None:
    bystander, greedy = await server.connect("ada"), await server.connect("ada")
    await bystander.follow(ROOM)

    async def ask() -> None:
        for number in range(10_000):
            await greedy.say(type="subscribe", topic=f"room:{number}")

    asking = asyncio.create_task(ask())
    answers = [await greedy.next() for _ in range(5_000)]
    await hear(bystander, server)
    answers += [await greedy.next() for _ in range(5_000)]
    await asking
    assert [answer["type"] for answer in answers[:200]] == ["subscribed"] * 200
    assert {answer["code"] for answer in answers[200:]} == {"too_many_topics"}
    # To begin a topic anew is no other topic.
    assert (await greedy.follow("room:7"))["type"] == "subscribed"
    # Nothing is kept of what was refused, and of the rest nothing after the socket.
    assert len(server.parts.fan_out) == 201
    await greedy.connection.close()
    await bystander.connection.close()
    await until(lambda: len(server.parts.fan_out) == 0)


async def test_who_never_reads_is_let_go_and_the_others_hear_everything(server: SocketServer) -> None:
    bystander = await server.connect("ada")
    await bystander.follow(ROOM)
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.connect(("127.0.0.1", server.port))
    raw.setblocking(False)
    stuck = await server.connect("ada", sock=raw, max_queue=1)
    await stuck.follow(ROOM)
    stuck.connection.transport.pause_reading()
    words, sent = json.dumps("x" * 100_000), 0
    while sent < 10 * MOST_WAITING_CHARACTERS and server.realtime.listeners(ROOM) and len(server.parts.watch) == 2:
        await server.realtime.append(ROOM, words)
        sent += len(words)
        assert len((await bystander.next())[0]["data"]) == 100_000
    assert sent < 5 * MOST_WAITING_CHARACTERS
    await hear(bystander, server)


async def test_a_client_that_says_an_older_position_than_it_must_have_comes_back(server: SocketServer) -> None:
    one, other = await server.connect("ada"), await server.connect("ada")
    for each in (one, other):
        await each.follow(ROOM)
    await server.realtime.append(ROOM, "1")
    for each in (one, other):
        # It may not have come yet, as far as the server knows.
        await each.say(type="ping", positions={ROOM: {**await positions(server), "offset": 0}})
        assert (await each.next())[0]["offset"] == 1
        assert await each.next() == {"type": "pong"}
    await one.say(type="ping", positions={ROOM: {**await positions(server), "offset": 0}})
    await other.say(type="ping", positions={ROOM: await positions(server)})
    assert (await one.ended())[0] == 4409
    assert await other.next() == {"type": "pong"}


async def test_what_the_courier_lost_is_noticed_with_the_heartbeat() -> None:
    async with serving(heartbeat_s=0.3) as server:
        server.people.add("ada", "read")
        one = await server.connect("ada")
        await one.follow(ROOM)
        server.realtime._logs[ROOM].sinks.clear()
        await server.realtime.append(ROOM, "1")
        assert (await one.ended())[0] == 4409


async def test_a_peer_that_is_gone_without_a_word_is_let_go() -> None:
    async with serving(heartbeat_s=0.1) as server:
        server.people.add("ada", "read")
        alive, gone = await server.connect("ada"), await server.connect("ada")
        await alive.follow(ROOM)
        gone.connection.transport.pause_reading()
        await until(lambda: len(server.parts.watch) == 1)
        await hear(alive, server)
        gone.connection.transport.abort()


async def test_a_session_that_ends_ends_its_socket_at_once_and_no_other(server: SocketServer) -> None:
    ada, ben = server.people.by_token["ada"], server.people.add("ben", "read")
    ended, other = await server.connect("ada"), await server.connect("ben")
    del server.people.by_token["ada"]
    for person in (ada, ben):
        await server.realtime.append(f"user:{person.user_id}", '{"kind":"standing"}')
    assert (await ended.ended())[0] == 4401
    await other.follow(ROOM)
    await hear(other, server)


async def test_a_right_that_ends_ends_the_topics_that_need_it(server: SocketServer) -> None:
    ada, one = server.people.by_token["ada"], await server.connect("ada")
    await one.follow(ROOM)
    server.people.change("ada")
    await server.realtime.append(f"user:{ada.user_id}", '{"kind":"standing"}')
    assert (await one.next())["code"] == "not_found"
    await server.realtime.append(ROOM, '"secret"')
    assert (await one.follow(ROOM))["code"] == "not_found"


async def test_who_is_taken_out_of_a_room_hears_nothing_more_of_it(server: SocketServer) -> None:
    ada, one = server.people.by_token["ada"], await server.connect("ada")
    await one.follow(ROOM)
    await one.follow("room:0191")
    await server.realtime.append(f"user:{ada.user_id}", '{"kind":"removed","room_id":"0190"}')
    assert await one.next() == {
        "type": "error",
        "topic": ROOM,
        "code": "not_found",
        "detail": "There is no such topic, or it is not yours to follow.",
    }
    await server.realtime.append(ROOM, '"secret"')
    await server.realtime.append("room:0191", '"fine"')
    assert [update["data"] for update in await one.next()] == ["fine"]


async def test_who_is_taken_out_while_they_come_in_hears_nothing() -> None:
    realtime = SlowRealtime()
    async with serving(realtime=realtime) as server:
        ada, one = server.people.add("ada", "read"), await server.connect("ada")
        await realtime.append(ROOM, '"before"')
        start = await positions(server)

        async def take_out() -> None:
            realtime.before_answer = None
            server.closed.add("0190")
            await realtime.append(f"user:{ada.user_id}", '{"kind":"removed","room_id":"0190"}')
            await realtime.append(ROOM, '"secret"')

        realtime.before_answer = take_out
        assert (await one.follow(ROOM, **start | {"offset": 0}))["code"] == "not_found"
        await one.say(type="ping")
        assert await one.next() == {"type": "pong"}
        assert realtime.listeners(ROOM) == 0


async def test_sessions_are_looked_at_in_turn_by_one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.edge.session_watch.CHECK_EVERY_S", 0.02)
    monkeypatch.setattr("outcry.edge.session_watch._STEP_S", 0.01)
    async with serving() as server:
        server.people.add("ada", "read")
        one, two = await server.connect("ada"), await server.connect("ada")
        tasks = len(asyncio.all_tasks())
        asked = server.people.asked
        await until(lambda: server.people.asked > asked + 4)
        # Without a word from anybody, as when its token is too old.
        del server.people.by_token["ada"]
        assert [(await each.ended())[0] for each in (one, two)] == [4401, 4401]
        assert tasks - len(asyncio.all_tasks()) >= 2
