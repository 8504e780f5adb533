"""Several calls in one: each let in, limited and answered as by itself, and nothing else reachable by it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.responses import StreamingResponse

from outcry.edge import batch
from outcry.kit import trace
from outcry.kit.http import requires
from outcry.main import Platform
from outcry.settings import Settings
from tests.running import PASSWORD

ME = {"method": "GET", "path": "/api/v1/auth/me"}


@dataclass
class Work:
    """What the endpoints of this test saw."""

    seen: list[dict[str, Any]] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    ended: int = 0
    cancelled: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    many: asyncio.Event = field(default_factory=asyncio.Event)

    def router(self) -> APIRouter:
        """Return endpoints of several kinds."""
        router = APIRouter(prefix="/api/v1/things", dependencies=[requires("auth:me:read")])
        router.add_api_route("/echo", self.echo, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        router.add_api_route("/slow", self.slow, methods=["GET"])
        router.add_api_route("/long", self.long, methods=["GET"])
        router.add_api_route("/broken", self.broken, methods=["GET"])
        router.add_api_route("/endless", self.endless, methods=["GET"])
        router.add_api_route("/nothing", self.nothing, methods=["DELETE"], status_code=204)
        router.add_api_route("/cookie", self.cookie, methods=["GET"])
        return router

    async def echo(self, request: Request) -> dict[str, Any]:
        """Tell what came."""
        said = {
            "method": request.method,
            "path": request.url.path,
            "query": request.url.query,
            "headers": dict(request.headers),
            "client": request.client.host if request.client else None,
            "body": (await request.body()).decode(),
            "trace": trace.trace_id.get(),
            "address": trace.address.get(),
            "request": str(trace.causation_id.get()),
        }
        self.seen.append(said)
        return said

    async def slow(self) -> dict[str, int]:
        """Wait until the test goes on."""
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        if self.running == 4:
            self.many.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.append("slow")
            raise
        self.ended += 1
        self.running -= 1
        return {"running": self.running}

    async def long(self) -> str:
        """Answer much."""
        return "x" * 700

    async def broken(self) -> None:
        """Raise what nobody foresaw."""
        raise RuntimeError("nobody foresaw this")

    async def endless(self) -> StreamingResponse:
        """Stream for ever."""

        async def parts() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            await asyncio.Event().wait()

        return StreamingResponse(parts(), media_type="text/event-stream")

    async def nothing(self) -> None:
        """Answer nothing."""

    async def cookie(self, response: Response) -> dict[str, str]:
        """Set a cookie."""
        response.set_cookie("a", "b")
        return {}


@dataclass
class Desk:
    """The platform in this process, and somebody signed in."""

    app: FastAPI
    http: httpx.AsyncClient
    work: Work

    async def send(self, *requests: dict[str, Any], **more: Any) -> httpx.Response:
        """Send a batch."""
        numbered = [{"id": str(number), **request} for number, request in enumerate(requests)]
        content = json.dumps({"requests": numbered, **more})
        return await self.http.post("/api/v1/batch", content=content, headers={"content-type": "application/json"})

    async def answers(self, *requests: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        """Send a batch and return its answers."""
        response = await self.send(*requests, **more)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["answers"]
        assert [answer["id"] for answer in found] == [str(number) for number in range(len(requests))]
        return found


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Give the whole platform; parameters are settings of the edge."""
    for name in ("TIME_COST", "PARALLELISM"):
        monkeypatch.setenv(f"OUTCRY_AUTH_HASH_{name}", "1")
    monkeypatch.setenv("OUTCRY_AUTH_HASH_MEMORY_KIB", "8")
    monkeypatch.setenv("OUTCRY_EDGE_LAG_SECONDS", "30")
    for name, value in getattr(request, "param", {}).items():
        monkeypatch.setenv(f"OUTCRY_EDGE_{name}", value)
    platform = Platform(Settings(data=tmp_path, sample_market=False))
    await platform.migrate()
    await platform.start()
    work = Work()
    # Before the pages, which take every path that is left.
    platform.app.router.routes[0:0] = work.router().routes
    transport = httpx.ASGITransport(platform.app, client=("203.0.113.9", 4711), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        body = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
        registered = await http.post("/api/v1/auth/register", json=body)
        assert registered.status_code == 201, registered.text
        token = registered.json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        yield Desk(platform.app, http, work)
    await platform.stop()


async def test_each_call_is_answered_as_by_itself(desk: Desk) -> None:
    room = {"kind": "room", "title": "Jürgen's"}
    answers = await desk.answers(
        ME,
        {"method": "POST", "path": "/api/v1/rooms", "body": room},
        {"method": "GET", "path": "/api/v1/rooms?limit=1&fields=items.title"},
        {"method": "DELETE", "path": "/api/v1/things/nothing"},
        {"method": "GET", "path": "/api/v1/rooms/nonsense"},
        {"method": "GET", "path": "/api/v1/nothing/here"},
    )
    assert [answer["status"] for answer in answers] == [200, 201, 200, 204, 422, 404]
    assert answers[0]["body"] == (await desk.http.get("/api/v1/auth/me")).json()
    assert answers[2]["body"] == {"items": [{"title": "Jürgen's"}]}
    assert answers[3]["body"] is None
    assert answers[4]["headers"]["content-type"] == "application/problem+json"
    assert answers[4]["body"]["code"] == "invalid_input"


async def test_a_call_is_the_senders_from_their_address_in_their_trace(desk: Desk) -> None:
    headers = {
        "traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01",
        "cookie": "outcry_refresh=x",
        "origin": "http://localhost",
    }
    requests = [{"id": "a", "method": "PATCH", "path": "/api/v1/things/echo?q=%C3%BC", "body": {"n": 1.5}}]
    requests.append({"id": "b", "method": "GET", "path": "/api/v1/things/echo"})
    response = await desk.http.post("/api/v1/batch", json={"requests": requests}, headers=headers)
    first, second = (answer["body"] for answer in response.json()["answers"])
    assert (first["method"], first["path"], first["query"]) == ("PATCH", "/api/v1/things/echo", "q=%C3%BC")
    assert first["body"] == '{"n": 1.5}'
    assert (first["client"], first["address"]) == ("203.0.113.9", "203.0.113.9")
    assert set(first["headers"]) == {
        *("host", "authorization", "user-agent", "traceparent", "content-type", "content-length"),
    }
    assert first["trace"] == second["trace"] == "ab" * 16
    ids = [response.headers["x-request-id"], first["request"], second["request"]]
    assert len(set(ids)) == 3
    assert ids[1:] == [answer["headers"]["x-request-id"] for answer in response.json()["answers"]]


async def test_a_call_with_a_key_is_done_once(desk: Desk) -> None:
    call = {"method": "POST", "path": "/api/v1/rooms", "body": {"kind": "room"}, "headers": {"idempotency-key": "k"}}
    first = await desk.answers(call, call)
    (again,) = await desk.answers(call)
    rooms = (await desk.http.get("/api/v1/rooms")).json()["items"]
    assert [answer["status"] for answer in (*first, again)] == [201] * 3
    assert first[0]["body"] == first[1]["body"] == again["body"]
    assert again["headers"]["idempotency-replayed"] == "true"
    assert len(rooms) == 1
    # The batch itself takes none: what is in it says for itself.
    body = {"requests": [{"id": "a", **ME}]}
    refused = await desk.http.post("/api/v1/batch", json=body, headers={"idempotency-key": "k"})
    assert refused.json()["code"] == "idempotency_not_supported"


async def test_together_four_run_at_a_time(desk: Desk) -> None:
    slow = {"method": "GET", "path": "/api/v1/things/slow"}
    sent = asyncio.create_task(desk.answers(*[slow] * 12, order="together"))
    await desk.work.many.wait()
    desk.work.go_on.set()
    assert [answer["status"] for answer in await sent] == [200] * 12
    assert desk.work.most_running == 4


async def test_what_nobody_foresaw_spoils_its_own_call_alone(desk: Desk) -> None:
    answers = await desk.answers({"method": "GET", "path": "/api/v1/things/broken"}, ME)
    assert [answer["status"] for answer in answers] == [500, 200]
    assert answers[0]["body"]["code"] == "internal"
    assert "foresaw this" not in str(answers[0])


async def test_streams_and_cookies_do_not_come_through(desk: Desk) -> None:
    answers = await desk.answers(
        {"method": "GET", "path": "/api/v1/things/endless"}, {"method": "GET", "path": "/api/v1/things/cookie"}
    )
    assert (answers[0]["status"], answers[0]["body"]["code"]) == (422, "answer_not_json")
    assert answers[1]["status"] == 200


async def test_answers_have_a_bound_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "MOST_BYTES", 1_500)
    long = {"method": "GET", "path": "/api/v1/things/long"}
    answers = await desk.answers(long, long, long)
    assert [answer["status"] for answer in answers][:2] == [200, 200]
    assert 400 <= answers[2]["status"] < 500
    assert len(json.dumps(answers[2])) < 700


