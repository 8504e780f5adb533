"""Confirming and changing an address, and putting an old one back."""

from datetime import timedelta

import httpx

from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.test_recovery import ask, bearer, finish, token_of


async def sign_up(desk: Desk, email: str = "ann@example.com", name: str = "Ann Lee") -> tuple[Browser, dict[str, str]]:
    browser = desk.browser()
    response = await browser.register(email=email, name=name)
    return browser, bearer(response.json()["access_token"])


async def change(desk: Desk, browser: Browser, headers: dict[str, str], email: str) -> str:
    """Ask for another address; return the token of the link that goes to it."""
    response = await browser.http.post("/me/email", json={"email": email}, headers=headers)
    assert (response.status_code, response.json()) == (202, {"kind": "confirmation_sent"})
    mail = (await desk.deliver())[-1]
    assert mail.to == email
    return token_of(mail.text, "/email")


async def confirm(desk: Desk, token: str) -> httpx.Response:
    return await desk.browser().http.post("/email/confirm", json={"token": token})


async def test_an_address_is_confirmed(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    assert (await browser.http.get("/me", headers=headers)).json()["email_verified"] is False
    assert (await browser.http.post("/me/email/verify", headers=headers)).status_code == 202
    token = token_of((await desk.deliver())[-1].text, "/email")
    assert (await confirm(desk, token)).status_code == 204
    assert (await browser.http.get("/me", headers=headers)).json()["email_verified"] is True
    again = await confirm(desk, token)
    assert (again.status_code, again.json()["code"]) == (410, "link_invalid")
    (changed,) = await desk.events("auth.person_changed.v1")
    assert changed.data["fields"] == ["email"]
    assert "example.com" not in str(changed.data)


async def test_an_address_changes_when_the_new_one_is_confirmed(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    token = await change(desk, browser, headers, "lee@example.com")
    assert (await desk.browser().sign_in()).status_code == 200
    assert (await confirm(desk, token)).status_code == 204
    assert (await desk.browser().sign_in(email="lee@example.com")).status_code == 200
    assert (await desk.browser().sign_in()).status_code == 401
    told = (await desk.deliver())[-1]
    assert (told.to, told.subject) == ("ann@example.com", "The e-mail address of your account was changed")
    assert "lee@example.com" not in told.text


async def test_the_old_address_puts_itself_back(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    await confirm(desk, await change(desk, browser, headers, "thief@example.com"))
    undo = token_of((await desk.deliver())[-1].text, "/email")
    desk.clock.advance(timedelta(days=6))
    thief = desk.browser(address="198.51.100.1")
    stolen = bearer((await thief.sign_in(email="thief@example.com")).json()["access_token"])
    await confirm(desk, await change(desk, thief, stolen, "thief2@example.com"))
    later = token_of((await desk.deliver())[-1].text, "/email")
    assert (await confirm(desk, undo)).status_code == 204
    assert (await thief.refresh()).status_code == 401
    assert (await confirm(desk, later)).status_code == 410
    restored = (await desk.deliver())[-1]
    assert (restored.to, restored.subject) == ("ann@example.com", "Your e-mail address was put back")
    assert (await finish(desk.browser(), await ask(desk, desk.browser()))).status_code == 200


async def test_a_thief_cannot_end_the_owners_way_back(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    await confirm(desk, await change(desk, browser, headers, "thief@example.com"))
    undo = token_of((await desk.deliver())[-1].text, "/email")
    await confirm(desk, await change(desk, browser, headers, "thief2@example.com"))
    later = token_of((await desk.deliver())[-1].text, "/email")
    assert (await confirm(desk, later)).status_code == 204
    assert (await confirm(desk, undo)).status_code == 204
    assert (await desk.browser().sign_in()).status_code == 200


async def test_the_way_back_ends_after_a_week(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    await confirm(desk, await change(desk, browser, headers, "lee@example.com"))
    undo = token_of((await desk.deliver())[-1].text, "/email")
    desk.clock.advance(timedelta(days=7))
    assert (await confirm(desk, undo)).status_code == 410


async def test_an_address_that_somebody_has_is_answered_alike(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    await sign_up(desk, "bob@example.com", "Bob")
    before = len(await desk.events())
    response = await browser.http.post("/me/email", json={"email": "bob@example.com"}, headers=headers)
    assert (response.status_code, response.json()) == (202, {"kind": "confirmation_sent"})
    assert len(await desk.events()) == before + 1
    mail = (await desk.deliver())[-1]
    assert (mail.to, mail.subject) == ("bob@example.com", "Somebody wanted to use your address")
    assert "#" not in mail.text
    assert (await desk.browser().sign_in(email="bob@example.com")).json()["me"]["person"]["name"] == "Bob"


async def test_an_address_that_was_taken_meanwhile_is_refused_and_nothing_changes(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    token = await change(desk, browser, headers, "new@example.com")
    await sign_up(desk, "new@example.com", "Newt")
    refused = await confirm(desk, token)
    assert (refused.status_code, refused.json()["code"]) == (409, "email_taken")
    assert (await desk.browser().sign_in()).status_code == 200
    assert (await desk.browser().sign_in(email="new@example.com")).json()["me"]["person"]["name"] == "Newt"


async def test_links_end_with_time_and_with_the_change_of_the_address(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    recovery = await ask(desk, browser)
    await browser.http.post("/me/email/verify", headers=headers)
    verify = token_of((await desk.deliver())[-1].text, "/email")
    late = await change(desk, browser, headers, "late@example.com")
    first = await change(desk, browser, headers, "first@example.com")
    assert (await confirm(desk, first)).status_code == 204
    for token in (verify, late):
        assert (await confirm(desk, token)).status_code == 410
    assert (await finish(desk.browser(), recovery)).status_code == 410
    slow = await change(desk, browser, headers, "slow@example.com")
    desk.clock.advance(timedelta(minutes=30))
    assert (await confirm(desk, slow)).status_code == 410


async def test_changing_needs_a_fresh_factor_and_a_session(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    desk.clock.advance(timedelta(minutes=5))
    refused = await browser.http.post("/me/email", json={"email": "lee@example.com"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    for path in ("/me/email", "/me/email/verify"):
        assert (await browser.http.post(path, json={"email": "lee@example.com"})).status_code == 401
    assert await desk.deliver() == []
