"""The realtime socket's own manners."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.running import Client, RunningServer


async def test_ping_and_a_new_token_on_the_same_socket(client: Client) -> None:
    async with client.socket() as socket:
        await socket.send(type="ping")
        await socket.until(lambda heard: {"type": "pong"} in heard.control)
        await socket.send(type="auth", token=client.token)
        await socket.until(lambda heard: heard.control.count({"type": "ready"}) == 2)


async def test_a_message_is_posted_over_the_socket_and_the_same_one_once(client: Client) -> None:
    room = await client.new_conversation()
    body = {"room_id": room, "text": "over the socket", "client_id": "0123456789abcdef"}
    async with client.socket() as socket:
        for number in ("1", "2"):
            await socket.send(type="call", id=number, name="chat.post", body=body)
        # Without an id nothing is answered.
        await socket.send(type="call", name="chat.post", body=body | {"client_id": "another-client-id"})
        await socket.send(type="call", id="3", name="chat.post", body=body | {"text": ""})
        await socket.until(lambda heard: sum(said["type"] == "answer" for said in heard.control) == 3)
        answers = {said["id"]: said for said in socket.heard.control if said["type"] == "answer"}
        assert answers["1"]["body"]["id"] == answers["2"]["body"]["id"]
        assert answers["3"]["problem"]["code"] == "invalid_input"
    history = await client.history(room)
    assert [message["text"] for message in history if message["author"]["kind"] == "person"] == ["over the socket"] * 2


async def test_messages_stand_in_the_order_in_which_a_socket_posted_them(client: Client) -> None:
    room = (await client.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    async with client.socket() as socket:
        for number in range(80):
            body = {"room_id": room, "text": f"{number}", "client_id": f"client-{number}"}
            await socket.send(type="call", id=str(number), name="chat.post", body=body)
        await socket.until(lambda heard: sum(said["type"] == "answer" for said in heard.control) == 80)
    assert [message["text"] for message in await client.history(room)] == [str(number) for number in range(80)]


@pytest.mark.parametrize(
    "frame",
    [
        {"name": 5},
        {"name": "chat.post", "body": []},
        {"name": "chat.post", "body": {}, "id": 7},
        {"name": "chat.post", "body": {}, "id": "7" * 65},
    ],
)
async def test_what_is_no_call_ends_the_socket(client: Client, frame: dict[str, object]) -> None:
    async with client.socket() as socket:
        await socket.send(type="call", **frame)
        await socket.connection.wait_closed()
        assert socket.connection.close_code == 4400


async def test_another_persons_token_ends_the_socket(server: RunningServer, client: Client) -> None:
    other = await Client(server.url).sign_up("Eve Stranger")
    async with client.socket() as socket:
        await socket.send(type="auth", token=other.token)
        with pytest.raises(ConnectionClosed):
            await socket.connection.wait_closed()
            await socket.connection.send("x")
        assert socket.connection.close_code == 4400
    await other.close()


async def test_after_unsubscribing_nothing_more_comes(client: Client) -> None:
    room = await client.new_conversation()
    async with client.socket() as socket:
        await socket.follow(f"room:{room}")
        await client.post(room, "one")
        await socket.until(lambda heard: heard.updates)
        await socket.send(type="unsubscribe", topic=f"room:{room}")
        await socket.send(type="ping")
        await socket.until(lambda heard: {"type": "pong"} in heard.control)
        seen = len(socket.heard.updates)
        await client.post(room, "two")
        await socket.send(type="ping")
        await socket.until(lambda heard: heard.control.count({"type": "pong"}) == 2)
        assert len(socket.heard.updates) == seen


async def test_a_position_of_another_server_is_reset(client: Client) -> None:
    room = await client.new_conversation()
    await client.post(room, "one")
    async with client.socket() as socket:
        answer = await socket.follow(f"room:{room}", epoch="of another time", offset=3)
        assert answer["reset"] is True
        page = await client.call("GET", f"/rooms/{room}/messages")
        assert answer["epoch"] == page["epoch"]


async def test_a_refreshed_page_goes_on_with_the_running_answer(client: Client) -> None:
    room = await client.new_conversation()
    async with client.socket() as first:
        await first.follow(f"room:{room}")
        posted = await client.post(room, "Compare AAPL, MSFT and AMZN over the last 2 years")
        await first.until(lambda heard: any(update["data"]["kind"] == "delta" for update in heard.updates))
    # The page is loaded anew in the middle: history, then the socket from its position on.
    page = await client.call("GET", f"/rooms/{room}/messages")
    text = next(message["text"] for message in page["items"] if message["reply_to"] == posted["id"])
    async with client.socket() as second:
        await second.follow(f"room:{room}", epoch=page["epoch"], offset=page["offset"])
        async with asyncio.timeout(20):
            while True:
                # Counted before looking: what comes while we look must wake us.
                seen = len(second.heard.updates)
                messages = await client.history(room)
                reply = next(message for message in messages if message["reply_to"] == posted["id"])
                if reply["status"] == "complete":
                    break
                await second.until(lambda heard, seen=seen: len(heard.updates) > seen)
        for update in second.heard.updates:
            if update["data"]["kind"] == "delta":
                at = update["data"]["at"]
                assert at <= len(text)
                text = text[:at] + update["data"]["text"]
        assert reply["text"].startswith(text)


async def test_a_streaming_answer_can_be_stopped_and_asked_for_again(client: Client) -> None:
    room = await client.new_conversation()
    async with client.socket() as socket:
        await socket.follow(f"room:{room}")
        question = "Compare AAPL, MSFT, AMZN, GOOG, JPM and KO over the last 3 years"
        stopped = None
        for _ in range(20):
            seen = len(socket.heard.updates)
            await client.post(room, question)
            first = await socket.until(
                lambda heard, seen=seen: next(
                    (update["data"] for update in heard.updates[seen:] if update["data"]["kind"] == "delta"), None
                )
            )
            response = await client.http.post(f"/rooms/{room}/messages/{first['message_id']}/stop")
            if response.status_code == 200:
                stopped = response.json()
                break
            assert response.json()["code"] == "not_streaming"  # it was faster than we were: ask again
        assert stopped
        assert stopped["status"] == "stopped"
        assert stopped["text"]
        retried = await client.call("POST", f"/rooms/{room}/messages/{stopped['id']}/retry")
        assert retried["version"] == stopped["version"] + 1

        def answered(heard: object) -> object:
            return next(
                (
                    update["data"]["message"]
                    for update in socket.heard.updates
                    if update["data"]["kind"] == "message"
                    and update["data"]["message"]["id"] == stopped["id"]
                    and update["data"]["message"]["status"] == "complete"
                ),
                None,
            )

        answer = await socket.until(answered)
        assert answer["text"].startswith(stopped["text"])


async def test_an_ended_session_closes_its_sockets_within_a_second(server: RunningServer, client: Client) -> None:
    phone = await Client(server.url).sign_in(client.me["person"]["email"])
    async with client.socket() as own, phone.socket() as ended:
        asked = asyncio.get_running_loop().time()
        await client.call("DELETE", "/auth/sessions")
        async with asyncio.timeout(1):
            await ended.connection.wait_closed()
        assert asyncio.get_running_loop().time() - asked < 1
        assert ended.connection.close_code == 4401
        await phone.call("GET", "/auth/me", status=401)
        await own.send(type="ping")
        await own.until(lambda heard: {"type": "pong"} in heard.control)
    await phone.close()


async def test_a_key_for_programs_opens_a_socket_until_it_is_revoked(server: RunningServer, client: Client) -> None:
    room = await client.new_conversation()
    body = {"name": "Watcher", "scopes": ["chat:message:read", "chat:room:read", "realtime:socket:open"]}
    made = await client.call("POST", "/auth/api-keys", body)
    program = Client(server.url)
    program.token = made["token"]
    program.http.headers["authorization"] = f"Bearer {program.token}"
    async with program.socket() as socket:
        assert (await socket.follow(f"room:{room}"))["type"] == "subscribed"
        await client.post(room, "one")
        await socket.until(lambda heard: heard.updates)
        await client.call("DELETE", f"/auth/api-keys/{made['key']['id']}")
        async with asyncio.timeout(1):
            await socket.connection.wait_closed()
        assert socket.connection.close_code == 4401
    await program.close()


async def test_a_page_of_another_site_opens_no_socket(server: RunningServer) -> None:
    address = server.url.replace("http", "ws", 1) + "/api/v1/realtime"
    for origin in ("https://evil.example", "null", server.url.replace("http", "https", 1) + "1"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, origin=Origin(origin), proxy=None)
        assert refused.value.response.status_code == 403
    async with connect(address, origin=Origin(server.url), proxy=None) as connection:
        assert await connection.ping()


async def test_only_a_ticket_opens_a_session_on_the_socket_and_only_once(server: RunningServer, client: Client) -> None:
    address = server.url.replace("http", "ws", 1) + "/api/v1/realtime"
    ticket = await client.ticket()
    for frame, code in (
        ({"type": "auth", "ticket": ticket}, None),
        ({"type": "auth", "ticket": ticket}, 4401),
        ({"type": "auth", "token": client.token}, 4401),
        ({"type": "auth", "ticket": client.token}, 4401),
    ):
        async with connect(address, proxy=None) as connection:
            await connection.send(json.dumps(frame))
            if code is None:
                assert json.loads(await connection.recv()) == {"type": "ready"}
                continue
            with pytest.raises(ConnectionClosed):
                await connection.recv()
            assert connection.close_code == code
    nobody = await client.http.post("/realtime/tickets", headers={"authorization": ""})
    assert nobody.status_code == 401


async def test_who_opens_sockets_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    """A ticket is one use of the person's quota, and so is each sign-in on a socket, also on one that is open."""
    running = RunningServer(
        tmp_path,
        OUTCRY_SAMPLE_MARKET="false",
        OUTCRY_EDGE_QUOTA_FACTOR="1",
        OUTCRY_EDGE_SOCKET_PER_PERSON="4/minute",
    ).start()
    client = await Client(running.url).sign_up()
    address = running.url.replace("http", "ws", 1) + "/api/v1/realtime"
    try:
        async with client.socket() as socket:
            await socket.send(type="auth", token=client.token)
            await socket.until(lambda heard: heard.control.count({"type": "ready"}) == 2)
            ticket = await client.ticket()
            async with connect(address, proxy=None) as second:
                await second.send(json.dumps({"type": "auth", "ticket": ticket}))
                said = json.loads(await second.recv())
                assert (said["type"], said["code"]) == ("error", "rate_limited")
                assert 1 <= said["wait_s"] <= 61
                with pytest.raises(ConnectionClosed):
                    await second.recv()
                assert second.close_code == 4429
            refused = await client.http.post("/realtime/tickets")
            assert refused.status_code == 429
            # Who is in already, and says nothing, is not concerned; who signs in there once more is.
            await socket.send(type="ping")
            await socket.until(lambda heard: {"type": "pong"} in heard.control)
            await socket.send(type="auth", token=client.token)
            await socket.connection.wait_closed()
            assert socket.connection.close_code == 4429
        other = await Client(running.url).sign_up("Ben Broker")
        async with other.socket():
            pass
        await other.close()
    finally:
        await client.close()
        running.stop()