@pytest.mark.parametrize("desk", [{"READ_PER_PERSON": "3/minute", "WRITE_PER_ADDRESS": "4/minute"}], indirect=True)
async def test_every_call_counts_against_the_quotas(desk: Desk) -> None:
    answers = await desk.answers(*[ME] * 5)
    assert [answer["status"] for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[4]["headers"]["retry-after"]) > 0
    assert '"read-per-person"' in answers[0]["headers"]["ratelimit-policy"]
    # Registering was of another class; the batch itself is a write, too.
    answers = await desk.answers(*[{"method": "POST", "path": "/api/v1/things/echo"}] * 4)
    assert [answer["status"] for answer in answers] == [200, 200, 429, 429]


async def test_a_key_may_in_a_batch_what_it_may_alone(desk: Desk) -> None:
    scopes = ["chat:room:read"]
    made = await desk.http.post("/api/v1/auth/api-keys", json={"name": "p", "scopes": scopes})
    assert made.status_code == 201, made.text
    desk.http.headers["authorization"] = f"Bearer {made.json()['token']}"
    new = {"method": "POST", "path": "/api/v1/rooms", "body": {"kind": "room"}}
    read, make = await desk.answers({"method": "GET", "path": "/api/v1/rooms"}, new)
    outside = await desk.http.post("/api/v1/rooms", json={"kind": "room"})
    assert (read["status"], make["status"], outside.status_code) == (200, 403, 403)
    changing = {"request_id": "", "instance": ""}
    assert make["body"] | changing == outside.json() | changing


