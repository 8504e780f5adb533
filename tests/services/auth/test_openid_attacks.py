"""What somebody may try at the ends of a trip to a provider: it is refused, and the browser lands on our page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import func, select

from outcry.services.auth import throttle
from outcry.services.auth.commands.openid import TRIP
from outcry.services.auth.events import CredentialChanged
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.models.factors import DeviceRow, IdentityRow, TotpRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.tickets import fingerprint
from tests.adapters_support.openid_server import OpenidServer, visit
from tests.adapters_support.web_server import Reply
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.test_openid import (
    landing,
    link,
    me_of,
    provider_settings,
    registered,
    sign_in,
    start,
)
from tests.services.auth.test_recovery import ask, finish
from tests.services.people import FAST

LOST = "/sign-in#problem=sign_in_lost"
PATH = "/oidc/corp/callback"


@pytest.fixture
async def corp() -> AsyncIterator[OpenidServer]:
    """A provider that the operator trusts."""
    async with OpenidServer() as server:
        yield server


@pytest.fixture
async def evil() -> AsyncIterator[OpenidServer]:
    """A provider that is configured too, and belongs to somebody who means harm."""
    async with OpenidServer() as server:
        yield server


@pytest.fixture
def settings(corp: OpenidServer, evil: OpenidServer) -> AuthSettings:
    """Both providers beside the usual settings."""
    providers = (provider_settings(corp, "corp", trusted=True), provider_settings(evil, "evil", trusted=True))
    return FAST.model_copy(update={"oidc": providers})


async def nobody_came_in(desk: Desk, browser: Browser) -> bool:
    async with desk.database.reading() as session:
        people = await session.scalar(select(func.count()).select_from(PersonRow))
        sessions = await session.scalar(select(func.count()).select_from(SessionRow))
    return (people, sessions) == (0, 0) and "outcry_refresh" not in browser.http.cookies


def with_query(url: str, **changed: str | None) -> str:
    """Return an address with some of its parameters changed, or taken away."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} | changed
    return f"{url.partition('?')[0]}?{urlencode({name: value for name, value in query.items() if value is not None})}"


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=", "?code=x&state=made-up", "?code=x&state=" + "s" * 5_000, "?state=%00&code=%00"],
)
async def test_coming_back_without_having_left_is_refused(desk: Desk, query: str) -> None:
    browser = desk.browser()
    assert landing(await browser.http.get(PATH + query)) == LOST
    assert await nobody_came_in(desk, browser)
    (event,) = await desk.events("auth.sign_in_failed.v1")
    assert "made-up" not in str(event)


async def test_the_state_of_another_trip_is_refused(desk: Desk) -> None:
    browser = desk.browser()
    back = await visit(await start(browser))
    await start(browser)
    assert landing(await browser.http.get(with_query(back, state="s" * 43))) == LOST
    assert await nobody_came_in(desk, browser)


async def test_a_link_that_somebody_else_prepared_is_refused(desk: Desk) -> None:
    """Login CSRF: the victim's browser must not end up in the attacker's account."""
    attacker, victim = desk.browser(), desk.browser()
    back = await visit(await start(attacker))
    await start(victim)
    assert landing(await victim.http.get(back)) == LOST
    assert await nobody_came_in(desk, victim)
    assert landing(await attacker.http.get(back)) == LOST  # it is used up for everybody


async def test_an_answer_is_taken_once(desk: Desk) -> None:
    browser = desk.browser()
    back = await visit(await start(browser))
    cookies = dict(browser.http.cookies)
    assert landing(await browser.http.get(back)) == "/rooms"
    browser.http.cookies.clear()
    for name, value in cookies.items():
        browser.http.cookies.set(name, value, domain="desk.example", path="/api/v1/auth")
    assert landing(await browser.http.get(back)) == LOST
    assert "outcry_refresh" not in browser.http.cookies


async def test_who_takes_too_long_begins_again(desk: Desk) -> None:
    browser = desk.browser()
    back = await visit(await start(browser))
    desk.clock.advance(TRIP)
    assert landing(await browser.http.get(back)) == LOST
    assert await nobody_came_in(desk, browser)


async def test_two_trips_at_once_do_not_get_in_each_others_way(desk: Desk) -> None:
    browser = desk.browser()
    first, second = await start(browser), await start(browser, path="/charts")
    assert landing(await browser.http.get(await visit(second))) == "/charts"
    assert landing(await browser.http.get(await visit(first))) == "/rooms"


