"""Several requests in one: each let in, counted and answered as if it came alone."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.conftest import ON_SQLITE
from tests.e2e.test_audit_acts import entries
from tests.e2e.test_bad_input import check_problem
from tests.e2e.test_privacy import until
from tests.running import Client, RunningServer
from tests.services.auth.test_profile import picture

pytestmark = ON_SQLITE

ROOM = {"kind": "room", "title": "Breakouts"}


def ask(id: str, path: str, method: str = "GET", **rest: Any) -> dict[str, Any]:  # noqa: A002  # as the document has it
    """Return one request of a batch."""
    return {"id": id, "method": method, "path": f"/api/v1{path}", **rest}


async def send(client: Client, *requests: dict[str, Any], **rest: Any) -> list[dict[str, Any]]:
    """Send a batch and return its answers."""
    answers = (await client.call("POST", "/batch", {"requests": requests, **rest}))["answers"]
    assert [answer["id"] for answer in answers] == [request["id"] for request in requests]
    return list(answers)


@pytest.mark.parametrize("order", ["in_turn", "together"])
async def test_each_request_has_its_answer(client: Client, order: str) -> None:
    made, me, lost = await send(
        client,
        ask("make", "/rooms", "POST", body=ROOM),
        ask("me", "/auth/me"),
        ask("lost", f"/rooms/{uuid4()}?x=1"),
        order=order,
    )
    assert (made["status"], me["status"], lost["status"]) == (201, 200, 404)
    assert me["body"]["person"]["id"] == client.me["person"]["id"]
    assert lost["body"]["code"] == "room_not_found"
    assert lost["headers"]["content-type"] == "application/problem+json"
    assert len({answer["headers"]["x-request-id"] for answer in (made, me, lost)}) == 3
    assert [room["id"] for room in (await client.call("GET", "/rooms"))["items"]] == [made["body"]["id"]]


async def test_in_turn_each_sees_what_was_done_before(client: Client) -> None:
    room = (await client.call("POST", "/rooms", ROOM))["id"]
    texts = [f"number {number}" for number in range(5)]
    posts = [
        ask(text, f"/rooms/{room}/messages", "POST", body={"text": text, "client_id": uuid4().hex}) for text in texts
    ]
    *_, page = await send(client, *posts, ask("read", f"/rooms/{room}/messages"))
    assert [message["text"] for message in page["body"]["items"] if message["author"]["kind"] == "person"] == texts


async def test_it_stops_at_a_failure_when_asked(client: Client) -> None:
    requests = [ask("lost", f"/rooms/{uuid4()}"), ask("make", "/rooms", "POST", body=ROOM)]
    lost, left_out = await send(client, *requests, stop_at_failure=True)
    assert (lost["status"], left_out["status"], left_out["body"]["code"]) == (404, 424, "not_run")
    assert (await client.call("GET", "/rooms"))["items"] == []
    _, made = await send(client, *requests)
    assert made["status"] == 201


async def test_a_request_in_it_may_ask_for_fields_and_whether_it_changed(client: Client) -> None:
    await client.call("POST", "/rooms", ROOM)
    (page,) = await send(client, ask("titles", "/rooms?fields=items.title"))
    assert page["body"] == {"items": [{"title": "Breakouts"}]}
    (unchanged,) = await send(
        client, ask("titles", "/rooms?fields=items.title", headers={"if-none-match": page["headers"]["etag"]})
    )
    assert (unchanged["status"], unchanged["body"]) == (304, None)


async def test_a_request_in_it_may_have_a_key(client: Client) -> None:
    request = ask("make", "/rooms", "POST", body=ROOM, headers={"idempotency-key": uuid4().hex})
    (first,), (again,) = await send(client, request), await send(client, request)
    assert again["body"] == first["body"]
    assert again["headers"]["idempotency-replayed"] == "true"
    assert len((await client.call("GET", "/rooms"))["items"]) == 1


async def test_who_is_not_signed_in_learns_nothing(server: RunningServer) -> None:
    async with httpx.AsyncClient(base_url=server.url + "/api/v1") as nobody:
        response = await nobody.post("/batch", json={"requests": [ask("me", "/auth/me"), ask("rooms", "/rooms")]})
    assert [answer["status"] for answer in response.json()["answers"]] == [401, 401]


async def test_a_refusal_in_it_is_reported(client: Client) -> None:
    me = client.me["person"]["id"]
    (answer,) = await send(client, ask("self", f"/auth/organisation/members/{me}", "DELETE"))
    assert answer["status"] == 403

    async def reported() -> dict[str, Any] | None:
        return next(iter(await entries(client, act="auth.access_refused")), None)

    entry = await until(reported)
    assert (entry["request_id"], entry["address"]) == (answer["headers"]["x-request-id"], "127.0.0.1")


@pytest.mark.parametrize(
    "path",
    [
        "/batch",
        "/batch/",
        "/b%61tch",
        "/realtime",
        "/realtime/tickets",
        "/rooms//x",
        "/rooms/../batch",
        "/rooms/%2e%2e/batch",
        "/rooms/%2Fbatch",
        "/rooms/%252e%252e/batch",
        "/rooms/%00",
        "/rooms/%5c..",
        "/rooms/%0d%0ax",
        "/auth/me/export",
    ],
)
async def test_what_is_not_for_batches_is_refused(client: Client, path: str) -> None:
    (answer,) = await send(client, ask("one", path, "POST"))
    assert (answer["status"], answer["body"]["code"]) == (422, "not_in_a_batch"), answer


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [ask(str(number), "/rooms") for number in range(21)],
        [ask("same", "/rooms"), ask("same", "/rooms")],
        [{"id": "x", "path": "http://elsewhere.example/api/v1/rooms"}],
        [{"id": "x", "path": "/livez"}],
        [{"id": "x", "path": "/api/v1/rooms\r\nhost: x"}],
        [ask("x", "/rooms", "TRACE")],
        [ask("x", "/rooms", headers={"authorization": "Bearer x"})],
        [ask("x", "/rooms", headers={"idempotency-key": "a\r\nb"})],
        [ask("", "/rooms")],
        "rooms",
        None,
    ],
)
async def test_a_bad_batch_runs_nothing(client: Client, requests: Any) -> None:
    check_problem(await client.http.post("/batch", json={"requests": requests}), 422)


async def test_pictures_are_asked_for_alone(client: Client) -> None:
    done = await client.http.put("/auth/me/picture", content=picture(), headers={"content-type": "image/png"})
    assert done.is_success, done.text
    (answer,) = await send(client, ask("picture", f"/auth/people/{client.me['person']['id']}/picture"))
    assert (answer["status"], answer["body"]["code"]) == (422, "answer_not_json")
