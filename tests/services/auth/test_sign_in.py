"""Signing in: alike in words and in work for every refusal, slow for who guesses, open to who has the password."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import argon2
import pytest
from sqlalchemy import select, update

from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.errors import UnavailableError
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.passwords import MOST_WAITING, Passwords
from tests.services.auth.conftest import PASSWORD, Desk, words_of
from tests.services.people import FAST

WRONG = "violins eat seven purple trams"


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the parameters of each hash that Argon2 verified against, as it goes on doing so."""
    real = argon2.PasswordHasher.verify
    seen: list[str] = []

    def verify(self: argon2.PasswordHasher, password_hash: str, password: str) -> bool:
        seen.append(password_hash.rsplit("$", 2)[0])
        return bool(real(self, password_hash, password))

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify)
    return seen


async def test_the_right_password_signs_in(desk: Desk) -> None:
    registered = await desk.browser().register()
    browser = desk.browser()
    response = await browser.sign_in(email=" ANN@example.com ")
    assert response.status_code == 200
    assert response.json()["me"] == registered.json()["me"]
    first, second = await desk.authenticate(registered), await desk.authenticate(response)
    assert first.session_id != second.session_id
    assert first.user_id == second.user_id


async def test_where_from_is_kept_with_the_session(desk: Desk) -> None:
    browser = desk.browser(address="2001:db8::7")
    browser.http.headers["user-agent"] = "Firefox\t" + "x" * 1_000
    response = await browser.register()
    session_id = (await desk.authenticate(response)).session_id
    async with desk.database.reading() as session:
        row = await session.scalar(select(SessionRow).where(SessionRow.id == session_id))
    assert row is not None
    assert row.address == "2001:db8::7"
    assert row.user_agent.startswith("Firefox xxx")
    assert len(row.user_agent) == 300


async def test_every_refusal_is_the_same_in_words_and_in_work(desk: Desk, verified: list[str]) -> None:
    await desk.browser().register()
    gone = (await desk.browser().register(email="gone@example.com", name="Gone")).json()["me"]
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(
            update(PersonRow).where(PersonRow.id == UUID(gone["person"]["id"])).values(disabled_at=desk.clock.now())
        )
    tries = [
        ("ann@example.com", WRONG),
        ("nobody@example.com", WRONG),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        ("gone@example.com", PASSWORD),
        ("ann@example.com", ""),
        ("ann@example.com", PASSWORD + " "),
        ("ann@example.com", PASSWORD.upper()),
        ("ann@example.com", "x" * 1_000),
    ]
    answers, work, told = [], [], []
    for number, (email, password) in enumerate(tries):
        before = len(verified), len(await desk.events())
        browser = desk.browser(address=f"198.51.100.{number}")
        response = await browser.sign_in(email, password)
        answers.append((response.status_code, words_of(response), sorted(response.headers)))
        work.append(verified[before[0] :])
        told.append(len(await desk.events()) - before[1])
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 401
    assert answers[0][1]["code"] == "wrong_credentials"
    assert work == [["$argon2id$v=19$m=8,t=1,p=1"]] * len(tries)
    assert told == [1] * len(tries)


async def test_failures_are_told_without_what_was_typed(desk: Desk) -> None:
    me = (await desk.browser().register()).json()["me"]
    await desk.browser().sign_in(password=WRONG)
    await desk.browser().sign_in(email="nobody@example.com")
    known, unknown = await desk.events("auth.sign_in_failed.v1")
    assert known.data == {"person_id": me["person"]["id"], "reason": ""}
    assert (known.address, unknown.address) == ("203.0.113.7", "203.0.113.7")
    assert known.tenant_id == UUID(me["organisation"]["id"])
    assert unknown.data == {"person_id": None, "reason": ""}
    assert unknown.tenant_id not in (known.tenant_id, None)


async def test_the_sixth_try_waits_and_then_goes_on(desk: Desk) -> None:
    await desk.browser().register()
    browser = desk.browser()
    answers = [(await browser.sign_in(password=WRONG)).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    refused = await browser.sign_in()
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert "15 minutes" in refused.json()["detail"]
    desk.clock.advance(timedelta(minutes=15))
    assert (await browser.sign_in()).status_code == 200


async def test_nobody_is_locked_out_by_a_stranger(desk: Desk) -> None:
    await desk.browser().register()
    stranger = desk.browser(address="198.51.100.1")
    assert [(await stranger.sign_in(password=WRONG)).status_code for _ in range(10)][-1] == 429
    assert (await desk.browser().sign_in()).status_code == 200


async def test_success_forgets_the_failures(desk: Desk) -> None:
    await desk.browser().register()
    browser = desk.browser()
    for _ in range(3):
        for _ in range(4):
            assert (await browser.sign_in(password=WRONG)).status_code == 401
        assert (await browser.sign_in()).status_code == 200


async def test_guessing_at_many_accounts_from_one_network_is_slowed(desk: Desk) -> None:
    browsers = [desk.browser(address=f"2001:db8:1:2::{number:x}") for number in range(1, 33)]
    answers = [
        (await browser.sign_in(email=f"p{number}@example.com")).status_code for number, browser in enumerate(browsers)
    ]
    assert answers == [401] * 30 + [429] * 2
    elsewhere = desk.browser(address="2001:db8:1:3::1")
    assert (await elsewhere.sign_in(email="p0@example.com")).status_code == 401


async def test_tries_side_by_side_all_count(desk: Desk, verified: list[str]) -> None:
    await desk.browser().register()
    browser = desk.browser()
    responses = await asyncio.gather(*(browser.sign_in(password=WRONG) for _ in range(20)))
    assert sorted(response.status_code for response in responses) == [401] * 5 + [429] * 15
    assert len(verified) == 5


async def test_the_limit_is_the_same_for_accounts_that_do_not_exist(desk: Desk) -> None:
    browser = desk.browser()
    answers = [(await browser.sign_in(email="nobody@example.com")).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '{"email": "a@example.com"}', '{"email": 1, "password": 2}', '{"a":' * 500, '"\\ud800"'],
)
async def test_bodies_that_are_none_are_refused(desk: Desk, body: str) -> None:
    response = await desk.browser().http.post("/sign-in", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


async def test_half_a_character_in_a_password_is_refused(desk: Desk) -> None:
    body = '{"email": "a@example.com", "password": "\\udfff"}'
    response = await desk.browser().http.post("/sign-in", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422


async def test_nothing_secret_is_logged_or_shown(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = desk.browser()
    responses = [await browser.register(), await browser.sign_in(password=WRONG), await browser.sign_in()]
    token = browser.token
    responses.append(await browser.refresh())
    told = str(await desk.events()) + caplog.text
    for secret in (PASSWORD, WRONG, token, browser.token):
        assert secret not in told
    for response in responses:
        assert response.json().get("access_token", "-none-") not in told
        assert PASSWORD not in response.text


async def test_too_many_who_wait_are_told_so(tmp_path: Path) -> None:
    passwords = Passwords(FAST, FilesSecrets(tmp_path, environment={}))
    await passwords.start()
    many = [passwords.hash("purple tram eats seven violins") for _ in range(MOST_WAITING + 5)]
    results = await asyncio.gather(*many, return_exceptions=True)
    assert sum(isinstance(result, UnavailableError) for result in results) == 5
    assert sum(isinstance(result, str) for result in results) == MOST_WAITING
    assert await passwords.verify(await passwords.hash("again"), "again")
    passwords.close()
