"""Making an account that has a passkey and no password."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from outcry.services.auth.models.factors import CredentialRow, PasskeyRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.settings import AuthSettings
from tests.adapters_support.authenticator import RIGHT, Authenticator, Wrong, decode
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.factors import Signed, said, sign_in_by, sign_up
from tests.services.people import FAST


async def ask(browser: Browser, email: str = "ann@example.com", name: str = "Ann Lee") -> httpx.Response:
    return await browser.http.post("/register/passkey/options", json={"email": email, "name": name})


async def register(
    browser: Browser, device: Authenticator, email: str = "ann@example.com", wrong: Wrong = RIGHT
) -> httpx.Response:
    asked = (await ask(browser, email)).json()
    body = {"ticket": asked["ticket"], "credential": device.make(asked["options"], wrong)}
    return await browser.http.post("/register/passkey", json=body)


async def count(desk: Desk, table: Any) -> int:
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_an_account_is_made_and_signed_in_to_again(desk: Desk) -> None:
    browser, device = desk.browser(), Authenticator()
    response = await register(browser, device)
    assert response.status_code == 201
    me = response.json()["me"]
    assert (me["person"]["name"], me["person"]["email"], me["role"]) == ("Ann Lee", "ann@example.com", "owner")
    assert (await desk.authenticate(response)).fresh
    assert (await browser.refresh()).status_code == 200
    assert await count(desk, CredentialRow) == 0
    ann = Signed(desk=desk, browser=browser, token=response.json()["access_token"])
    factors = (await ann.call("GET", "/factors")).json()
    assert (factors["password"], factors["recovery_codes_left"]) == (False, 0)
    assert [each["name"] for each in factors["passkeys"]] == ["Passkey"]
    again = await sign_in_by(desk.browser(), device)
    assert again.json()["me"]["person"] == me["person"]
    *_, told = await desk.events("auth.signed_in.v1")
    assert told.data["methods"] == ["hwk", "user", "mfa"]


async def test_recovery_codes_are_made_on_request_and_a_password_may_be_added(desk: Desk) -> None:
    browser = desk.browser()
    response = await register(browser, Authenticator())
    ann = Signed(desk=desk, browser=browser, token=response.json()["access_token"])
    assert len((await ann.call("POST", "/factors/recovery-codes")).json()["codes"]) == 10
    (passkey,) = (await ann.call("GET", "/factors")).json()["passkeys"]
    assert said(await ann.call("DELETE", f"/factors/passkeys/{passkey['id']}")) == (409, "last_way_in")
    assert (await ann.call("PUT", "/me/password", password="purple tram eats seven violins")).status_code == 204
    assert (await ann.call("DELETE", f"/factors/passkeys/{passkey['id']}")).status_code == 204
    assert (await desk.browser().sign_in()).json()["kind"] == "session"


async def test_the_handle_that_the_passkey_has_is_the_persons(desk: Desk) -> None:
    browser, device = desk.browser(), Authenticator()
    response = await register(browser, device)
    ann = Signed(desk=desk, browser=browser, token=response.json()["access_token"])
    assert decode((await ann.ask_passkey())["options"]["user"]["id"]) == device.held[0].handle


async def test_an_address_that_is_taken_is_told_only_at_the_end(desk: Desk) -> None:
    await sign_up(desk)
    browser = desk.browser()
    free, taken = await ask(browser, "free@example.com"), await ask(browser)
    shapes = [(each.status_code, sorted(each.json()), sorted(each.json()["options"])) for each in (free, taken)]
    assert shapes[0] == shapes[1]
    assert taken.json()["options"]["excludeCredentials"] == []
    assert said(await register(browser, Authenticator())) == (409, "email_taken")
    assert await count(desk, PasskeyRow) == 0
    assert await count(desk, PersonRow) == 1


async def test_of_two_at_once_one_gets_the_address(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(register(desk.browser(address=f"198.51.100.{n}"), Authenticator()) for n in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await count(desk, PersonRow), await count(desk, PasskeyRow)) == (1, 1)


@pytest.mark.parametrize(
    "wrong", [Wrong(origin="http://evil.example"), Wrong(verified=False), Wrong(challenge=b"x" * 64)], ids=repr
)
async def test_a_wrong_passkey_makes_no_account(desk: Desk, wrong: Wrong) -> None:
    assert said(await register(desk.browser(), Authenticator(), wrong=wrong)) == (422, "passkey_refused")
    assert await count(desk, PersonRow) == 0


async def test_a_challenge_makes_one_account_and_ends_in_time(desk: Desk) -> None:
    browser = desk.browser()
    asked = (await ask(browser)).json()
    body = {"ticket": asked["ticket"], "credential": Authenticator().make(asked["options"])}
    assert (await browser.http.post("/register/passkey", json=body)).status_code == 201
    assert said(await browser.http.post("/register/passkey", json=body)) == (410, "ticket_ended")
    asked = (await ask(browser, "bob@example.com")).json()
    desk.clock.advance(timedelta(minutes=5))
    body = {"ticket": asked["ticket"], "credential": Authenticator().make(asked["options"])}
    assert said(await browser.http.post("/register/passkey", json=body)) == (410, "ticket_ended")


async def test_nobody_registers_with_a_passkey_that_is_anothers(desk: Desk) -> None:
    device = Authenticator()
    await register(desk.browser(), device)
    copied = Wrong(credential_id=device.held[0].id)
    refused = await register(desk.browser(), Authenticator(), "eve@example.com", copied)
    assert said(refused) == (422, "passkey_refused")
    assert await count(desk, PersonRow) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "name": "Ann"}, "email"),
        ({"email": "a@example.com", "name": " "}, "name"),
        ({"email": "a@example.com", "name": "x" * 81}, "name"),
        ({"email": "x" * 1_001, "name": "Ann"}, "email"),
        ({"email": "a@example.com", "name": "Ann", "role": "owner"}, "role"),
    ],
)
async def test_bad_bodies_are_refused_by_field(desk: Desk, body: dict[str, str], field: str) -> None:
    refused = await desk.browser().http.post("/register/passkey/options", json=body)
    assert said(refused) == (422, "invalid_input")
    assert field in str(refused.json()["errors"])


class TestWhereAddressesAreConfirmedFirst:
    """The answer is the same for every address, and the link of the mail makes the account."""

    @pytest.fixture
    def settings(self) -> AuthSettings:
        return FAST.model_copy(update={"confirm_email": True})

    async def test_the_link_makes_the_account(self, desk: Desk) -> None:
        browser, device = desk.browser(), Authenticator()
        response = await register(browser, device)
        assert (response.status_code, response.json()) == (202, {"kind": "confirmation_sent"})
        assert await count(desk, PersonRow) == 0
        assert said(await sign_in_by(browser, device)) == (403, "wrong_factor")
        (mail,) = await desk.deliver()
        token = mail.text.partition("/confirm#")[2].split()[0]
        confirmed = await browser.http.post("/confirm", json={"token": token})
        assert confirmed.json()["me"]["email_verified"] is True
        assert (await sign_in_by(desk.browser(), device)).status_code == 200

    async def test_an_address_that_is_taken_is_answered_alike(self, desk: Desk) -> None:
        first = await register(desk.browser(), Authenticator())
        (mail,) = await desk.deliver()
        token = mail.text.partition("/confirm#")[2].split()[0]
        await desk.browser().http.post("/confirm", json={"token": token})
        again = await register(desk.browser(), Authenticator())
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert (await desk.deliver())[-1].subject == "You already have an account"
        assert (await count(desk, PersonRow), await count(desk, PasskeyRow)) == (1, 1)
