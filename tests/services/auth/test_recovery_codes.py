"""Recovery codes: each once, however it is typed, told of by mail."""

import asyncio

import pytest

from outcry.services.auth.recovery_codes import new_code, read_code
from tests.services.auth.conftest import Desk
from tests.services.auth.factors import begin_sign_in, said, show, sign_up


async def test_a_code_stands_in_for_the_app_once(desk: Desk) -> None:
    ann = await sign_up(desk)
    _, codes = await ann.add_totp()
    browser = desk.browser(address="198.51.100.4")
    typed = codes[3].upper().replace("-", " ")
    assert (await show(browser, await begin_sign_in(browser), typed, "recovery_code")).status_code == 200
    again = await show(browser, await begin_sign_in(browser), codes[3], "recovery_code")
    assert said(again) == (403, "wrong_factor")
    assert (await ann.call("GET", "/factors")).json()["recovery_codes_left"] == 9
    *_, told = await desk.events("auth.credential_changed.v1")
    assert (told.data["what"], told.data["act"], told.address) == ("recovery_codes", "used", "198.51.100.4")
    *_, mail = await desk.deliver()
    assert mail.subject == "A recovery code of your account was used"
    assert "9 are left" in mail.text
    assert codes[3] not in mail.text


async def test_of_two_who_use_a_code_at_once_one_gets_in(desk: Desk) -> None:
    _, codes = await (await sign_up(desk)).add_totp()
    browsers = [desk.browser(address=f"198.51.100.{number}") for number in range(4)]
    tickets = [await begin_sign_in(browser) for browser in browsers]
    answers = await asyncio.gather(
        *(show(browser, ticket, codes[0], "recovery_code") for browser, ticket in zip(browsers, tickets, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]


async def test_new_codes_end_the_old(desk: Desk) -> None:
    ann = await sign_up(desk)
    assert said(await ann.call("POST", "/factors/recovery-codes")) == (409, "factor_not_on")
    _, old = await ann.add_totp()
    new = (await ann.call("POST", "/factors/recovery-codes")).json()["codes"]
    assert len(set(old) | set(new)) == 20
    browser = desk.browser()
    ticket = await begin_sign_in(browser)
    assert said(await show(browser, ticket, old[0], "recovery_code")) == (403, "wrong_factor")
    assert (await show(browser, ticket, new[0], "recovery_code")).status_code == 200
    *_, mail, _ = await desk.deliver()
    assert mail.subject == "New recovery codes were made for your account"


async def test_anothers_code_is_wrong(desk: Desk) -> None:
    _, codes = await (await sign_up(desk)).add_totp()
    await (await sign_up(desk, "eve@example.com")).add_totp()
    browser = desk.browser()
    ticket = await begin_sign_in(browser, "eve@example.com")
    assert said(await show(browser, ticket, codes[0], "recovery_code")) == (403, "wrong_factor")


async def test_codes_are_guessed_at_no_faster_than_the_apps(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    browser = desk.browser()
    kinds = ["totp", "recovery_code"] * 3
    tickets = [await begin_sign_in(browser) for _ in kinds]
    answers = [
        (await show(browser, ticket, app.wrong(), kind)).status_code
        for ticket, kind in zip(tickets, kinds, strict=True)
    ]
    assert answers == [403] * 5 + [429]


@pytest.mark.parametrize("code", ["x", "-", " ", "\x00", "é" * 100, "' or 1=1 --", "00000-00000"])
async def test_what_is_no_code_is_wrong(desk: Desk, code: str) -> None:
    await (await sign_up(desk)).add_totp()
    browser = desk.browser()
    assert said(await show(browser, await begin_sign_in(browser), code, "recovery_code")) == (403, "wrong_factor")


def test_codes_are_read_as_they_were_meant() -> None:
    assert read_code(" 7K3Mq x9dOl ") == read_code("7k3mq-x9d01") == "7k3mqx9d01"
    made = {new_code() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(read_code(code)) == 25 for code in made)
