"""Bad input over HTTP: a clear 4xx problem document, never a 500, and nothing half-written."""

import asyncio
import json
import socket
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.running import PASSWORD, Client, RunningServer


def check_problem(response: httpx.Response, *statuses: int) -> dict[str, Any]:
    """Assert that a response is a problem document with one of these statuses."""
    assert response.status_code in statuses, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == response.status_code
    assert problem["code"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"{", (400,)),
        (b"", (422,)),
        (b"[" * 100_000, (400, 422)),
        (b'{"text": 1, "client_id": "abcdefgh"}', (422,)),
        (b'{"text": null, "client_id": "abcdefgh"}', (422,)),
        (b'{"text": "hi"}', (422,)),
        (b'{"text": "hi", "client_id": "x"}', (422,)),
        (b'{"text": "hi", "client_id": "../../../../etc"}', (422,)),
        (b'{"text": "  ", "client_id": "abcdefgh"}', (422,)),
        (b'{"text": "' + b"x" * 9000 + b'", "client_id": "abcdefgh"}', (422,)),
        (b'"just a string"', (422,)),
        (b"\xff\xfe\x00", (400, 422)),
        (b"null", (422,)),
    ],
)
async def test_a_bad_message_is_refused_and_not_there(client: Client, body: bytes, statuses: tuple[int, ...]) -> None:
    room = await client.new_conversation()
    headers = {"content-type": "application/json"}
    check_problem(await client.http.post(f"/rooms/{room}/messages", content=body, headers=headers), *statuses)
    assert await client.history(room) == []


async def test_a_half_surrogate_and_a_nul_do_no_harm(client: Client) -> None:
    room = await client.new_conversation()
    body = b'{"text": "hi \\ud800 there \\u0000", "client_id": "abcdefgh"}'
    response = await client.http.post(
        f"/rooms/{room}/messages", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code in (201, 400, 422), response.text
    texts = [message["text"] for message in await client.history(room) if message["author"]["kind"] == "person"]
    assert texts in ([], ["hi  there"])


@pytest.mark.parametrize("size", [1_000_001, 5_000_000])
@pytest.mark.parametrize("with_length", [True, False])
async def test_a_huge_body_is_refused(client: Client, size: int, with_length: bool) -> None:
    async def parts() -> Any:
        for _ in range(size // 50_000 + 1):
            yield b"x" * 50_000

    try:
        content = b"x" * size if with_length else parts()
        response = await client.http.post("/rooms", content=content, headers={"content-type": "application/json"})
    except httpx.WriteError:
        return  # the server closed while we were still sending, which is a refusal as well
    check_problem(response, 413)


@pytest.mark.parametrize("path", ["/rooms/{id}", "/rooms/{id}/messages", "/rooms/{id}/members"])
async def test_other_peoples_ids_and_unknown_ids_look_alike(server: RunningServer, client: Client, path: str) -> None:
    room = await client.new_conversation()
    stranger = await Client(server.url).sign_up("Eve Stranger")
    answers = []
    for room_id in (room, str(uuid4())):
        problem = check_problem(await stranger.http.get(path.format(id=room_id)), 404)
        answers.append({key: problem[key] for key in ("type", "title", "status", "code", "detail")})
    assert answers[0] == answers[1]
    await stranger.close()


@pytest.mark.parametrize("path", ["/rooms/not-an-id", "/rooms/1", "/rooms/%00", "/rooms/..%2f..%2fetc"])
async def test_an_impossible_id_is_refused(client: Client, path: str) -> None:
    check_problem(await client.http.get(path), 400, 404, 422)


@pytest.mark.parametrize(
    "query",
    [
        "timeframe=2y",
        "timeframe=1d&start=2017-02-30",
        "timeframe=1d&end=yesterday",
        "timeframe=1d&limit=0",
        "timeframe=1d&limit=-5",
        "timeframe=1d&limit=999999999999",
        "timeframe=1d&limit=ten",
        "timeframe=1d&start=2017-09-01T00:00:00Z&end=2016-09-01T00:00:00Z",
        "timeframe=1d&start=99999-01-01T00:00:00Z",
    ],
)
async def test_an_impossible_bars_query_is_refused(client: Client, query: str) -> None:
    response = await client.http.get(f"/instruments/AAPL/bars?{query}")
    if response.status_code == 200:
        assert response.json()["time"] == []
    else:
        check_problem(response, 422)


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/instruments/NOPE/bars?timeframe=1d", (404,)),
        ("/instruments/'%3B%20DROP%20TABLE%20bars/bars?timeframe=1d", (404, 422)),
        ("/instruments/%2e%2e%2f%2e%2e/bars?timeframe=1d", (404, 422)),
        ("/instruments/AAPL/indicators/nope?timeframe=1d", (404,)),
        ("/instruments/AAPL/indicators/rsi?timeframe=1d&period=0", (422,)),
        ("/instruments/AAPL/indicators/rsi?timeframe=1d&period=1e999", (422,)),
        ("/instruments/AAPL/indicators/rsi?timeframe=1d&period=nan", (422,)),
        ("/instruments/AAPL/indicators/rsi?timeframe=1d&period=14&period=15", (200, 422)),
        ("/instruments/AAPL/indicators/rsi?timeframe=1d&wings=2", (422,)),
        ("/rooms?cursor=%00", (422,)),
        ("/rooms?cursor=" + "A" * 5000, (422,)),
        ("/rooms?limit=x", (422,)),
        ("/nope", (404,)),
    ],
)
async def test_impossible_addresses_are_refused(client: Client, path: str, statuses: tuple[int, ...]) -> None:
    response = await client.http.get(path)
    if response.status_code == 200:
        assert 200 in statuses
    else:
        check_problem(response, *statuses)


