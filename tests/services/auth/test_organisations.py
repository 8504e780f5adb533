"""Organisations: made, named, put on plans, and gone to with the session that there is."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from outcry.services.auth.commands import organisations
from outcry.services.auth.models.people import MembershipRow
from outcry.services.auth.plans import PLANS
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.team import Somebody, invite, join, problem, put_on, sign_up


async def make(by: Somebody, name: str) -> str:
    answer = await by.ask("POST", "/organisations", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def told(desk: Desk) -> list[tuple[str, str, str]]:
    events = await desk.events("auth.organisation_changed.v1")
    return [(event.data["what"], event.data["before"], event.data["after"]) for event in events]


async def changes(desk: Desk) -> list[tuple[str, str, str]]:
    """Return what was told of organisations but that they were made, as one is with every account."""
    return [change for change in await told(desk) if change[0] != "made"]


async def test_a_person_makes_an_organisation_and_goes_there(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    first, second = await ann.organisation(), await make(ann, "  Quants\t of  Zürich ")
    assert await ann.get("/organisations") == [
        {"id": first, "name": "Ann's desk", "role": "owner", "current": True},
        {"id": second, "name": "Quants of Zürich", "role": "owner", "current": False},
    ]
    before, cookie = ann.token, ann.browser.token
    answer = await ann.switch(second)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["me"]["organisation"] == {"id": second, "name": "Quants of Zürich"}
    assert ann.browser.token != cookie
    assert (await ann.browser.get_me(before)).status_code == 401
    assert (await ann.browser.refresh()).json()["me"]["organisation"]["id"] == second
    (moved,) = await desk.events("auth.session_moved.v1")
    assert (str(moved.tenant_id), moved.data["before_id"]) == (second, first)
    # Where they already are is a switch too: new tokens, and nothing to tell.
    assert (await ann.switch(second)).status_code == 200
    assert len(await desk.events("auth.session_moved.v1")) == 1
    assert await told(desk) == [("made", "", desk.settings.default_plan)] * 2
    # Who signs in anew is where they were last.
    assert (await Browser(desk.app).sign_in(ann.email)).json()["me"]["organisation"]["id"] == second


async def test_a_switch_needs_what_a_refresh_needs_and_a_membership(desk: Desk) -> None:
    ann, eve = await sign_up(desk, "Ann"), await sign_up(desk, "Eve")
    home, theirs = await ann.organisation(), await eve.organisation()
    for unknown in (theirs, str(uuid4())):
        assert problem(await ann.switch(unknown)) == (404, "organisation_not_found")
    body = {"organisation_id": home}
    bare = {"Authorization": f"Bearer {ann.token}"}
    assert problem(await ann.browser.http.post("/switch", json=body, headers=bare)) == (403, "forbidden")
    without = Somebody(desk, desk.browser(), ann.email, ann.token, ann.id)
    assert problem(await without.switch(home)) == (401, "session_ended")
    # A cookie of one session with the access token of another.
    mixed = Somebody(desk, eve.browser, ann.email, ann.token, ann.id)
    assert problem(await mixed.switch(home)) == (401, "unauthenticated")
    assert problem(await ann.ask("POST", "/switch", json={"organisation_id": "main"})) == (422, "invalid_input")
    assert (await ann.role(), await eve.role()) == ("owner", "owner")
    assert await ann.organisation() == home


async def test_a_stolen_old_token_does_not_switch_and_ends_the_session(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    second, old = await make(ann, "Second"), ann.browser.token
    for _ in range(2):
        ann.take(await ann.browser.refresh())
    thief = Somebody(desk, desk.browser(), ann.email, ann.token, ann.id)
    thief.browser.http.cookies.set("outcry_refresh", old, domain="desk.example", path="/api/v1/auth")
    assert problem(await thief.switch(second)) == (401, "session_ended")
    assert (await ann.browser.get_me(ann.token)).status_code == 401
    assert len(await desk.events("auth.refresh_reused.v1")) == 1


async def test_a_lost_answer_of_a_switch_may_be_asked_for_again(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    second, kept, token = await make(ann, "Second"), ann.browser.token, ann.token
    assert (await ann.switch(second)).status_code == 200
    # The answer never came: the cookie is the one of before, and goes on where the session is now.
    ann.token = token
    assert (await ann.browser.get_me(token)).status_code == 401
    answer = await ann.browser.refresh(kept)
    assert (answer.status_code, answer.json()["me"]["organisation"]["id"]) == (200, second)


async def test_a_key_for_programs_stays_where_it_was_made(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    second = await make(ann, "Second")
    made = await ann.ask("POST", "/api-keys", json={"name": "k", "scopes": ["auth:organisation:read"]})
    program = Somebody(desk, ann.browser, ann.email, made.json()["token"], ann.id)
    assert problem(await program.switch(second)) == (403, "forbidden")
    assert problem(await program.accept("x")) == (403, "forbidden")
    assert problem(await program.ask("POST", "/organisations", json={"name": "Third"})) == (403, "forbidden")


async def test_a_session_that_moves_counts_against_the_plan_there(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    home, second = await ann.organisation(), await make(ann, "Second")
    there = []
    for number in range(PLANS["free"].sessions):
        desk.clock.advance(timedelta(seconds=1))
        one = await signed_in(desk, ann, f"198.51.100.{number}")
        await one.switch(second)
        there.append(one)
    await put_on(there[0], "free")
    desk.clock.advance(timedelta(seconds=1))
    assert await ann.organisation() == home
    assert (await ann.switch(second)).status_code == 200
    # One more than the plan has: the session that was seen least recently made room, and not the one that came.
    assert (await there[0].browser.get_me(there[0].token)).status_code == 401
    for one in (*there[1:], ann):
        assert await one.organisation() == second
    (ended,) = await desk.events("auth.session_ended.v1")
    assert ended.data["reason"] == "too_many"
    # Going where one already is needs no room.
    assert (await ann.switch(second)).status_code == 200
    assert len(await desk.events("auth.session_ended.v1")) == 1


async def signed_in(desk: Desk, somebody: Somebody, address: str) -> Somebody:
    """Return the same person with another browser."""
    browser = desk.browser(address=address)
    token = (await browser.sign_in(somebody.email)).json()["access_token"]
    return Somebody(desk, browser, somebody.email, token, somebody.id)


async def test_another_process_knows_at_once_where_a_session_went(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    second = await make(ann, "Second")
    elsewhere = await desk.open_again()
    before = ann.token
    assert (await elsewhere.browser().get_me(before)).status_code == 200
    await ann.switch(second)
    answer = await elsewhere.browser().get_me(ann.token)
    assert (answer.status_code, answer.json()["organisation"]["id"]) == (200, second)
    assert (await elsewhere.browser().get_me(before)).status_code == 401


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Zürich  Desk", "Zürich Desk"),
        ("Zu\u0308rich", "Zürich"),
        ("东京交易台", "东京交易台"),
        ("مكتب التداول", "مكتب التداول"),
        ("🦊", "🦊"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 80, "x" * 80),
    ],
)
async def test_names_may_be_in_any_writing(desk: Desk, name: str, kept: str) -> None:
    ann = await sign_up(desk, "Ann")
    answer = await ann.ask("PATCH", "/organisation", json={"name": name})
    assert (answer.status_code, answer.json()["name"]) == (200, kept)
    assert (await ann.get("/me"))["organisation"]["name"] == kept
    assert await changes(desk) == [("name", "", "")]


@pytest.mark.parametrize(
    "name", ["", " \t\n", "x" * 81, "A\u202eB", "\u0410nn", "\u200b\u2060", "\u3164", "\u0301", "\u202e"]
)
async def test_names_that_nobody_can_read_or_that_mislead_are_refused(desk: Desk, name: str) -> None:
    ann = await sign_up(desk, "Ann")
    for method, where in (("PATCH", "/organisation"), ("POST", "/organisations")):
        answer = await ann.ask(method, where, json={"name": name})
        assert problem(answer) == (422, "invalid_input")
        assert [entry["field"] for entry in answer.json()["errors"]] == ["name"]
    assert [entry["name"] for entry in await ann.get("/organisations")] == ["Ann's desk"]


async def test_a_person_owns_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisations, "MOST_OWNED", 2)
    ann = await sign_up(desk, "Ann")
    await make(ann, "Second")
    refused = await ann.ask("POST", "/organisations", json={"name": "Third"})
    assert problem(refused) == (409, "too_many_organisations")


async def test_a_plan_changes_while_everything_runs(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben", "admin")
    elsewhere = await desk.open_again()
    heard: list[str] = []
    for somebody in (ann, ben):
        await desk.realtime.follow_log(f"user:{somebody.id}", None, lambda update: heard.append(update.data))
    scope = "ai:model_server:manage"
    assert scope in (await elsewhere.browser().get_me(ann.token)).json()["permissions"]
    answer = await ben.ask("PUT", "/organisation/plan", json={"plan": "free"})
    assert answer.status_code == 200
    assert answer.json()["plan"] == "free"
    assert answer.json()["features"]["model_server"] == {"on": False, "by_plan": True}
    assert answer.json()["quotas"] == {
        "seats": {"used": 2, "limit": 3},
        "guests": {"used": 0, "limit": 0},
        "sessions": {"used": 1, "limit": 3},
        "api_keys": {"used": 0, "limit": 1},
    }
    assert heard == ['{"kind":"standing"}'] * 2
    assert scope not in (await desk.facade.authenticate(access_token=ann.token)).scopes
    desk.clock.advance(timedelta(seconds=1))
    assert scope not in (await elsewhere.facade.authenticate(access_token=ann.token)).scopes
    assert (await ben.ask("PUT", "/organisation/plan", json={"plan": "free"})).status_code == 200
    assert [change for change in await changes(desk) if change[0] == "plan"] == [("plan", "desk", "free")]
    assert problem(await ann.ask("PUT", "/organisation/plan", json={"plan": "gold"})) == (422, "invalid_input")


async def test_a_smaller_plan_removes_nobody_and_lets_nobody_in(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    people = [await join(ann, name) for name in ("Ben", "Cas", "Dan")]
    eve = await sign_up(desk, "Eve")
    token = await invite(ann, eve.email)
    await put_on(ann, "free")
    for somebody in people:
        assert await somebody.role() == "member"
    assert problem(await eve.accept(token)) == (409, "no_seat_left")
    for somebody in people[:2]:
        assert (await ann.ask("DELETE", f"/organisation/members/{somebody.id}")).status_code == 204
    assert (await eve.accept(token)).status_code == 200


async def test_an_admin_switches_features(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    where, scope = "/organisation/features/replay", "charts:replay:control"
    for on, view, has in (
        (False, {"on": False, "by_plan": False}, False),
        (True, {"on": True, "by_plan": False}, True),
        (None, {"on": True, "by_plan": True}, True),
        (None, {"on": True, "by_plan": True}, True),
    ):
        answer = await ann.ask("PUT", where, json={"on": on})
        assert (answer.status_code, answer.json()["features"]["replay"]) == (200, view)
        assert (scope in (await desk.facade.authenticate(access_token=ann.token)).scopes) == has
    assert await changes(desk) == [
        ("feature:replay", "plan", "off"),
        ("feature:replay", "off", "on"),
        ("feature:replay", "on", "plan"),
    ]


@pytest.mark.parametrize(
    ("feature", "body", "expected"),
    [
        ("gold", {"on": True}, (404, "feature_not_found")),
        ("guests", {}, (422, "invalid_input")),
        ("guests", {"on": "yes"}, (422, "invalid_input")),
        ("guests", {"on": 1}, (422, "invalid_input")),
        ("x" * 81, {"on": True}, (422, "invalid_input")),
    ],
)
async def test_what_is_no_feature_is_refused(
    desk: Desk, feature: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    ann = await sign_up(desk, "Ann")
    assert problem(await ann.ask("PUT", f"/organisation/features/{feature}", json=body)) == expected
    assert await changes(desk) == []


async def test_no_other_organisation_is_changed(desk: Desk) -> None:
    ann, eve = await sign_up(desk, "Ann"), await sign_up(desk, "Eve")
    before = await ann.get("/organisation")
    await eve.ask("PATCH", "/organisation", json={"name": "Evil"})
    await put_on(eve, "free")
    await eve.ask("PUT", "/organisation/features/guests", json={"on": False})
    assert await ann.get("/organisation") == before


async def test_a_disabled_member_does_not_come_back_by_switching(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    second = await make(ann, "Second")
    async with desk.database.transaction() as transaction:
        away = update(MembershipRow).where(MembershipRow.organisation_id == UUID(second))
        await transaction.session.execute(away.values(disabled_at=desk.clock.now()))
    assert problem(await ann.switch(second)) == (404, "organisation_not_found")
    assert len(await ann.get("/organisations")) == 1