async def test_an_answer_at_another_providers_address_is_refused(desk: Desk, evil: OpenidServer) -> None:
    """Mix-up (RFC 9700, section 4.4): the code of one provider must never be shown to another."""
    browser = desk.browser()
    back = await visit(await start(browser))
    assert landing(await browser.http.get(back.replace("/oidc/corp/", "/oidc/evil/"))) == LOST
    assert "/token" not in evil.paths()
    assert await nobody_came_in(desk, browser)


async def test_an_answer_that_names_another_issuer_is_refused(
    desk: Desk, corp: OpenidServer, evil: OpenidServer
) -> None:
    browser = desk.browser()
    back = await visit(await start(browser))
    response = await browser.http.get(with_query(back, iss=evil.url))
    assert landing(response) == "/sign-in#problem=identity_refused"
    assert "/token" not in (*corp.paths(), *evil.paths())
    assert await nobody_came_in(desk, browser)


async def test_the_same_subject_at_another_issuer_is_somebody_else(
    desk: Desk, corp: OpenidServer, evil: OpenidServer
) -> None:
    ann, other = desk.browser(), desk.browser()
    await sign_in(ann)
    evil.person |= {"email": "evil@example.com"}
    await sign_in(other, "evil")
    assert (await me_of(ann))["person"] != (await me_of(other))["person"]


async def test_a_code_of_another_persons_trip_proves_nothing(desk: Desk, corp: OpenidServer) -> None:
    """Code injection (RFC 9700, section 4.5): PKCE binds the code to the trip that it was given on."""
    attacker, victim = desk.browser(), desk.browser()
    stolen = parse_qs(urlsplit(await visit(await start(victim))).query)["code"][0]
    back = await visit(await start(attacker))
    assert landing(await attacker.http.get(with_query(back, code=stolen))) == "/sign-in#problem=identity_refused"
    assert await nobody_came_in(desk, attacker)


async def test_saying_no_at_the_provider_is_said(desk: Desk, corp: OpenidServer) -> None:
    browser = desk.browser()
    corp.back = {"code": "", "error": "access_denied", "error_description": "<script>alert(1)</script>"}
    assert landing(await sign_in(browser)) == "/sign-in#problem=provider_denied"
    assert await nobody_came_in(desk, browser)


@pytest.mark.parametrize("path", ["/token", "/jwks"])
async def test_a_provider_that_fails_leaves_nothing_behind(desk: Desk, corp: OpenidServer, path: str) -> None:
    browser = desk.browser()
    corp.replies[path] = Reply(500, b"secret-detail")
    assert landing(await sign_in(browser)) == "/sign-in#problem=unavailable"
    assert await nobody_came_in(desk, browser)


async def test_a_provider_that_is_not_there_is_a_problem_document(desk: Desk, corp: OpenidServer) -> None:
    corp.replies["/.well-known/openid-configuration"] = Reply(500)
    response = await desk.browser().http.post("/oidc/corp/start", json={"next": "/"})
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "/rooms\x00",
        "/\u2028/evil.example",
        "javascript:alert(1)",
        "rooms",
        "",
        " /rooms",
        "/rooms#problem=x",
        "/a\\b",
        "/" + "a" * 600,
    ],
)
async def test_only_a_path_of_ours_is_gone_to_afterwards(desk: Desk, path: str) -> None:
    browser, token = await registered(desk)
    for address in ("/oidc/corp/start", "/factors/identities/corp/start"):
        response = await browser.http.post(address, json={"next": path}, headers={"Authorization": f"Bearer {token}"})
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input")
        assert response.json()["errors"][0]["field"] == "next"


@pytest.mark.parametrize("path", ["/", "/c/0199?at=5&x=%2F%2Fevil.example", "/~ann/a.b"])
async def test_a_path_of_ours_is_gone_to(desk: Desk, path: str) -> None:
    assert landing(await sign_in(desk.browser(), path=path)) == path


@pytest.mark.parametrize("name", ["nobody", "..", "corp%2F..%2Fevil", "Corp", "x" * 300])
async def test_a_provider_that_is_not_configured_is_not_there(desk: Desk, name: str) -> None:
    browser = desk.browser()
    assert (await browser.http.post(f"/oidc/{name}/start", json={"next": "/"})).status_code == 404
    assert (await browser.http.get(f"/oidc/{name}/callback?code=x&state=y")).status_code in (303, 404)


