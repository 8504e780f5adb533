"""Requests with an Idempotency-Key: done once, answered alike, and never anybody else's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from outcry.edge.alone import goes_alone
from outcry.edge.counting import Counts
from outcry.edge.idempotency.claims import Claim
from outcry.edge.idempotency.layer import CHANGING
from outcry.edge.idempotency.models import KeyedRequestRow
from outcry.edge.idempotency.privacy import KeptAnswers
from outcry.edge.idempotency.requests import KeyedRequests
from outcry.edge.settings import EdgeSettings
from outcry.kit.clock import FakeClock
from outcry.main import Platform
from outcry.services.auth.contracts import AuthFacade
from outcry.settings import Settings
from tests.conftest import OpenDatabase
from tests.edge.keyed import Keyed, Work, build_app, start_auth
from tests.edge.test_permissions import documented_routes

THINGS = "/api/v1/things"
SMALL = EdgeSettings(idempotency_answer_bytes=60, idempotency_keys_per_day=5)


@pytest.fixture
async def keyed(open_database: OpenDatabase, fake_clock: FakeClock, tmp_path: Path) -> AsyncIterator[Keyed]:
    """The application on each engine, with small bounds."""
    database, work, counts = await open_database("edge"), Work(), Counts()
    module = await start_auth(await open_database("auth"), fake_clock, tmp_path)
    assert isinstance(module.facade, AuthFacade)
    requests = KeyedRequests(database=database, auth=module.facade, clock=fake_clock, settings=SMALL)
    app, facade = build_app(module, requests, work, counts, SMALL)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        yield Keyed(app, facade, database, requests, fake_clock, work, counts, http)
    await module.stop()


async def rows_of(keyed: Keyed) -> list[KeyedRequestRow]:
    async with keyed.database.reading() as session:
        return list(await session.scalars(select(KeyedRequestRow)))


async def test_the_same_request_is_done_once_and_answered_alike(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": '"abc 1"'}
    first = await keyed.http.post(THINGS, content=b"one", headers=headers)
    # A bare key is the same as a quoted one.
    second = await keyed.http.post(THINGS, content=b"one", headers=headers | {"idempotency-key": "abc 1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    for name in ("content-type", "content-length", "location"):
        assert first.headers[name] == second.headers[name]
    assert "x-other" not in second.headers
    assert keyed.work.done == [b"one"]
    assert keyed.counts.all() == {"idempotency_replayed": 1}


async def test_nothing_as_an_answer_is_kept_too(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    answers = [await keyed.http.delete(f"{THINGS}/gone", headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert keyed.work.done == [b""]


@pytest.mark.parametrize(("content", "query"), [(b"two", ""), (b"", ""), (b"one", "?more=1")])
async def test_a_key_is_for_one_request(keyed: Keyed, content: bytes, query: str) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    await keyed.http.post(THINGS, content=b"one", headers=headers)
    other = await keyed.http.post(f"{THINGS}{query}", content=content, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert keyed.work.done == [b"one"]


async def test_a_key_is_its_persons_and_its_endpoints(keyed: Keyed) -> None:
    ada, bob = await keyed.person("ada"), await keyed.person("bob")
    key = {"idempotency-key": "k"}
    numbers = [
        (await keyed.http.post(THINGS, headers=ada | key)).json()["number"],
        (await keyed.http.post(THINGS, headers=bob | key)).json()["number"],
        (await keyed.http.put(THINGS, headers=ada | key)).json()["number"],
        (await keyed.http.post(THINGS, headers=ada | key)).json()["number"],
    ]
    assert numbers == [1, 2, 3, 1]


async def test_a_program_and_its_person_have_keys_apart(keyed: Keyed) -> None:
    ada = await keyed.person("ada")
    made = await keyed.http.post("/api/v1/auth/api-keys", json={"name": "p", "scopes": ["chat:room:read"]}, headers=ada)
    assert made.status_code == 201, made.text
    program = {"authorization": f"Bearer {made.json()['token']}"}
    for caller in (ada, program, ada, program):
        await keyed.http.post(THINGS, headers=caller | {"idempotency-key": "k"})
    assert len(keyed.work.done) == 2


async def test_nobody_and_readers_pass_by(keyed: Keyed) -> None:
    headers = {"idempotency-key": "k"}
    answers = [await keyed.http.post(f"{THINGS}/status/200", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 401]
    ada = await keyed.person("ada")
    for _ in range(2):
        await keyed.http.get(THINGS, headers=ada | headers)
        await keyed.http.post(THINGS, headers=ada)
    assert len(keyed.work.done) == 4
    assert await rows_of(keyed) == []


@pytest.mark.parametrize("key", ["", '""', "ü", "a\tb", "x" * 256, "\x7f"])
async def test_what_is_no_key_is_refused(keyed: Keyed, key: str) -> None:
    ada = await keyed.person("ada")
    headers = httpx.Headers({**ada, "idempotency-key": key}, encoding="latin-1")
    refused = await keyed.http.post(THINGS, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_invalid")
    assert keyed.work.done == []


async def test_two_keys_are_no_key_and_the_longest_is_one(keyed: Keyed) -> None:
    ada = await keyed.person("ada")
    twice = await keyed.http.post(THINGS, headers=[*ada.items(), ("idempotency-key", "a"), ("idempotency-key", "a")])
    assert twice.json()["code"] == "idempotency_key_invalid"
    longest = await keyed.http.post(THINGS, headers=ada | {"idempotency-key": "x" * 255})
    assert longest.status_code == 201


async def test_while_the_first_is_answered_others_are_told_so(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    first = asyncio.create_task(keyed.http.post(f"{THINGS}/slow", content=b"one", headers=headers))
    await keyed.work.begun.wait()
    second = await keyed.http.post(f"{THINGS}/slow", content=b"one", headers=headers)
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert second.headers["retry-after"] == "1"
    other = await keyed.http.post(f"{THINGS}/slow", content=b"two", headers=headers)
    assert other.json()["code"] == "idempotency_mismatch"
    keyed.work.go_on.set()
    assert (await first).json() == {"number": 1}
    assert (await keyed.http.post(f"{THINGS}/slow", content=b"one", headers=headers)).json() == {"number": 1}
    assert keyed.work.done == [b"one"]


async def test_of_many_at_once_one_runs(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    answers = await asyncio.gather(*(keyed.http.post(THINGS, content=b"one", headers=headers) for _ in range(10)))
    assert keyed.work.done == [b"one"]
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len([answer for answer in answers if "x-other" in answer.headers]) == 1


async def test_an_interrupted_request_is_not_run_again(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    first = asyncio.create_task(keyed.http.post(f"{THINGS}/slow", content=b"one", headers=headers))
    await keyed.work.begun.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    keyed.work.go_on.set()
    second = await keyed.http.post(f"{THINGS}/slow", content=b"one", headers=headers)
    assert (second.status_code, second.json()["code"]) == (409, "outcome_unknown")
    assert keyed.work.done == []


async def begin_in_a_run_that_is_over(keyed: Keyed, headers: dict[str, str]) -> None:
    """Leave a row behind as a process does that is killed in the middle of a request."""
    other = KeyedRequests(database=keyed.database, auth=keyed.auth, clock=keyed.clock, settings=SMALL)
    mine = keyed.requests._run_id
    keyed.requests._run_id = other._run_id
    first = asyncio.create_task(keyed.http.post(f"{THINGS}/slow", headers=headers))
    await keyed.work.begun.wait()
    keyed.requests._run_id = mine
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_what_a_run_that_is_over_began_nobody_knows_the_end_of(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    await begin_in_a_run_that_is_over(keyed, headers)
    if keyed.database.engine_name == "postgresql":
        # Another process may still be answering, for as long as a request may take.
        waits = await keyed.http.post(f"{THINGS}/slow", headers=headers)
        assert waits.json()["code"] == "idempotency_in_progress"
        keyed.clock.advance(timedelta(seconds=71))
    unknown = await keyed.http.post(f"{THINGS}/slow", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (409, "outcome_unknown")
    assert keyed.work.done == []


@pytest.mark.parametrize("status", [401, 403, 422, 429, 500, 503])
async def test_what_was_not_done_may_come_again(keyed: Keyed, status: int) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    answers = [await keyed.http.post(f"{THINGS}/status/{status}", headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(status, "1"), (status, "2")]
    assert await rows_of(keyed) == []


@pytest.mark.parametrize("status", [200, 404, 409])
async def test_what_was_decided_stays(keyed: Keyed, status: int) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    answers = [await keyed.http.post(f"{THINGS}/status/{status}", headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(status, "1")] * 2


async def test_what_nobody_foresaw_may_come_again(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    answers = [await keyed.http.post(f"{THINGS}/broken", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert len(keyed.work.done) == 2


@pytest.mark.parametrize(("path", "body"), [("/stream", b"partpartpart"), ("/secret", b'{"token":"hidden-words"}')])
async def test_streams_and_secrets_are_not_kept_and_not_run_again(keyed: Keyed, path: str, body: bytes) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    first = await keyed.http.post(THINGS + path, headers=headers)
    second = await keyed.http.post(THINGS + path, headers=headers)
    assert (first.status_code, first.content) == (200, body)
    assert (second.status_code, second.json()["code"]) == (409, "answer_not_kept")
    assert len(keyed.work.done) == 1
    (row,) = await rows_of(keyed)
    assert (row.state, row.status, row.sealed) == ("unkept", 200, None)


async def test_an_answer_that_is_too_long_is_not_kept(keyed: Keyed) -> None:
    async def long() -> str:
        keyed.work.done.append(b"")
        return "x" * 60

    keyed.app.add_api_route(f"{THINGS}/long", long, methods=["POST"])
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    assert (await keyed.http.post(f"{THINGS}/long", headers=headers)).status_code == 200
    assert (await keyed.http.post(f"{THINGS}/long", headers=headers)).json()["code"] == "answer_not_kept"
    assert len(keyed.work.done) == 1


async def test_a_day_later_the_key_is_new_and_the_row_gone(keyed: Keyed) -> None:
    key = {"idempotency-key": "k"}
    await keyed.http.post(THINGS, headers=await keyed.person("ada") | key)
    keyed.clock.advance(timedelta(hours=23, minutes=59))
    assert await keyed.requests.remove_old() == 0
    second = await keyed.http.post(THINGS, headers=await keyed.again("ada") | key)
    assert second.headers["idempotency-replayed"] == "true"
    keyed.clock.advance(timedelta(minutes=2))
    headers = await keyed.again("ada") | key
    third = await keyed.http.post(THINGS, headers=headers)
    assert third.json()["number"] == 2
    keyed.clock.advance(timedelta(hours=25))
    assert await keyed.requests.remove_old() == 1
    assert await rows_of(keyed) == []


async def test_the_keys_of_a_day_are_bounded_for_each_person(keyed: Keyed) -> None:
    ada = await keyed.person("ada")
    answers = [await keyed.http.post(THINGS, headers=ada | {"idempotency-key": f"k{n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429]
    assert answers[5].json()["code"] == "too_many_idempotency_keys"
    assert int(answers[5].headers["retry-after"]) > 0
    # What is there is still answered, and others are not concerned.
    assert (await keyed.http.post(THINGS, headers=ada | {"idempotency-key": "k0"})).status_code == 201
    bob = await keyed.person("bob")
    assert (await keyed.http.post(THINGS, headers=bob | {"idempotency-key": "k"})).status_code == 201
    keyed.clock.advance(timedelta(hours=24, seconds=1))
    again = await keyed.http.post(THINGS, headers=await keyed.again("ada") | {"idempotency-key": "k9"})
    assert again.status_code == 201


async def test_nothing_of_a_request_can_be_read_in_the_row(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k-marmalade"}
    await keyed.http.post(THINGS, content=b"marmalade", headers=headers)
    (row,) = await rows_of(keyed)
    stored = b"".join((row.id, row.fingerprint, (row.sealed or "").encode()))
    assert row.sealed
    assert b"marmalade" not in stored
    assert "Jürgen".encode() not in stored


async def test_a_persons_answers_go_with_the_person(keyed: Keyed) -> None:
    ada, bob = await keyed.person("ada"), await keyed.person("bob")
    for person in (ada, bob):
        await keyed.http.post(THINGS, headers=person | {"idempotency-key": "k"})
    me = (await keyed.http.get("/api/v1/auth/me", headers=ada)).json()
    person_id = UUID(me["person"]["id"])
    part = KeptAnswers(keyed.database)
    (file,) = await part.export_person(person_id=person_id)
    assert file.text.count("\n") == 1
    assert "Jürgen" not in file.text
    assert await part.erase_people(person_ids=(person_id,), organisation_ids=()) == 1
    assert await part.erase_people(person_ids=(person_id,), organisation_ids=()) == 0
    assert await part.export_person(person_id=person_id) == ()
    (row,) = await rows_of(keyed)
    assert await part.erase_people(person_ids=(), organisation_ids=(row.tenant_id,)) == 1


async def test_what_does_not_open_any_more_is_not_run_again(keyed: Keyed) -> None:
    headers = await keyed.person("ada") | {"idempotency-key": "k"}
    await keyed.http.post(THINGS, headers=headers)
    async with keyed.database.transaction() as transaction:
        row = await transaction.session.scalar(select(KeyedRequestRow))
        assert row is not None
        row.sealed = "bm9uc2Vuc2U="
    second = await keyed.http.post(THINGS, headers=headers)
    assert (second.status_code, second.json()["code"]) == (409, "answer_not_kept")


async def test_somebody_else_cannot_end_a_claim(keyed: Keyed) -> None:
    claim = Claim(id=b"i" * 32, fingerprint=b"f" * 32, tenant_id=uuid4(), person_id=uuid4())
    assert await keyed.requests.begin(claim) is None
    other = KeyedRequests(database=keyed.database, auth=keyed.auth, clock=keyed.clock, settings=SMALL)
    await other.let_go(claim)
    await other.leave_unknown(claim)
    (row,) = await rows_of(keyed)
    assert row.state == "begun"


async def test_calls_with_secrets_take_no_key(keyed: Keyed) -> None:
    body = {"email": "eve@example.com", "password": "purple tram eats seven violins", "name": "Eve"}
    for path in ("/api/v1/auth/register", "/api/v1/auth/register/", "/api/v1/auth/api-keys", "/api/v1/batch"):
        refused = await keyed.http.post(path, json=body, headers={"idempotency-key": "k"})
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_not_supported"), path
    assert await rows_of(keyed) == []


async def test_no_endpoint_that_takes_a_key_answers_a_secret(tmp_path: Path) -> None:
    platform = Platform(Settings(data=tmp_path, sample_market=False))
    document = platform.app.openapi()
    routes = [route for route in documented_routes(platform) if set(route.methods or ()) & CHANGING]
    await platform.stop()
    taking = [route for route in routes if not goes_alone(route.path)]
    assert {where(route) for route in routes} > {where(route) for route in taking} > {"POST /api/v1/rooms"}
    for route in taking:
        method = min(route.methods or ()).lower()
        operation = document["paths"][route.path][method]
        for status, answer in operation["responses"].items():
            told = set(answer.get("content", ()))
            assert told <= {"application/json", "application/problem+json"}, where(route)
            fields = fields_of(document, answer) if status != "default" else set()
            assert not fields & {"access_token", "token", "ticket", "secret", "codes", "password", "api_key"}


def where(route: APIRoute) -> str:
    return f"{min(route.methods or ())} {route.path}"


def fields_of(document: dict[str, object], part: object, seen: frozenset[str] = frozenset()) -> set[str]:
    """Return the names of all fields that a part of the OpenAPI document leads to."""
    if isinstance(part, list):
        return set().union(*(fields_of(document, one, seen) for one in part))
    if not isinstance(part, dict):
        return set()
    found = set(part.get("properties", ()))
    place = str(part.get("$ref", "")).removeprefix("#/components/")
    if place and place not in seen:
        group, _, name = place.partition("/")
        components = document["components"][group]  # type: ignore[index]  # the document is plain JSON
        found |= fields_of(document, components[name], seen | {place})
    return found.union(*(fields_of(document, one, seen) for one in part.values()))
