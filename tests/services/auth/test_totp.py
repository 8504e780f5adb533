"""Authenticator apps: switched on by their first code, each code once, and never guessed."""

import asyncio
from datetime import timedelta
from xml.etree import ElementTree

import pyotp
import pytest
from sqlalchemy import select

from outcry.services.auth.models.factors import RecoveryCodeRow, TotpRow
from outcry.services.auth.throttle import MOST_CODES
from outcry.services.auth.totp import find_step
from tests.services.auth.conftest import Desk
from tests.services.auth.factors import App, begin_sign_in, said, show, sign_up


async def test_an_offer_is_what_apps_read(desk: Desk) -> None:
    ann = await sign_up(desk)
    response = await ann.call("POST", "/factors/totp")
    assert response.headers["cache-control"] == "no-store"
    offer = response.json()
    read = pyotp.parse_uri(offer["uri"])
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.issuer, read.name) == (offer["secret"], "Outcry", "ann@example.com")
    assert (read.digits, read.interval, len(read.byte_secret()) * 8) == (6, 30, 160)
    svg = ElementTree.fromstring(offer["qr_svg"])  # noqa: S314  # our own
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert "href" not in offer["qr_svg"]
    assert "<script" not in offer["qr_svg"]
    assert (await ann.call("GET", "/factors")).json()["totp"] is None


async def test_the_first_code_switches_it_on_and_gives_recovery_codes(desk: Desk) -> None:
    ann = await sign_up(desk)
    _, codes = await ann.add_totp()
    assert len(set(codes)) == 10
    factors = (await ann.call("GET", "/factors")).json()
    assert factors["totp"]["last_used_at"] is None
    assert (factors["password"], factors["recovery_codes_left"], factors["passkeys"]) == (True, 10, [])
    (told,) = await desk.events("auth.credential_changed.v1")
    assert (told.data["what"], told.data["act"], told.address) == ("totp", "added", "203.0.113.7")
    (mail,) = await desk.deliver()
    assert mail.to == "ann@example.com"
    assert "authenticator app was added" in mail.subject
    assert "203.0.113.7" in mail.text


