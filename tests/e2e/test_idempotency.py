"""Idempotency-Key over HTTP: what is sent again is answered again, and done once."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import ON_SQLITE
from tests.e2e.test_bad_input import check_problem
from tests.running import Client, RunningServer

pytestmark = ON_SQLITE

ROOM = {"kind": "room", "title": "Breakouts"}


async def send(client: Client, path: str, body: Any, key: str, method: str = "POST") -> httpx.Response:
    """Send with a key."""
    return await client.http.request(method, path, json=body, headers={"idempotency-key": key})


async def rooms(client: Client) -> list[str]:
    """Return the ids of the rooms there are."""
    return [room["id"] for room in (await client.call("GET", "/rooms"))["items"]]


async def test_the_same_again_is_done_once(client: Client) -> None:
    key = uuid4().hex
    first = await send(client, "/rooms", ROOM, key)
    again = await send(client, "/rooms", ROOM, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await rooms(client) == [first.json()["id"]]


async def test_sent_many_times_at_once_it_is_done_once(client: Client) -> None:
    key = uuid4().hex
    answers = await asyncio.gather(*(send(client, "/rooms", ROOM, key) for _ in range(12)))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    waiting = [answer for answer in answers if answer.status_code != 201]
    assert len(made) == 1
    assert all(check_problem(one, 409)["code"] == "idempotency_in_progress" for one in waiting)
    assert all(one.headers["retry-after"] == "1" for one in waiting)
    assert set(await rooms(client)) == made


async def test_another_body_under_the_same_key_is_refused(client: Client) -> None:
    key = uuid4().hex
    await send(client, "/rooms", ROOM, key)
    problem = check_problem(await send(client, "/rooms", {**ROOM, "title": "Other"}, key), 422)
    assert problem["code"] == "idempotency_mismatch"
    assert len(await rooms(client)) == 1


async def test_a_refused_request_may_be_mended(client: Client) -> None:
    key = uuid4().hex
    check_problem(await send(client, "/rooms", {"kind": "castle"}, key), 422)
    assert (await send(client, "/rooms", ROOM, key)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tbed"])
async def test_what_is_no_key_is_refused(client: Client, key: str) -> None:
    assert check_problem(await send(client, "/rooms", ROOM, key), 422)["code"] == "idempotency_key_invalid"
    assert await rooms(client) == []


async def test_two_keys_are_none(client: Client) -> None:
    headers = [("idempotency-key", "one"), ("idempotency-key", "two")]
    response = await client.http.post("/rooms", json=ROOM, headers=headers)
    assert check_problem(response, 422)["code"] == "idempotency_key_invalid"


async def test_each_person_has_keys_of_their_own(client: Client, server: RunningServer) -> None:
    key = uuid4().hex
    other = await Client(server.url).sign_up()
    first, second = await send(client, "/rooms", ROOM, key), await send(other, "/rooms", ROOM, key)
    assert first.json()["id"] != second.json()["id"]
    await other.close()


async def test_no_answer_without_the_right_to_it(client: Client) -> None:
    key = uuid4().hex
    await send(client, "/rooms", ROOM, key)
    client.http.headers.pop("authorization")
    check_problem(await send(client, "/rooms", ROOM, key), 401)


async def test_reading_takes_no_key(client: Client) -> None:
    response = await send(client, "/rooms", None, "x" * 300, method="GET")
    assert response.status_code == 200
