"""What is reported of those who ask for what they may not do."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI, Request

from outcry.edge.problems import install_problem_handlers
from outcry.kit.errors import ConflictError, ForbiddenError, UnavailableError
from outcry.kit.http import public, requires
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.contracts import Refusal

ANN = Principal(
    user_id=new_id(), tenant_id=new_id(), role="member", scopes=frozenset({"room:read"}), session_id=new_id()
)


@dataclass
class Entry:
    """An application behind the edge's problem documents, and what was reported."""

    http: httpx.AsyncClient
    told: list[Refusal] = field(default_factory=list)
    broken: bool = False


@pytest.fixture
def entry() -> Entry:
    """Give one with endpoints that refuse in every way."""
    app = FastAPI()
    install_problem_handlers(app)
    found = Entry(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk"))

    async def authenticate(_: Request) -> Principal:
        return ANN

    async def report(refusal: Refusal) -> None:
        if found.broken:
            raise UnavailableError("The database is away.")
        found.told.append(refusal)

    app.state.authenticate, app.state.report_refusal = authenticate, report

    @app.delete("/rooms/{room_id}/members/{name}")
    async def remove(room_id: str, name: str, _: Annotated[Principal, requires("room:read")]) -> None:
        raise ForbiddenError(f"Only the owner of a room can remove {name}.")

    @app.get("/members/{person_id}")
    async def read(person_id: UUID, _: Annotated[Principal, requires("member:read")]) -> None:
        return None

    @app.post("/fresh")
    async def fresh(_: Annotated[Principal, requires("room:read", fresh=True)]) -> None:
        return None

    @app.post("/full")
    async def full(_: Annotated[Principal, requires("room:read")]) -> None:
        raise ConflictError()

    @app.post("/anybody", dependencies=[public()])
    async def anybody() -> None:
        raise ForbiddenError()

    return found


async def test_a_missing_permission_and_a_rule_that_refuses_are_reported(entry: Entry) -> None:
    room, person = uuid4(), uuid4()
    assert (await entry.http.delete(f"/rooms/{room}/members/Zoe")).status_code == 403
    assert (await entry.http.get(f"/members/{person}")).status_code == 403
    assert entry.told == [
        # A part of the address that is no id may be a person's words.
        Refusal(
            person_id=ANN.user_id,
            tenant_id=ANN.tenant_id,
            reason="forbidden",
            what="DELETE /rooms/{room_id}/members/{name}",
            objects={"room_id": str(room)},
        ),
        Refusal(
            person_id=ANN.user_id,
            tenant_id=ANN.tenant_id,
            reason="forbidden",
            what="GET /members/{person_id}",
            objects={"person_id": str(person)},
        ),
    ]


@pytest.mark.parametrize(("path", "status"), [("/fresh", 403), ("/full", 409), ("/anybody", 403), ("/nothing", 404)])
async def test_what_refuses_nobody_who_is_signed_in_is_not_reported(entry: Entry, path: str, status: int) -> None:
    assert (await entry.http.post(path)).status_code == status
    assert entry.told == []


async def test_the_answer_does_not_depend_on_the_report(entry: Entry, caplog: pytest.LogCaptureFixture) -> None:
    entry.broken = True
    answer = await entry.http.get(f"/members/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "A refusal could not be reported: GET /members/{person_id}" in caplog.text