async def test_the_seed_and_the_codes_are_stored_sealed(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, codes = await ann.add_totp()
    async with desk.database.reading() as session:
        row = (await session.scalars(select(TotpRow))).one()
        hashes = list(await session.scalars(select(RecoveryCodeRow.code_hash)))
    assert app.secret.encode() not in row.sealed_seed
    assert pyotp.TOTP(app.secret).byte_secret() not in row.sealed_seed
    assert all(code.encode() not in value for code in codes for value in hashes)
    told = str([event.data for event in await desk.events()])
    assert all(secret not in told for secret in (app.secret, *codes))


async def test_signing_in_asks_for_the_code_and_takes_it(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, _ = await ann.add_totp()
    browser = desk.browser()
    asked = (await browser.sign_in()).json()
    assert asked["factors"] == ["totp", "recovery_code"]
    assert "access_token" not in asked
    assert "outcry_refresh" not in browser.http.cookies
    done = await show(browser, asked["ticket"], app.code())
    assert done.status_code == 200
    assert (await desk.authenticate(done)).fresh
    assert (await browser.refresh()).status_code == 200
    *_, told = await desk.events("auth.signed_in.v1")
    assert told.data["methods"] == ["pwd", "otp", "mfa"]
    assert "outcry_device" not in browser.http.cookies
    assert said(await show(browser, asked["ticket"], app.code(steps=1))) == (410, "ticket_ended")


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_wrong_by_one_step(desk: Desk, steps: int, right: bool) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    for _ in range(3):
        app.tick()
    browser = desk.browser()
    code = app.code(steps=steps)
    response = await show(browser, await begin_sign_in(browser), f" {code[:3]} {code[3:]} ")
    assert response.status_code == (200 if right else 403)


async def test_a_code_works_once_and_no_older_one_after_it(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    browser, code, older = desk.browser(), app.code(), app.code(steps=-1)
    first, second = await begin_sign_in(browser), await begin_sign_in(browser)
    assert (await show(browser, first, code)).status_code == 200
    assert said(await show(browser, second, code)) == (403, "wrong_factor")
    assert said(await show(browser, second, older)) == (403, "wrong_factor")
    app.tick()
    assert (await show(browser, second, app.code())).status_code == 200


async def test_the_code_that_switched_it_on_is_used_up(desk: Desk) -> None:
    ann = await sign_up(desk)
    offer = (await ann.call("POST", "/factors/totp")).json()
    code = App(desk, offer["secret"]).code()
    await ann.call("POST", "/factors/totp/confirm", ticket=offer["ticket"], code=code)
    browser = desk.browser()
    assert said(await show(browser, await begin_sign_in(browser), code)) == (403, "wrong_factor")


async def test_of_two_who_use_a_code_at_once_one_gets_in(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    browsers = [desk.browser(address=f"198.51.100.{number}") for number in range(4)]
    tickets = [await begin_sign_in(browser) for browser in browsers]
    code = app.code()
    answers = await asyncio.gather(
        *(show(browser, ticket, code) for browser, ticket in zip(browsers, tickets, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]


@pytest.mark.parametrize(
    "code", ["12345", "1234567", "١٢٣٤٥٦", "12345x", "0x1234", "-12345", "1" * 100, "½½½½½½", "\x00"]
)
async def test_what_is_no_code_is_wrong(desk: Desk, code: str) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    browser = desk.browser()
    assert said(await show(browser, await begin_sign_in(browser), code)) == (403, "wrong_factor")
    assert find_step(app.secret, code, desk.clock.now()) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "1" * 101}, "code"),
        ({"code": 123456}, "code"),
        ({"ticket": "x" * 201}, "ticket"),
        ({"kind": "password"}, "kind"),
        ({"remember": "perhaps"}, "remember"),
        ({"person_id": "x"}, "person_id"),
    ],
)
async def test_bad_bodies_are_refused_by_field(desk: Desk, changes: dict[str, object], field: str) -> None:
    body = {"ticket": "x", "kind": "totp", "code": "123456", **changes}
    response = await desk.browser().http.post("/sign-in/factor", json=body)
    assert said(response) == (422, "invalid_input")
    assert field in str(response.json()["errors"])


async def test_a_ticket_has_five_tries(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    ticket = await begin_sign_in(desk.browser())
    # From as many addresses, so that it is the ticket that ends, and not the address that is slowed.
    answers = [
        said(await show(desk.browser(address=f"198.51.100.{number}"), ticket, app.wrong())) for number in range(6)
    ]
    assert answers == [(403, "wrong_factor")] * 5 + [(410, "ticket_ended")]
    failures = await desk.events("auth.sign_in_failed.v1")
    assert [event.address for event in failures] == [f"198.51.100.{number}" for number in range(5)]
    assert said(await show(desk.browser(), ticket, app.code())) == (410, "ticket_ended")


async def test_tries_side_by_side_all_count(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    ticket, wrong = await begin_sign_in(desk.browser()), app.wrong()
    browsers = [desk.browser(address=f"198.51.100.{number}") for number in range(12)]
    answers = await asyncio.gather(*(show(browser, ticket, wrong) for browser in browsers))
    assert sorted(answer.status_code for answer in answers) == [403] * 5 + [410] * 7


async def test_more_tickets_give_no_more_tries(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    browser = desk.browser()
    tickets = [await begin_sign_in(browser) for _ in range(6)]
    answers = [said(await show(browser, ticket, app.wrong())) for ticket in tickets]
    assert answers == [(403, "wrong_factor")] * 5 + [(429, "rate_limited")]
    # The person elsewhere is not kept out, and waiting helps here.
    elsewhere = desk.browser(address="198.51.100.9")
    assert (await show(elsewhere, await begin_sign_in(elsewhere), app.code())).status_code == 200
    desk.clock.advance(timedelta(minutes=15))
    assert (await show(browser, await begin_sign_in(browser), app.code())).status_code == 200


async def test_more_addresses_give_no_more_tries_either(desk: Desk) -> None:
    app, codes = await (await sign_up(desk)).add_totp()
    answers = []
    for number in range(MOST_CODES + 1):
        browser = desk.browser(address=f"198.51.100.{number}")
        answers.append(said(await show(browser, await begin_sign_in(browser), app.wrong())))
    assert answers == [(403, "wrong_factor")] * MOST_CODES + [(429, "rate_limited")]
    # Meanwhile what nobody can guess lets its owner in, and makes an end of it.
    browser = desk.browser()
    ticket = await begin_sign_in(browser)
    assert said(await show(browser, ticket, app.code())) == (429, "rate_limited")
    assert (await show(browser, ticket, codes[0], "recovery_code")).status_code == 200
    assert (await show(browser, await begin_sign_in(browser), app.code())).status_code == 200


async def test_waiting_helps_too(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    for number in range(MOST_CODES):
        browser = desk.browser(address=f"198.51.100.{number}")
        await show(browser, await begin_sign_in(browser), app.wrong())
    desk.clock.advance(timedelta(days=1))
    browser = desk.browser()
    assert (await show(browser, await begin_sign_in(browser), app.code())).status_code == 200


async def test_a_ticket_ends_in_time_and_is_for_nothing_else(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, _ = await ann.add_totp()
    browser = desk.browser()
    ticket = await begin_sign_in(browser)
    offer = (await ann.call("POST", "/factors/totp")).json()
    assert said(await show(browser, offer["ticket"], app.code())) == (410, "ticket_ended")
    assert said(await show(browser, "nothing", app.code())) == (410, "ticket_ended")
    confirmed = await ann.call("POST", "/factors/totp/confirm", ticket=ticket, code=app.code())
    assert said(confirmed) == (410, "ticket_ended")
    desk.clock.advance(timedelta(minutes=10))
    assert said(await show(browser, ticket, app.code())) == (410, "ticket_ended")


async def test_an_offer_is_one_persons_has_five_tries_and_ends_in_time(desk: Desk) -> None:
    ann, eve = await sign_up(desk), await sign_up(desk, "eve@example.com")
    offer = (await ann.call("POST", "/factors/totp")).json()
    app = App(desk, offer["secret"])
    stolen = await eve.call("POST", "/factors/totp/confirm", ticket=offer["ticket"], code=app.code())
    assert said(stolen) == (410, "ticket_ended")
    for _ in range(5):
        wrong = await ann.call("POST", "/factors/totp/confirm", ticket=offer["ticket"], code=app.wrong())
        assert said(wrong) == (403, "wrong_factor")
    ended = await ann.call("POST", "/factors/totp/confirm", ticket=offer["ticket"], code=app.code())
    assert said(ended) == (410, "ticket_ended")
    older = (await ann.call("POST", "/factors/totp")).json()
    newer = (await ann.call("POST", "/factors/totp")).json()
    replaced = await ann.call(
        "POST", "/factors/totp/confirm", ticket=older["ticket"], code=App(desk, older["secret"]).code()
    )
    assert said(replaced) == (410, "ticket_ended")
    assert (await ann.call("GET", "/factors")).json()["totp"] is None
    app = App(desk, newer["secret"])
    on = await ann.call("POST", "/factors/totp/confirm", ticket=newer["ticket"], code=app.code())
    assert on.status_code == 200


async def test_a_new_app_takes_the_place_of_the_old(desk: Desk) -> None:
    ann = await sign_up(desk)
    old, codes = await ann.add_totp()
    new, more = await ann.add_totp()
    assert (len(codes), more) == (10, [])
    browser = desk.browser()
    ticket = await begin_sign_in(browser)
    assert said(await show(browser, ticket, old.code())) == (403, "wrong_factor")
    assert (await show(browser, ticket, new.code())).status_code == 200
    told = await desk.events("auth.credential_changed.v1")
    assert [event.data["act"] for event in told] == ["added", "changed"]


async def test_switching_it_off_ends_its_codes(desk: Desk) -> None:
    ann = await sign_up(desk)
    _, codes = await ann.add_totp()
    ticket = await begin_sign_in(desk.browser())
    assert (await ann.call("DELETE", "/factors/totp")).status_code == 204
    assert said(await show(desk.browser(), ticket, codes[0], "recovery_code")) == (403, "wrong_factor")
    assert (await desk.browser().sign_in()).json()["kind"] == "session"
    factors = (await ann.call("GET", "/factors")).json()
    assert (factors["totp"], factors["recovery_codes_left"]) == (None, 0)
    assert said(await ann.call("DELETE", "/factors/totp")) == (409, "factor_not_on")
    assert [mail.subject for mail in await desk.deliver()] == [
        "An authenticator app was added to your account",
        "An authenticator app was removed from your account",
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/factors/totp", {}),
        ("POST", "/factors/totp/confirm", {"ticket": "x", "code": "123456"}),
        ("DELETE", "/factors/totp", {}),
        ("POST", "/factors/recovery-codes", {}),
    ],
)
async def test_changing_factors_needs_a_fresh_one(desk: Desk, method: str, path: str, body: dict[str, str]) -> None:
    ann = await sign_up(desk)
    desk.clock.advance(timedelta(minutes=5))
    assert said(await ann.call(method, path, **body)) == (403, "step_up_required")