async def refusals_of(desk: Desk, many: int) -> list[dict[str, Any]]:
    """Wait for so many entries of refusals in the audit log; they come by events."""
    async with asyncio.timeout(20):
        while True:
            page = (await desk.http.get("/api/v1/audit/entries?act=auth.access_refused")).json()
            if len(page["items"]) >= many:
                found: list[dict[str, Any]] = page["items"]
                return found
            await asyncio.sleep(0.05)


async def test_a_refusal_inside_is_in_the_audit_log_as_outside(desk: Desk) -> None:
    owner = desk.http.headers["authorization"]
    scopes = ["chat:room:read"]
    made = await desk.http.post("/api/v1/auth/api-keys", json={"name": "p", "scopes": scopes})
    desk.http.headers["authorization"] = f"Bearer {made.json()['token']}"
    outside = await desk.http.post("/api/v1/rooms", json={"kind": "room"})
    (inside,) = await desk.answers({"method": "POST", "path": "/api/v1/rooms", "body": {"kind": "room"}})
    desk.http.headers["authorization"] = owner
    entries = await refusals_of(desk, 2)
    wanted = {outside.headers["x-request-id"], inside["headers"]["x-request-id"]}
    assert {entry["request_id"] for entry in entries} == wanted
    differing = {"id", "index", "time", "request_id", "trace", "leaf"}
    one, other = ({key: value for key, value in entry.items() if key not in differing} for entry in entries)
    assert one == other


async def test_a_body_without_a_bottom_is_no_failure_of_ours(desk: Desk) -> None:
    for depth in (100, 900, 100_000):
        body = "[" * depth + "]" * depth
        call = f'{{"id": "0", "method": "POST", "path": "/api/v1/things/echo", "body": {body}}}'
        headers = {"content-type": "application/json"}
        answer = await desk.http.post("/api/v1/batch", content=f'{{"requests": [{call}]}}', headers=headers)
        assert answer.status_code in (200, 400, 422), (depth, answer.text[:200])
        statuses = [one["status"] for one in answer.json().get("answers", ())]
        assert set(statuses) <= {200, 400, 422}, depth


async def test_odd_json_goes_in_as_it_came_or_not_at_all(desk: Desk) -> None:
    odd: list[Any] = [10**30, 1e308, "\u2028", {"": None}, True, "ü"]
    (answer,) = await desk.answers({"method": "POST", "path": "/api/v1/things/echo", "body": odd})
    assert json.loads(answer["body"]["body"]) == odd
    for wrong in ({"body": ["\ud800"]}, {"id": "\ud800"}, {"headers": {"idempotency-key": "\ud800"}}):
        answered = await desk.send({"method": "POST", "path": "/api/v1/things/echo", **wrong})
        assert answered.status_code in (200, 422), wrong


@pytest.mark.parametrize("desk", [{"REQUEST_SECONDS": "4"}], indirect=True)
async def test_a_batch_that_takes_too_long_is_given_up_and_nothing_runs_on(desk: Desk) -> None:
    slow, quick = {"method": "GET", "path": "/api/v1/things/slow"}, {"method": "GET", "path": "/api/v1/things/echo"}
    # What is done at the first use of all must not take of the time.
    await desk.answers(quick)
    in_turn = await desk.answers(quick, slow, quick)
    assert [answer["status"] for answer in in_turn] == [200, 504, 424]
    assert [answer["body"]["code"] for answer in in_turn[1:]] == ["timed_out", "not_run"]
    together = await desk.answers(quick, slow, slow, order="together")
    assert [answer["status"] for answer in together] == [200, 504, 504]
    desk.work.go_on.set()
    await asyncio.sleep(0)
    assert desk.work.ended == 0
    assert len(desk.work.cancelled) == 3
