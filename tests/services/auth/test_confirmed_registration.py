"""Registering where addresses are confirmed first: alike for everybody, and only by the mail box."""

from datetime import timedelta

import httpx
import pytest

from outcry.services.auth.settings import AuthSettings
from tests.services.auth.conftest import PASSWORD, Desk
from tests.services.auth.test_recovery import token_of
from tests.services.people import FAST


@pytest.fixture
def settings() -> AuthSettings:
    return FAST.model_copy(update={"confirm_email": True})


async def register_link(desk: Desk, **form: str) -> str:
    response = await desk.browser().register(**form)
    assert (response.status_code, response.json()) == (202, {"kind": "confirmation_sent"})
    return token_of((await desk.deliver())[-1].text, "/confirm")


async def finish_registration(desk: Desk, token: str) -> httpx.Response:
    return await desk.browser().http.post("/confirm", json={"token": token})


async def test_an_account_is_made_by_the_link(desk: Desk) -> None:
    token = await register_link(desk)
    assert (await desk.browser().sign_in()).status_code == 401
    response = await finish_registration(desk, token)
    assert response.status_code == 200
    assert response.json()["me"]["email_verified"] is True
    assert (await desk.browser().sign_in()).status_code == 200
    assert (await finish_registration(desk, token)).status_code == 410


async def test_registering_a_taken_address_looks_and_costs_the_same(desk: Desk) -> None:
    await finish_registration(desk, await register_link(desk))
    answers, work = [], []
    for email in ("ann@example.com", "new@example.com"):
        before = len(await desk.events())
        response = await desk.browser().register(email=email, password="another set of five words")
        answers.append((response.status_code, response.json(), sorted(response.headers)))
        work.append(len(await desk.events()) - before)
    assert answers[0] == answers[1]
    assert work == [1, 1]
    known, new = (await desk.deliver())[-2:]
    assert (known.to, known.subject) == ("ann@example.com", "You already have an account")
    assert "#" not in known.text
    assert new.subject == "Confirm your e-mail address"
    assert (await desk.browser().sign_in()).status_code == 200


async def test_of_two_links_for_one_address_the_first_wins(desk: Desk) -> None:
    mine = await register_link(desk)
    theirs = await register_link(desk, password="a stranger put these here")
    assert (await finish_registration(desk, mine)).status_code == 200
    late = await finish_registration(desk, theirs)
    assert (late.status_code, late.json()["code"]) == (409, "email_taken")
    assert (await desk.browser().sign_in(password=PASSWORD)).status_code == 200


async def test_a_registration_link_ends_after_half_an_hour(desk: Desk) -> None:
    token = await register_link(desk)
    desk.clock.advance(timedelta(minutes=30))
    assert (await finish_registration(desk, token)).status_code == 410
