"""Step-up: a factor shown again makes the session fresh for some minutes, a wrong one tells the log."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from outcry.services.auth.models.access import SessionRow
from tests.services.auth.conftest import PASSWORD, Desk
from tests.services.auth.factors import said, sign_up
from tests.services.auth.test_sign_in import WRONG


async def test_the_password_freshens_who_has_no_second_factor(desk: Desk) -> None:
    ann = await sign_up(desk)
    now = (await ann.call("GET", "/step-up")).json()
    assert datetime.fromisoformat(now["fresh_until"]) == desk.clock.now() + timedelta(minutes=5)
    assert now["kinds"] == ["password"]
    desk.clock.advance(timedelta(minutes=5))
    assert (await ann.call("GET", "/step-up")).json()["fresh_until"] is None
    assert said(await ann.call("POST", "/factors/totp")) == (403, "step_up_required")
    again = await ann.call("POST", "/step-up", kind="password", password=PASSWORD)
    assert datetime.fromisoformat(again.json()["fresh_until"]) == desk.clock.now() + timedelta(minutes=5)
    assert (await ann.call("POST", "/factors/totp")).status_code == 200


async def test_who_has_a_second_factor_must_show_it(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, codes = await ann.add_totp()
    desk.clock.advance(timedelta(minutes=5))
    asked = (await ann.call("GET", "/step-up")).json()
    assert asked == {"fresh_until": None, "kinds": ["totp", "recovery_code"], "providers": []}
    assert said(await ann.call("POST", "/step-up", kind="password", password=PASSWORD)) == (409, "factor_not_on")
    assert said(await ann.call("POST", "/factors/recovery-codes")) == (403, "step_up_required")
    assert (await ann.call("POST", "/step-up", kind="totp", code=app.code())).status_code == 200
    assert (await ann.call("POST", "/factors/recovery-codes")).status_code == 200
    assert said(await ann.call("POST", "/step-up", kind="recovery_code", code=codes[0])) == (403, "wrong_factor")


@pytest.mark.parametrize("kind", ["totp", "recovery_code"])
async def test_what_is_not_on_cannot_be_shown(desk: Desk, kind: str) -> None:
    ann = await sign_up(desk)
    refused = await ann.call("POST", "/step-up", kind=kind, code="123456")
    assert said(refused) == (409, "factor_not_on")
    assert "password" in refused.json()["detail"]


async def test_a_wrong_factor_is_told_of_and_freshens_nothing(desk: Desk) -> None:
    ann = await sign_up(desk)
    desk.clock.advance(timedelta(minutes=5))
    assert said(await ann.call("POST", "/step-up", kind="password", password=WRONG)) == (403, "wrong_factor")
    (told,) = await desk.events("auth.step_up_failed.v1")
    principal = await desk.facade.authenticate(access_token=ann.token)
    assert told.data == {
        "person_id": str(principal.user_id),
        "session_id": str(principal.session_id),
    }
    assert told.address == "203.0.113.7"
    assert not principal.fresh


async def test_guessing_is_slowed(desk: Desk) -> None:
    ann = await sign_up(desk)
    answers = [said(await ann.call("POST", "/step-up", kind="password", password=WRONG)) for _ in range(6)]
    assert answers == [(403, "wrong_factor")] * 5 + [(429, "rate_limited")]
    assert said(await ann.call("POST", "/step-up", kind="password", password=PASSWORD)) == (429, "rate_limited")


async def test_a_code_works_once_for_signing_in_and_stepping_up_together(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, _ = await ann.add_totp()
    code = app.code()
    assert (await ann.call("POST", "/step-up", kind="totp", code=code)).status_code == 200
    assert said(await ann.call("POST", "/step-up", kind="totp", code=code)) == (403, "wrong_factor")


async def test_only_this_session_is_freshened_and_its_sockets_are_told(desk: Desk) -> None:
    ann = await sign_up(desk)
    other = await desk.browser().sign_in()
    desk.clock.advance(timedelta(minutes=5))
    heard: list[str] = []
    person = (await desk.facade.authenticate(access_token=ann.token)).user_id
    await desk.realtime.follow_log(f"user:{person}", None, lambda told: heard.append(told.data))
    await ann.call("POST", "/step-up", kind="password", password=PASSWORD)
    assert (await desk.facade.authenticate(access_token=ann.token)).fresh
    assert not (await desk.authenticate(other)).fresh
    assert heard == ['{"kind":"standing"}']


async def test_an_ended_session_is_freshened_no_more(desk: Desk) -> None:
    ann = await sign_up(desk)
    await desk.facade.authenticate(access_token=ann.token)
    # It ends elsewhere, in the half second that this process still remembers it.
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(SessionRow).values(ended_at=desk.clock.now()))
    answer = await ann.call("POST", "/step-up", kind="password", password=PASSWORD)
    assert said(answer) == (401, "session_ended")


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "password"},
        {"kind": "password", "password": "x" * 1_001},
        {"kind": "totp", "password": PASSWORD},
        {"kind": "totp", "code": "1" * 101},
        {"kind": "magic", "code": "1"},
        {"kind": "password", "password": PASSWORD, "session_id": "x"},
    ],
)
async def test_bad_bodies_are_refused(desk: Desk, body: dict[str, str]) -> None:
    ann = await sign_up(desk)
    assert said(await ann.call("POST", "/step-up", **body)) == (422, "invalid_input")
