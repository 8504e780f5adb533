"""A person's own sessions and keys for programs."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, update

from outcry.kit.errors import UnauthenticatedError
from outcry.services.auth.contracts import SealedText
from outcry.services.auth.events import ApiKeyChanged
from outcry.services.auth.models.access import ApiKeyRow, SessionRow
from outcry.services.auth.models.people import MembershipRow, OrganisationRow
from outcry.services.auth.permissions import NOT_FOR_KEYS
from outcry.services.auth.plans import PLANS
from tests.services.auth.conftest import Browser, Desk


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def sign_up(desk: Desk, email: str = "ann@example.com") -> tuple[Browser, str]:
    browser = desk.browser()
    response = await browser.register(email=email)
    return browser, response.json()["access_token"]


async def make_key(desk: Desk, token: str, **changes: Any) -> httpx.Response:
    body = {"name": "Notebook", "scopes": ["charts:bars:read", "chat:message:post"], **changes}
    return await desk.browser().http.post("/api-keys", json=body, headers=bearer(token))


async def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    first, token = await sign_up(desk)
    desk.clock.advance(timedelta(seconds=5))
    phone = desk.browser(address="198.51.100.4")
    phone.http.headers["user-agent"] = "Phone"
    phone_token = (await phone.sign_in()).json()["access_token"]
    listed = (await first.http.get("/sessions", headers=bearer(token))).json()
    assert [(s["user_agent"], s["address"], s["current"], s["methods"]) for s in listed] == [
        ("Phone", "198.51.100.4", False, ["pwd"]),
        (first.http.headers["user-agent"], "203.0.113.7", True, ["pwd"]),
    ]
    answer = await first.http.delete(f"/sessions/{listed[0]['id']}", headers=bearer(token))
    assert answer.status_code == 204
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=phone_token)
    assert (await phone.refresh()).json()["code"] == "session_ended"
    (ended,) = await desk.events("auth.session_ended.v1")
    assert (ended.data["session_id"], ended.data["reason"]) == (listed[0]["id"], "ended")
    again = await first.http.delete(f"/sessions/{listed[0]['id']}", headers=bearer(token))
    assert (again.status_code, again.json()["code"]) == (404, "session_not_found")


async def test_all_other_sessions_end_at_once(desk: Desk) -> None:
    first, token = await sign_up(desk)
    others = [(await desk.browser().sign_in()).json()["access_token"] for _ in range(3)]
    assert (await first.http.delete("/sessions", headers=bearer(token))).status_code == 204
    for other in others:
        with pytest.raises(UnauthenticatedError):
            await desk.facade.authenticate(access_token=other)
    await desk.facade.authenticate(access_token=token)


async def test_nobody_ends_another_persons_session(desk: Desk) -> None:
    _, token = await sign_up(desk)
    other, other_token = await sign_up(desk, "eve@example.com")
    (own,) = (await desk.browser().http.get("/sessions", headers=bearer(token))).json()
    answer = await other.http.delete(f"/sessions/{own['id']}", headers=bearer(other_token))
    unknown = await other.http.delete(f"/sessions/{uuid4()}", headers=bearer(other_token))
    assert answer.status_code == unknown.status_code == 404
    assert answer.json()["detail"] == unknown.json()["detail"]
    await desk.facade.authenticate(access_token=token)


async def test_open_sockets_are_told(desk: Desk) -> None:
    first, token = await sign_up(desk)
    person = (await desk.facade.authenticate(access_token=token)).user_id
    heard: list[str] = []
    await desk.realtime.follow_log(f"user:{person}", None, lambda update: heard.append(update.data))
    await first.http.delete("/sessions", headers=bearer(token))
    assert heard == ['{"kind":"standing"}']


async def test_signing_in_again_replaces_the_browsers_session(desk: Desk) -> None:
    browser, token = await sign_up(desk)
    other = (await desk.browser().sign_in()).json()["access_token"]
    again = (await browser.sign_in()).json()["access_token"]
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=token)
    for live in (other, again):
        await desk.facade.authenticate(access_token=live)
    (ended,) = await desk.events("auth.session_ended.v1")
    assert ended.data["reason"] == "replaced"


async def test_a_failed_sign_in_leaves_the_browsers_session(desk: Desk) -> None:
    browser, token = await sign_up(desk)
    assert (await browser.sign_in(password="another one entirely")).status_code == 401
    await desk.facade.authenticate(access_token=token)


async def test_ending_sessions_needs_a_fresh_factor(desk: Desk) -> None:
    browser, token = await sign_up(desk)
    desk.clock.advance(timedelta(minutes=5))
    for path in ("/sessions", f"/sessions/{uuid4()}"):
        answer = await browser.http.delete(path, headers=bearer(token))
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


async def test_a_plan_limits_sessions_and_the_oldest_goes(desk: Desk) -> None:
    _, token = await sign_up(desk)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(OrganisationRow).values(plan="free"))
    tokens = [token]
    for _ in range(PLANS["free"].sessions):
        desk.clock.advance(timedelta(seconds=1))
        tokens.append((await desk.browser().sign_in()).json()["access_token"])
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=tokens[0])
    for live in tokens[1:]:
        await desk.facade.authenticate(access_token=live)
    (ended,) = await desk.events("auth.session_ended.v1")
    assert ended.data["reason"] == "too_many"


async def test_a_key_works_where_a_token_does(desk: Desk) -> None:
    _, token = await sign_up(desk)
    made = await make_key(desk, token)
    assert made.status_code == 201
    body = made.json()
    assert body["token"].startswith(body["key"]["prefix"] + "_")
    principal = await desk.facade.authenticate(access_token=body["token"])
    person = await desk.facade.authenticate(access_token=token)
    assert (principal.user_id, principal.tenant_id) == (person.user_id, person.tenant_id)
    assert principal.scopes == {"charts:bars:read", "chat:message:post"}
    assert not principal.fresh
    listed = (await desk.browser().http.get("/api-keys", headers=bearer(token))).json()
    assert [(key["prefix"], key["last_used_at"] is not None) for key in listed] == [(body["key"]["prefix"], True)]
    assert "token" not in listed[0]
    async with desk.database.reading() as session:
        row = (await session.scalars(select(ApiKeyRow))).one()
    assert body["token"].rsplit("_", 1)[1].encode() not in row.token_hash


async def test_a_key_may_never_more_than_its_person_may_now(desk: Desk) -> None:
    _, token = await sign_up(desk)
    key = (await make_key(desk, token)).json()["token"]
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(MembershipRow).values(role="viewer"))
    desk.clock.advance(timedelta(seconds=1))
    assert (await desk.facade.authenticate(access_token=key)).scopes == {"charts:bars:read"}


async def test_a_key_ends_with_its_time_its_revoking_and_its_person(desk: Desk) -> None:
    _, token = await sign_up(desk)
    short = (await make_key(desk, token, expires_in_days=1)).json()
    long = (await make_key(desk, token)).json()
    for made in (short, long):
        await desk.facade.authenticate(access_token=made["token"])
    desk.clock.advance(timedelta(days=1))
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=short["token"])
    await desk.facade.authenticate(access_token=long["token"])
    browser = desk.browser()
    fresh = (await browser.sign_in()).json()["access_token"]
    answer = await browser.http.delete(f"/api-keys/{long['key']['id']}", headers=bearer(fresh))
    assert answer.status_code == 204
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=long["token"])
    other = (await make_key(desk, fresh)).json()["token"]
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(MembershipRow).values(disabled_at=desk.clock.now()))
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=other)


@pytest.mark.parametrize("token", ["outcry_", "outcry_deadbeef_", "outcry_" + "x" * 5_000, "outcry_deadbeef_\ud800"])
async def test_what_is_no_key_is_refused(desk: Desk, token: str) -> None:
    await make_key(desk, (await sign_up(desk))[1])
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=token)


async def test_a_key_cannot_become_an_account(desk: Desk) -> None:
    _, token = await sign_up(desk)
    for scope in sorted(NOT_FOR_KEYS - {"platform:operate"}):
        refused = await make_key(desk, token, scopes=[scope])
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), scope
    key = (await make_key(desk, token)).json()["token"]
    # Even one that was written into the table with such a scope does not have it.
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(ApiKeyRow).values(scopes=sorted(NOT_FOR_KEYS)))
    desk.clock.advance(timedelta(seconds=1))
    assert (await desk.facade.authenticate(access_token=key)).scopes == frozenset()
    answer = await make_key(desk, key)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": " \t"}, 422, "name"),
        ({"name": "x" * 81}, 422, "name"),
        ({"scopes": []}, 422, "scopes"),
        ({"scopes": ["charts:bars:write"]}, 422, "scopes"),
        ({"scopes": ["platform:operate"]}, 422, "scopes"),
        ({"expires_in_days": 0}, 422, "expires_in_days"),
        ({"expires_in_days": 10**12}, 422, "expires_in_days"),
        ({"secret": "x"}, 422, "secret"),
    ],
)
async def test_bad_keys_are_refused_by_field(desk: Desk, changes: dict[str, Any], status: int, field: str) -> None:
    _, token = await sign_up(desk)
    answer = await make_key(desk, token, **changes)
    assert answer.status_code == status
    assert field in str(answer.json()["errors"])


async def test_making_a_key_needs_a_fresh_factor(desk: Desk) -> None:
    _, token = await sign_up(desk)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(
            update(SessionRow).values(fresh_at=desk.clock.now() - timedelta(minutes=5, seconds=1))
        )
    desk.clock.advance(timedelta(seconds=1))
    answer = await make_key(desk, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


async def test_a_plan_limits_keys(desk: Desk) -> None:
    _, token = await sign_up(desk)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(OrganisationRow).values(plan="free"))
    assert (await make_key(desk, token)).status_code == 201
    second = await make_key(desk, token)
    assert (second.status_code, second.json()["code"]) == (409, "too_many_keys")


async def test_keys_are_told_of(desk: Desk) -> None:
    _, token = await sign_up(desk)
    made = (await make_key(desk, token)).json()
    await desk.browser().http.delete(f"/api-keys/{made['key']['id']}", headers=bearer(token))
    told = [(event, event.open(ApiKeyChanged)) for event in await desk.events("auth.api_key_changed.v1")]
    key = UUID(made["key"]["id"])
    assert [(change.act, change.key_id, change.scopes) for _, change in told] == [
        ("added", key, tuple(made["key"]["scopes"])),
        ("removed", key, tuple(made["key"]["scopes"])),
    ]
    assert made["token"] not in str(told)
    assert made["key"]["name"] not in str(told)
    (added, removed) = (change for _, change in told)
    sealed = (added.sealed["after.name"], removed.sealed["before.name"])
    items = tuple(SealedText(person_id=added.person_id, sealed=text) for text in sealed)
    assert await desk.facade.open_for_people(items=items) == (made["key"]["name"],) * 2