@pytest.mark.parametrize("token", ["", "x", "Bearer", "a.b.c", "\u00e9", "e30.e30.e30"])
async def test_without_a_valid_token_nothing_is_answered(server: RunningServer, token: str) -> None:
    async with httpx.AsyncClient(base_url=server.url + "/api/v1") as http:
        headers = {b"authorization": f"Bearer {token}".strip().encode()}
        response = await http.get("/rooms", headers=headers)
        check_problem(response, 401)


async def test_markup_stays_text(client: Client) -> None:
    room = await client.new_conversation()
    text = "<script>alert(1)</script> {{7*7}} ${7*7} '; DROP TABLE message; -- %s [x](javascript:alert(1))"
    answer = await client.ask(room, text)
    assert answer["status"] == "complete"
    assert (await client.history(room))[0]["text"] == text
    assert "<script>" not in answer["text"]


@pytest.mark.parametrize("body", [{}, {"email": "x"}, {"email": "x@y.z", "password": PASSWORD, "name": ["a"]}, [], 5])
async def test_a_bad_registration_makes_no_account(server: RunningServer, body: Any) -> None:
    async with httpx.AsyncClient(base_url=server.url + "/api/v1") as http:
        check_problem(await http.post("/auth/register", json=body), 422)


@pytest.mark.parametrize(
    "frame",
    ["", "x", "[]", "5", "null", '{"type":"subscribe"}', '{"type":"auth"}', '{"type":"auth","ticket":5}', "[" * 20000],
)
async def test_a_bad_first_frame_closes_the_socket_and_harms_nobody(client: Client, frame: str) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed

    async with connect(client.url.replace("http", "ws", 1) + "/api/v1/realtime", proxy=None) as connection:
        await connection.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(5):
                said = json.loads(await connection.recv())
                assert (said["type"], said["code"]) == ("error", "bad_frame")
                await connection.recv()
        assert closed.value.rcvd
        assert closed.value.rcvd.code in (4400, 4401)
    assert (await client.call("GET", "/rooms"))["items"] == []


async def test_binary_frames_close_the_socket(client: Client) -> None:
    from websockets.exceptions import ConnectionClosed

    async with client.socket() as opened:
        await opened.connection.send(b"\x00\x01")
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(5):
                while True:
                    await opened.connection.ping()
                    await opened.heard.changed.wait()
                    opened.heard.changed.clear()


@pytest.mark.parametrize(
    "topic", ["", "x", "room", "room:", "room:nope", "user:1", "job:1", "quotes:", "room:" + "9" * 999]
)
async def test_topics_that_are_not_there_or_not_mine_are_refused_alike(client: Client, topic: str) -> None:
    async with client.socket() as opened:
        answer = await opened.follow(topic)
        assert (answer["type"], answer["code"]) == ("error", "not_found")


async def test_another_persons_room_cannot_be_followed(server: RunningServer, client: Client) -> None:
    room = await client.new_conversation()
    stranger = await Client(server.url).sign_up("Eve Stranger")
    async with stranger.socket() as opened:
        for topic in (f"room:{room}", f"user:{client.me['person']['id']}"):
            assert (await opened.follow(topic))["type"] == "error"
        await client.post(room, "secret")
        assert opened.heard.updates == []
    await stranger.close()


async def test_a_broken_request_line_harms_nobody(server: RunningServer, client: Client) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(b"NONSENSE\r\n\r\n")
        assert b"400" in raw.recv(1000)
    assert (await client.call("GET", "/rooms"))["items"] == []
