"""Calls over the socket: each is validated, permitted, counted, and answered or refused with a problem."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from limits import parse

from outcry.adapters.cache.memory import MemoryCache
from outcry.edge.calls import Calls
from outcry.edge.counting import Counts
from outcry.edge.limiting import Limiter, PersonLimits
from outcry.edge.settings import EdgeSettings
from outcry.kit.clock import FakeClock
from outcry.kit.errors import ConflictError
from outcry.kit.ids import new_id
from outcry.kit.module import Closing, Connection, SocketCall
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """Something inside a body."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The body of a call."""

    room_id: UUID
    inner: Inner | None = None
    share: float = 0.0
    text: str = ""


class Socket:
    """A connection that only has its name."""

    id = "socket"

    def on_close(self, callback: Closing) -> None:
        """Keep nothing."""

    def go_on(self) -> None:
        """Nobody waits."""


def person(*scopes: str) -> Principal:
    return Principal(user_id=new_id(), tenant_id=new_id(), role="member", scopes=frozenset(scopes), session_id=new_id())


async def handle(_principal: Principal, _connection: Connection, body: Body) -> Body:
    if body.text == "busy":
        raise ConflictError("Not now.")
    if body.text == "broken":
        raise ValueError("a secret of the server")
    return body


CALL = SocketCall(permission="chat:message:post", body=Body, answer=Body, handle=handle)
ROOM = "01890000-0000-7000-8000-000000000001"


async def ask(
    calls: Calls, body: Mapping[str, Any], *, name: str = "test.do", principal: Principal | None = None
) -> dict[str, Any]:
    """Make a call and return the answer's members."""
    who = principal or person("chat:message:post")
    answer: dict[str, Any] = json.loads("{" + await calls.answer(name, body, who, Socket(), by_key=False) + "}")
    return answer


@pytest.fixture
def calls() -> Calls:
    return Calls({"test.do": CALL})


async def test_a_body_comes_in_as_its_type_and_the_answer_goes_out_as_json(calls: Calls) -> None:
    answer = await ask(calls, {"room_id": ROOM, "inner": {"count": 3}, "share": 1})
    assert answer == {"body": {"room_id": ROOM, "inner": {"count": 3}, "share": 1.0, "text": ""}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "room_id"),
        ({"room_id": "elsewhere"}, "room_id"),
        ({"room_id": ROOM, "extra": 1}, "extra"),
        ({"room_id": ROOM, "inner": {"count": 1, "more": 2}}, "inner.more"),
        ({"room_id": ROOM, "inner": {"count": "1"}}, "inner.count"),
        ({"room_id": ROOM, "inner": {"count": 1.0}}, "inner.count"),
        ({"room_id": ROOM, "share": float("nan")}, "share"),
        ({"room_id": ROOM, "share": 10**400}, "share"),
        ({"room_id": ROOM, "text": 5}, "text"),
        # A lone surrogate is text of no encoding: the body as a whole is no JSON.
        ({"room_id": ROOM, "text": "\ud800"}, "body"),
    ],
)
async def test_what_is_not_of_the_body_is_refused_by_the_name_of_its_field(
    calls: Calls, body: dict[str, Any], field: str
) -> None:
    problem = (await ask(calls, body))["problem"]
    assert (problem["status"], problem["code"]) == (422, "invalid_input")
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_who_may_not_is_refused_and_reported_with_ids_alone() -> None:
    reported: list[Refusal] = []

    async def report(refusal: Refusal) -> None:
        reported.append(refusal)

    calls, viewer = Calls({"test.do": CALL}, report=report), person("chat:room:read")
    answer = await ask(calls, {"room_id": ROOM, "text": "words"}, principal=viewer)
    assert (answer["problem"]["status"], answer["problem"]["code"]) == (403, "forbidden")
    (refusal,) = reported
    assert (refusal.person_id, refusal.what, refusal.reason) == (viewer.user_id, "CALL test.do", "forbidden")
    assert refusal.objects == {"room_id": ROOM}


async def test_there_is_no_call_of_another_name(calls: Calls) -> None:
    problem = (await ask(calls, {}, name="test.undo"))["problem"]
    assert (problem["status"], problem["code"]) == (404, "unknown_call")


async def test_a_refusal_of_the_service_is_told_and_a_failure_tells_nothing(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    refused = (await ask(calls, {"room_id": ROOM, "text": "busy"}))["problem"]
    assert (refused["status"], refused["code"], refused["detail"]) == (409, "conflict", "Not now.")
    failed = (await ask(calls, {"room_id": ROOM, "text": "broken"}))["problem"]
    assert failed["status"] == 500
    assert "secret" not in json.dumps(failed)
    assert "test.do failed" in caplog.text


async def test_calls_use_the_quota_of_requests(fake_clock: FakeClock) -> None:
    limiter = Limiter(MemoryCache(fake_clock), MemoryCache(fake_clock), fake_clock, Counts())
    settings = EdgeSettings(write_per_person=parse("2/minute"))
    limits = PersonLimits(limiter, people=settings.quotas("person"), keys=settings.quotas("key"))
    calls, ada, ben = Calls({"test.do": CALL}, limits=limits), person("chat:message:post"), person("chat:message:post")
    for _ in range(2):
        assert "body" in await ask(calls, {"room_id": ROOM}, principal=ada)
    # Neither does it help to ask for what is not there.
    for name in ("test.do", "test.undo"):
        problem = (await ask(calls, {"room_id": ROOM}, name=name, principal=ada))["problem"]
        assert (problem["status"], problem["code"]) == (429, "rate_limited")
        assert 1 <= problem["wait_s"] <= 61
    assert "body" in await ask(calls, {"room_id": ROOM}, principal=ben)
