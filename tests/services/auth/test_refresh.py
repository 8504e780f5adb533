"""Refresh tokens: a lost answer may be asked for again, two tabs may ask at once, a thief ends the session."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from outcry.kit.errors import UnauthenticatedError
from outcry.services.auth.models.access import RefreshTokenRow, SessionRow
from outcry.services.auth.models.people import MembershipRow, PersonRow
from tests.services.auth.conftest import Browser, Desk

SECOND = timedelta(seconds=1)


async def signed_in(desk: Desk) -> Browser:
    browser = desk.browser()
    assert (await browser.register()).status_code == 201
    return browser


async def test_each_refresh_gives_a_new_pair(desk: Desk) -> None:
    browser = desk.browser()
    registered = await browser.register()
    seen = {browser.token}
    for _ in range(5):
        desk.clock.advance(timedelta(hours=1))
        response = await browser.refresh()
        assert response.status_code == 200
        assert response.json()["me"] == registered.json()["me"]
        principal = await desk.authenticate(response)
        assert (await browser.get_me(response.json()["access_token"])).status_code == 200
        seen.add(browser.token)
    assert len(seen) == 6
    assert principal.session_id == (await _only_session(desk)).id


async def _only_session(desk: Desk) -> SessionRow:
    async with desk.database.reading() as session:
        return (await session.scalars(select(SessionRow))).one()


async def test_a_lost_answer_may_be_asked_for_again(desk: Desk) -> None:
    browser = await signed_in(desk)
    kept = browser.token
    for _ in range(4):
        lost = await browser.refresh(kept)
        assert lost.status_code == 200
    went_on = await browser.refresh(browser.token)
    assert went_on.status_code == 200
    assert (await _only_session(desk)).ended_at is None


async def test_two_tabs_that_ask_at_once_both_stay(desk: Desk) -> None:
    browser = await signed_in(desk)
    for _ in range(5):
        # Tabs share their cookies; whichever answer comes last is what both go on with.
        tabs = await asyncio.gather(*(browser.refresh() for _ in range(4)))
        assert [tab.status_code for tab in tabs] == [200] * 4
        for tab in tabs:
            assert (await browser.get_me(tab.json()["access_token"])).status_code == 200
        assert len({tab.json()["access_token"] for tab in tabs}) == 4
    assert (await _only_session(desk)).ended_at is None
    assert await desk.events("auth.refresh_reused.v1") == []


async def test_a_parent_after_its_child_was_used_ends_the_family(desk: Desk) -> None:
    browser = await signed_in(desk)
    stolen = browser.token
    await browser.refresh()
    response = await browser.refresh()
    current = browser.token
    thief = desk.browser(address="198.51.100.66")
    refused = await thief.refresh(stolen)
    assert refused.status_code == 401
    assert refused.json()["code"] == "session_ended"
    assert "set-cookie" not in refused.headers
    assert (await browser.refresh(current)).status_code == 401
    with pytest.raises(UnauthenticatedError):
        await desk.authenticate(response)
    row = await _only_session(desk)
    assert row.end_reason == "refresh_reused"
    (event,) = await desk.events("auth.refresh_reused.v1")
    assert event.data == {"person_id": str(row.person_id), "session_id": str(row.id)}
    assert event.address == "198.51.100.66"
    assert event.tenant_id == row.organisation_id


async def test_a_thief_who_is_first_is_found_out_by_the_owner(desk: Desk) -> None:
    owner, thief = await signed_in(desk), desk.browser(address="198.51.100.66")
    stolen = owner.token
    assert (await thief.refresh(stolen)).status_code == 200
    assert (await thief.refresh()).status_code == 200
    assert (await owner.refresh()).status_code == 401
    assert (await thief.refresh()).status_code == 401
    assert len(await desk.events("auth.refresh_reused.v1")) == 1


async def test_two_children_cannot_both_go_on(desk: Desk) -> None:
    owner, thief = await signed_in(desk), desk.browser(address="198.51.100.66")
    stolen = owner.token
    assert (await thief.refresh(stolen)).status_code == 200
    assert (await owner.refresh(stolen)).status_code == 200
    assert (await owner.refresh()).status_code == 200
    assert (await thief.refresh()).status_code == 401
    assert (await owner.refresh()).status_code == 401


async def test_of_two_children_used_at_once_one_goes_on_and_it_is_told(desk: Desk) -> None:
    browser = await signed_in(desk)
    parent = browser.token
    children = []
    for _ in range(2):
        await browser.refresh(parent)
        children.append(browser.token)
    responses = await asyncio.gather(*(desk.browser().refresh(child) for child in children))
    assert sorted(response.status_code for response in responses) == [200, 401]
    assert (await _only_session(desk)).end_reason == "refresh_reused"


async def test_one_stolen_family_leaves_other_sessions_alone(desk: Desk) -> None:
    laptop, phone = await signed_in(desk), desk.browser()
    await phone.sign_in()
    stolen = laptop.token
    await laptop.refresh()
    await laptop.refresh()
    assert (await desk.browser().refresh(stolen)).status_code == 401
    assert (await phone.refresh()).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5_000, "ä", "../..", "null", "' OR 1=1 --"])
async def test_what_is_no_token_changes_nothing(desk: Desk, token: str) -> None:
    browser = await signed_in(desk)
    header = [(b"X-Outcry", b"1"), (b"Cookie", f"outcry_refresh={token}".encode("latin-1"))]
    response = await desk.browser().http.post("/refresh", headers=header)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert (await browser.refresh()).status_code == 200


async def test_without_a_cookie_there_is_no_session(desk: Desk) -> None:
    response = await desk.browser().refresh()
    assert (response.status_code, response.json()["code"]) == (401, "session_ended")


async def test_who_is_away_too_long_signs_in_anew(desk: Desk) -> None:
    browser = await signed_in(desk)
    desk.clock.advance(timedelta(days=14) - SECOND)
    assert (await browser.refresh()).status_code == 200
    token = browser.token
    desk.clock.advance(timedelta(days=14))
    assert (await browser.refresh(token)).status_code == 401
    assert await desk.events("auth.refresh_reused.v1") == []


async def test_everybody_signs_in_anew_in_the_end(desk: Desk) -> None:
    browser = await signed_in(desk)
    for _ in range(4):
        desk.clock.advance(timedelta(days=7))
        response = await browser.refresh()
        assert response.status_code == 200
    assert "Max-Age=172800" in response.headers["set-cookie"]
    token = browser.token
    desk.clock.advance(timedelta(days=2))
    assert (await browser.refresh(token)).status_code == 401
    with pytest.raises(UnauthenticatedError):
        await desk.authenticate(response)


async def test_tokens_that_are_too_old_are_forgotten(desk: Desk) -> None:
    browser = await signed_in(desk)
    for _ in range(3):
        desk.clock.advance(timedelta(days=9))
        await browser.refresh()
    async with desk.database.reading() as session:
        count = await session.scalar(select(func.count()).select_from(RefreshTokenRow))
    assert count == 2


async def test_who_is_disabled_or_left_gets_nothing(desk: Desk) -> None:
    disabled, left = update(PersonRow).values(disabled_at=desk.clock.now()), delete(MembershipRow)
    for email, change in (("ann@example.com", disabled), ("bob@example.com", left)):
        browser = desk.browser()
        response = await browser.register(email=email)
        assert (await browser.get_me(response.json()["access_token"])).status_code == 200
        async with desk.database.transaction() as transaction:
            await transaction.session.execute(change)
        assert (await browser.refresh()).status_code == 401
        desk.clock.advance(SECOND)
        with pytest.raises(UnauthenticatedError):
            await desk.authenticate(response)


async def test_signing_out_ends_the_session_at_once(desk: Desk) -> None:
    browser = desk.browser()
    response = await browser.register()
    await desk.authenticate(response)
    token = browser.token
    out = await browser.sign_out()
    assert out.status_code == 204
    assert 'outcry_refresh=""' in out.headers["set-cookie"]
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert "outcry_refresh" not in browser.http.cookies
    with pytest.raises(UnauthenticatedError):
        await desk.authenticate(response)
    assert (await browser.refresh(token)).status_code == 401
    row = await _only_session(desk)
    assert row.end_reason == "signed_out"
    (event,) = await desk.events("auth.signed_out.v1")
    assert event.data == {"person_id": str(row.person_id), "session_id": str(row.id)}
    assert event.actor_id == UUID(event.data["person_id"])


async def test_signing_out_twice_or_without_a_session_is_nothing(desk: Desk) -> None:
    browser = await signed_in(desk)
    token = browser.token
    for _ in range(2):
        browser.http.cookies.set("outcry_refresh", token, domain="desk.example", path="/api/v1/auth")
        assert (await browser.sign_out()).status_code == 204
    assert (await desk.browser().sign_out()).status_code == 204
    assert len(await desk.events("auth.signed_out.v1")) == 1


async def test_signing_out_ends_one_device_only(desk: Desk) -> None:
    laptop, phone = await signed_in(desk), desk.browser()
    response = await phone.sign_in()
    await laptop.sign_out()
    desk.clock.advance(SECOND)
    assert (await phone.get_me(response.json()["access_token"])).status_code == 200


async def test_it_takes_hold_within_a_second_in_other_processes(desk: Desk) -> None:
    other = await desk.open_again()
    browser = desk.browser()
    response = await browser.register()
    await other.authenticate(response)
    await browser.sign_out()
    desk.clock.advance(SECOND)
    with pytest.raises(UnauthenticatedError):
        await other.authenticate(response)


async def test_another_process_refreshes_the_same_session(desk: Desk) -> None:
    other = await desk.open_again()
    browser = await signed_in(desk)
    response = await other.browser().refresh(browser.token)
    assert response.status_code == 200
    assert (await desk.authenticate(response)) == (await other.authenticate(response))


async def test_refresh_and_sign_out_in_a_race_leave_no_live_session(desk: Desk) -> None:
    for number in range(5):
        browser = desk.browser()
        await browser.register(email=f"p{number}@example.com")
        token = browser.token
        refreshed, _ = await asyncio.gather(desk.browser().refresh(token), browser.sign_out())
        desk.clock.advance(SECOND)
        if refreshed.status_code == 200:
            with pytest.raises(UnauthenticatedError):
                await desk.authenticate(refreshed)
        assert (await desk.browser().refresh(token)).status_code == 401


@pytest.mark.parametrize("path", ["/refresh", "/sign-out"])
@pytest.mark.parametrize("header", [None, "", "0", "true", "1, 1"])
async def test_a_page_of_another_site_can_do_nothing(desk: Desk, path: str, header: str | None) -> None:
    browser = await signed_in(desk)
    before = browser.token
    headers = {} if header is None else {"X-Outcry": header}
    response = await browser.http.post(path, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert browser.token == before
    assert (await browser.refresh()).status_code == 200


async def test_a_token_in_the_body_or_the_address_is_not_taken(desk: Desk) -> None:
    token = (await signed_in(desk)).token
    http = desk.browser().http
    response = await http.post(
        f"/refresh?outcry_refresh={token}",
        json={"refresh_token": token, "outcry_refresh": token},
        headers={"X-Outcry": "1", "Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 401


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_the_cookie_is_out_of_reach(desk: Desk, scheme: str, secure: bool) -> None:
    browser = desk.browser(scheme=scheme)
    responses = [await browser.register(), await browser.sign_in(), await browser.refresh()]
    for response in responses:
        first, *others = response.headers.get_list("set-cookie")
        name, *attributes = [part.strip() for part in first.split(";")]
        for other in others:  # the one that only the throttle reads
            assert other.startswith("outcry_browser=")
            assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in other.split(";")}
            assert ("Secure" in other) is secure
        assert name.startswith("outcry_refresh=")
        assert len(name.partition("=")[2]) == 43
        expected = {"HttpOnly", "Max-Age=1209600", "Path=/api/v1/auth", "SameSite=strict"}
        assert set(attributes) == expected | ({"Secure"} if secure else set())
        assert response.headers["cache-control"] == "no-store"
        assert name.partition("=")[2] not in response.text
    out = await browser.sign_out()
    assert ("Secure" in out.headers["set-cookie"]) is secure