async def test_a_stranger_begins_only_so_many_trips(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_CHALLENGES", 5)
    browser = desk.browser()
    answers = [await browser.http.post("/oidc/corp/start", json={"next": "/"}) for _ in range(6)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "rate_limited")
    other = desk.browser(address="198.51.100.9")
    assert landing(await sign_in(other)) == "/rooms"


async def test_a_trip_cannot_be_begun_by_a_form_of_another_site(desk: Desk) -> None:
    response = await desk.browser().http.post("/oidc/corp/start", data={"next": "/"})
    assert response.status_code == 415


async def test_the_session_that_the_browser_had_ends(desk: Desk) -> None:
    browser, token = await registered(desk)
    old = browser.token
    assert landing(await sign_in(browser)) == "/rooms"
    assert (await browser.get_me(token)).status_code == 401
    assert (await desk.browser().refresh(old)).status_code == 401
    (event,) = await desk.events("auth.session_ended.v1")
    assert "replaced" in str(event)


async def test_connecting_leaves_the_session_alone(desk: Desk) -> None:
    browser, token = await registered(desk)
    assert landing(await link(browser, token)) == "/account"
    assert (await browser.get_me(token)).status_code == 200


async def test_a_remembered_device_need_not_show_the_second_factor(desk: Desk) -> None:
    _, token = await registered(desk)
    person_id = (await desk.facade.authenticate(access_token=token)).user_id
    now = desk.clock.now()
    device = DeviceRow(
        id=person_id,
        person_id=person_id,
        token_hash=fingerprint("a device"),
        user_agent="",
        address="203.0.113.7",
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=1),
    )
    async with desk.database.transaction() as transaction:
        transaction.session.add(TotpRow(person_id=person_id, sealed_seed=b"x", last_step=0, created_at=now))
        transaction.session.add(device)
    known, other = desk.browser(), desk.browser()
    known.http.cookies.set("outcry_device", "a device", domain="desk.example", path="/api/v1/auth")
    assert landing(await sign_in(known)) == "/rooms"
    assert landing(await sign_in(other)).startswith("/sign-in#factor=")


async def test_who_waits_in_an_account_with_anothers_address_is_out_once_its_owner_recovers_it(
    desk: Desk, evil: OpenidServer
) -> None:
    """Pre-hijacking by a trojan identifier: what was set up before the address was proved lets nobody in."""
    attacker, token = await registered(desk, verified=False)
    evil.person |= {"email": "evil@example.com"}
    assert landing(await link(attacker, token, "evil")) == "/account"
    headers = {"Authorization": f"Bearer {token}"}
    body = {"name": "back door", "scopes": ["auth:me:read"]}
    key = (await attacker.http.post("/api-keys", json=body, headers=headers)).json()["token"]
    assert (await desk.browser().get_me(key)).status_code == 200
    owner = desk.browser()
    recovery = await ask(desk, owner)
    assert (await finish(owner, recovery)).status_code == 200
    acts = [event.open(CredentialChanged) for event in await desk.events("auth.credential_changed.v1")]
    assert [act.what for act in acts if act.act == "removed"] == ["identity"]
    assert [key.data["act"] for key in await desk.events("auth.api_key_changed.v1")] == ["removed"]
    assert (await desk.browser().get_me(key)).status_code == 401
    again = desk.browser()
    assert landing(await sign_in(again, "evil")) == "/rooms"  # into an account of their own
    assert (await me_of(again))["person"] != (await me_of(owner))["person"]


async def test_what_was_connected_after_the_address_was_proved_stays(desk: Desk) -> None:
    browser, token = await registered(desk)
    assert landing(await link(browser, token)) == "/account"
    assert (await finish(desk.browser(), await ask(desk, desk.browser()))).status_code == 200
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(IdentityRow)) == 1


async def test_two_browsers_with_the_same_new_identity_get_one_account(desk: Desk) -> None:
    browsers = [desk.browser() for _ in range(4)]
    landed = await asyncio.gather(*(sign_in(browser) for browser in browsers))
    assert {landing(response) for response in landed} == {"/rooms"}
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1
        assert await session.scalar(select(func.count()).select_from(IdentityRow)) == 1
