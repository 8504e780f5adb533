"""Links in mails: what they do, once, for whom, and what they never do."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, func, insert, select, update

from outcry.kit.ids import new_id
from outcry.services.auth.models.access import SessionRow, TicketRow
from outcry.services.auth.models.factors import CredentialRow, DeviceRow, PasskeyRow, TotpRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.tickets import fingerprint
from tests.services.auth.conftest import PASSWORD, Browser, Desk

NEW = "nine yellow kettles hum softly"
SHORT = "kettle-hum-9"


def token_of(text: str, page: str) -> str:
    """Return the token of the one link to a page in a mail's text."""
    found = [word for word in text.split() if word.startswith(f"http://desk.example{page}#")]
    assert len(found) == 1, text
    return found[0].partition("#")[2]


async def ask(desk: Desk, browser: Browser, email: str = "ann@example.com") -> str:
    """Ask for a new password; return the token of the mail that goes out."""
    response = await browser.http.post("/recover", json={"email": email})
    assert response.status_code == 202, response.text
    return token_of((await desk.deliver())[-1].text, "/recover")


async def finish(browser: Browser, token: str, password: str = NEW) -> httpx.Response:
    return await browser.http.post("/recover/finish", json={"token": token, "password": password})


async def add_totp(desk: Desk, person_id: UUID) -> None:
    values = {"person_id": person_id, "sealed_seed": b"sealed", "created_at": desk.clock.now()}
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(insert(TotpRow).values(values))


async def add_passkey(desk: Desk, person_id: UUID) -> None:
    values = {
        "id": new_id(),
        "person_id": person_id,
        "credential_id": new_id().bytes,
        "public_key": b"key",
        "sign_count": 0,
        "transports": [],
        "backed_up": False,
        "name": "Phone",
        "created_at": desk.clock.now(),
    }
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(insert(PasskeyRow).values(values))


def id_of(response: httpx.Response) -> UUID:
    return UUID(response.json()["me"]["person"]["id"])


async def test_a_link_chooses_a_new_password_and_ends_the_other_sessions(desk: Desk) -> None:
    old = desk.browser()
    registered = await old.register()
    browser = desk.browser()
    response = await finish(browser, await ask(desk, browser))
    assert response.status_code == 200
    assert response.json()["me"]["email_verified"] is True
    assert (await old.refresh()).status_code == 401
    assert (await old.get_me(registered.json()["access_token"])).status_code == 401
    assert (await browser.refresh()).status_code == 200
    assert (await desk.browser().sign_in()).status_code == 401
    assert (await desk.browser().sign_in(password=NEW)).status_code == 200


async def test_it_is_told_by_mail_and_event(desk: Desk) -> None:
    registered = await desk.browser().register()
    browser = desk.browser(address="198.51.100.4")
    await finish(browser, await ask(desk, browser))
    (changed,) = await desk.events("auth.credential_changed.v1")
    assert changed.data == {
        "person_id": str(id_of(registered)),
        "what": "password",
        "act": "changed",
    }
    assert changed.address == "198.51.100.4"
    assert changed.tenant_id == UUID(registered.json()["me"]["organisation"]["id"])
    assert [event.data["reason"] for event in await desk.events("auth.session_ended.v1")] == ["recovered"]
    mail = (await desk.deliver())[-1]
    assert (mail.to, mail.subject) == ("ann@example.com", "Your password was changed")
    assert "#" not in mail.text


async def test_a_link_works_once(desk: Desk) -> None:
    await desk.browser().register()
    browser = desk.browser()
    token = await ask(desk, browser)
    assert (await finish(browser, token)).status_code == 200
    again = await finish(desk.browser(), token, "eleven green ladders lean left")
    assert (again.status_code, again.json()["code"]) == (410, "link_invalid")
    assert (await desk.browser().sign_in(password=NEW)).status_code == 200


async def test_of_two_who_use_a_link_at_once_one_wins(desk: Desk) -> None:
    await desk.browser().register()
    token = await ask(desk, desk.browser())
    answers = await asyncio.gather(*(finish(desk.browser(), token, f"{n} green ladders lean left") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]
    won = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
    assert (await desk.browser().sign_in(password=f"{won} green ladders lean left")).status_code == 200


async def test_a_link_ends_after_half_an_hour(desk: Desk) -> None:
    await desk.browser().register()
    token = await ask(desk, desk.browser())
    desk.clock.advance(timedelta(minutes=30))
    assert (await finish(desk.browser(), token)).status_code == 410
    assert (await desk.browser().sign_in()).status_code == 200


async def test_every_link_ends_with_the_first_that_is_used(desk: Desk) -> None:
    await desk.browser().register()
    first, second = await ask(desk, desk.browser()), await ask(desk, desk.browser())
    assert (await finish(desk.browser(), first)).status_code == 200
    assert (await finish(desk.browser(), second, PASSWORD)).status_code == 410


async def test_a_refused_password_leaves_the_link(desk: Desk) -> None:
    await desk.browser().register()
    token = await ask(desk, desk.browser())
    for password in ("short", "annlee and the purple trams", SHORT, "a" * 20):
        response = await finish(desk.browser(), token, password)
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "password"
    assert (await finish(desk.browser(), token)).status_code == 200


async def test_a_link_is_for_one_person_and_one_purpose(desk: Desk) -> None:
    await desk.browser().register()
    await desk.browser().register(email="bob@example.com", name="Bob")
    token = await ask(desk, desk.browser())
    for path in ("/confirm",):
        assert (await desk.browser().http.post(path, json={"token": token})).status_code == 410
    response = await finish(desk.browser(), token)
    assert response.json()["me"]["person"]["email"] == "ann@example.com"
    assert (await desk.browser().sign_in(email="bob@example.com")).status_code == 200


async def test_guessing_links_is_slowed(desk: Desk) -> None:
    guesser = desk.browser(address="198.51.100.9")
    answers = [(await finish(guesser, f"guess-{n}")).status_code for n in range(32)]
    assert answers == [410] * 30 + [429] * 2
    assert (await finish(desk.browser(), "guess")).status_code == 410


@pytest.mark.parametrize("token", ["", "x" * 200, "é", "\x00", "' OR 1=1 --", "../../etc/passwd"])
async def test_what_was_never_a_link_is_refused(desk: Desk, token: str) -> None:
    assert (await finish(desk.browser(), token)).status_code == 410


@pytest.mark.parametrize("factor", [add_totp, add_passkey])
async def test_a_second_factor_is_still_asked_for(desk: Desk, factor: Callable[..., object]) -> None:
    browser = desk.browser()
    person_id = id_of(await browser.register())
    await factor(desk, person_id)  # type: ignore[misc]  # both are coroutines
    async with desk.database.transaction() as transaction:
        values = {
            "id": new_id(),
            "person_id": person_id,
            "token_hash": fingerprint("remembered"),
            "user_agent": "",
            "address": "",
            "created_at": desk.clock.now(),
            "last_used_at": desk.clock.now(),
            "expires_at": desk.clock.now() + timedelta(days=30),
        }
        await transaction.session.execute(insert(DeviceRow).values(values))
    token = await ask(desk, browser)
    browser.http.cookies.clear()
    browser.http.cookies.set("outcry_device", "remembered", domain="desk.example", path="/api/v1/auth")
    response = await finish(browser, token)
    assert response.status_code == 200
    assert response.json()["kind"] == "factor_needed"
    assert "outcry_refresh" not in browser.http.cookies
    async with desk.database.reading() as session:
        live = select(func.count()).select_from(SessionRow).where(SessionRow.ended_at.is_(None))
        assert await session.scalar(live) == 0
        assert await session.scalar(select(func.count()).select_from(DeviceRow)) == 0


async def test_eight_characters_do_beside_a_second_factor(desk: Desk) -> None:
    person_id = id_of(await desk.browser().register())
    await add_totp(desk, person_id)
    assert (await finish(desk.browser(), await ask(desk, desk.browser()), SHORT)).status_code == 200


async def test_who_has_only_a_passkey_gets_a_password_and_shows_the_passkey(desk: Desk) -> None:
    person_id = id_of(await desk.browser().register())
    await add_passkey(desk, person_id)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(delete(CredentialRow))
    response = await finish(desk.browser(), await ask(desk, desk.browser()))
    assert response.json()["factors"] == ["passkey"]


async def test_the_answer_and_the_work_are_the_same_for_everybody(desk: Desk) -> None:
    await desk.browser().register()
    gone = await desk.browser().register(email="gone@example.com", name="Gone")
    async with desk.database.transaction() as transaction:
        disabled = update(PersonRow).where(PersonRow.id == id_of(gone)).values(disabled_at=desk.clock.now())
        await transaction.session.execute(disabled)
    answers, work = [], []
    for email in ("ann@example.com", "nobody@example.com", "gone@example.com"):
        before = len(await desk.events()), await count_tickets(desk)
        response = await desk.browser().http.post("/recover", json={"email": email})
        answers.append((response.status_code, response.json(), sorted(response.headers)))
        work.append((len(await desk.events()) - before[0], await count_tickets(desk) - before[1]))
    assert answers == [answers[0]] * 3
    assert answers[0][:2] == (202, {"kind": "confirmation_sent"})
    assert work == [(1, 1)] * 3
    mails = await desk.deliver()
    assert [mail.to for mail in mails] == ["ann@example.com", "nobody@example.com", "gone@example.com"]
    assert [("#" in mail.text) for mail in mails] == [True, False, False]


async def count_tickets(desk: Desk) -> int:
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(TicketRow)) or 0


async def test_nobody_is_buried_in_mails(desk: Desk) -> None:
    await desk.browser().register()
    answers = [(await desk.browser().http.post("/recover", json={"email": "ann@example.com"})) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 1_800
    for number in range(20):
        stranger = desk.browser(address=f"198.51.100.{number}")
        assert (await stranger.http.post("/recover", json={"email": "ann@example.com"})).status_code == 202
    mails = await desk.deliver()
    assert len(mails) == 10
    # What strangers asked for keeps nobody out: the newest mail has a link that works.
    assert (await finish(desk.browser(), token_of(mails[-1].text, "/recover"))).status_code == 200


async def test_a_password_is_chosen_while_signed_in(desk: Desk) -> None:
    browser, other = desk.browser(), desk.browser()
    token = (await browser.register()).json()["access_token"]
    await other.sign_in()
    for present in (None, "not the present one at all"):
        body = {"password": NEW} if present is None else {"password": NEW, "present": present}
        refused = await browser.http.put("/me/password", json=body, headers=bearer(token))
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "present")
    body = {"password": NEW, "present": PASSWORD}
    answer = await browser.http.put("/me/password", json=body, headers=bearer(token))
    assert answer.status_code == 204
    assert (await browser.get_me(token)).status_code == 200
    assert (await other.refresh()).status_code == 401
    assert (await desk.browser().sign_in()).status_code == 401
    assert (await desk.browser().sign_in(password=NEW)).status_code == 200
    assert (await desk.deliver())[-1].subject == "Your password was changed"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_short_password_never_stands_alone(desk: Desk) -> None:
    browser = desk.browser()
    registered = await browser.register()
    headers = bearer(registered.json()["access_token"])
    await add_totp(desk, id_of(registered))
    body = {"password": "zebra-Qx7", "present": PASSWORD}
    assert (await browser.http.put("/me/password", json=body, headers=headers)).status_code == 204
    refused = await browser.http.delete("/factors/totp", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "short_password")
    assert (await desk.browser().sign_in(password="zebra-Qx7")).json()["kind"] == "factor_needed"
    body = {"password": NEW, "present": "zebra-Qx7"}
    assert (await browser.http.put("/me/password", json=body, headers=headers)).status_code == 204
    assert (await browser.http.delete("/factors/totp", headers=headers)).status_code == 204


async def test_that_needs_a_fresh_factor(desk: Desk) -> None:
    browser = desk.browser()
    token = (await browser.register()).json()["access_token"]
    desk.clock.advance(timedelta(minutes=5))
    for method, path, body in (("PUT", "/me/password", {"password": NEW}), ("DELETE", "/me/password", None)):
        answer = await browser.http.request(method, path, json=body, headers=bearer(token))
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert (await desk.browser().sign_in()).status_code == 200


async def test_a_password_is_given_up_for_a_passkey_only(desk: Desk) -> None:
    browser = desk.browser()
    registered = await browser.register()
    headers = bearer(registered.json()["access_token"])
    refused = await browser.http.delete("/me/password", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_way_in")
    await add_totp(desk, id_of(registered))
    assert (await browser.http.delete("/me/password", headers=headers)).status_code == 409
    await add_passkey(desk, id_of(registered))
    assert (await browser.http.delete("/me/password", headers=headers)).status_code == 204
    assert (await browser.http.delete("/me/password", headers=headers)).status_code == 204
    assert (await desk.browser().sign_in()).status_code == 401
    assert [mail.subject for mail in await desk.deliver()] == ["Your password was removed"]
