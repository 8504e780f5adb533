"""Who guesses is slowed, from however many addresses; who has signed in from a browser before is not kept out."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from outcry.services.auth.browsers import MOST_ACCOUNTS, KnownBrowsers
from outcry.services.auth.models.factors import CredentialRow
from outcry.services.auth.passwords import Passwords
from outcry.services.auth.vault import Vault
from tests.services.auth.conftest import PASSWORD, Browser, Desk
from tests.services.people import FAST

WRONG = "violins eat seven purple trams"


async def guess(desk: Desk, number: int) -> int:
    stranger = desk.browser(address=f"198.51.100.{number}")
    return (await stranger.sign_in(password=WRONG)).status_code


async def test_many_addresses_together_have_few_guesses(desk: Desk) -> None:
    await desk.browser().register()
    answers = [await guess(desk, number) for number in range(52)]
    assert answers == [401] * 50 + [429] * 2
    # A browser that never signed in waits with the strangers, whatever its address and password.
    waiting = await desk.browser(address="192.0.2.1").sign_in()
    assert waiting.status_code == 429
    assert 0 < int(waiting.headers["retry-after"]) <= 900
    desk.clock.advance(timedelta(minutes=15))
    assert (await desk.browser(address="192.0.2.1").sign_in()).status_code == 200


async def test_the_owners_browser_goes_on_whatever_strangers_do(desk: Desk) -> None:
    await desk.browser().register()
    owner = desk.browser()
    assert (await owner.sign_in()).status_code == 200
    for number in range(51):
        await guess(desk, number)
    # Not even the same network keeps it out.
    neighbour = desk.browser()
    assert [(await neighbour.sign_in(email=f"p{n}@example.com")).status_code for n in range(31)][-1] == 429
    assert (await owner.sign_in()).status_code == 200


async def test_a_known_browser_has_a_counter_of_its_own(desk: Desk) -> None:
    await desk.browser().register()
    owner = desk.browser()
    await owner.sign_in()
    assert [(await owner.sign_in(password=WRONG)).status_code for _ in range(7)] == [401] * 5 + [429] * 2
    # What was guessed there is not counted for others.
    assert (await desk.browser(address="192.0.2.1").sign_in()).status_code == 200


async def test_a_browser_is_known_for_the_account_that_it_signed_in_to_only(desk: Desk) -> None:
    await desk.browser().register()
    await desk.browser().register(email="eve@example.com", name="Eve")
    eve = desk.browser(address="192.0.2.9")
    assert (await eve.sign_in(email="eve@example.com")).status_code == 200
    answers = [(await eve.sign_in(password=WRONG)).status_code for _ in range(7)]
    assert answers == [401] * 5 + [429] * 2
    assert (await eve.sign_in(email="eve@example.com")).status_code == 200


@pytest.mark.parametrize("cookie", ["x", "x.y", "." * 50, "a" * 5_000, "name.", "%00.%00"])
async def test_a_made_up_cookie_is_no_browser(desk: Desk, cookie: str) -> None:
    await desk.browser().register()
    browser = desk.browser()
    browser.http.cookies.set("outcry_browser", cookie, domain="desk.example", path="/api/v1/auth")
    assert [(await browser.sign_in(password=WRONG)).status_code for _ in range(6)] == [401] * 5 + [429]


async def test_the_cookie_names_nobody_and_keeps_five_accounts(desk: Desk) -> None:
    vault = Vault(desk.secrets, desk.clock)
    await vault.start()
    browsers = KnownBrowsers(vault)
    cookie = None
    for number in range(7):
        cookie = browsers.remember(cookie, f"p{number}@example.com")
    known = [bool(browsers.find(cookie, f"p{number}@example.com")) for number in range(7)]
    assert known == [False] * 2 + [True] * MOST_ACCOUNTS
    assert cookie is not None
    assert "example" not in cookie
    name, *marks = cookie.split(".")
    assert browsers.find(".".join(("other", *marks)), "p6@example.com") == ""
    assert browsers.find(f"{name}.{marks[0][:-1]}", "p6@example.com") == ""


async def stored(desk: Desk) -> CredentialRow:
    async with desk.database.reading() as session:
        rows = (await session.scalars(select(CredentialRow))).all()
    assert len(rows) == 1
    return rows[0]


async def replace_hash(desk: Desk, password_hash: str, version: int) -> None:
    async with desk.database.transaction() as transaction:
        values = update(CredentialRow).values(password_hash=password_hash, pepper_version=version)
        await transaction.session.execute(values)


async def test_a_hash_from_before_the_pepper_verifies_and_is_made_anew(desk: Desk) -> None:
    await desk.browser().register()
    passwords = Passwords(FAST, desk.secrets)
    await replace_hash(desk, passwords._hasher.hash(PASSWORD), 0)
    assert (await desk.browser().sign_in(password=WRONG)).status_code == 401
    assert (await stored(desk)).pepper_version == 0
    assert (await desk.browser().sign_in()).status_code == 200
    assert (await stored(desk)).pepper_version == 1
    assert (await desk.browser().sign_in()).status_code == 200
    passwords.close()


async def test_a_hash_of_weaker_parameters_is_made_anew(desk: Desk) -> None:
    await desk.browser().register()
    older = Passwords(FAST.model_copy(update={"hash_memory_kib": 16}), desk.secrets)
    await replace_hash(desk, await older.hash(PASSWORD), 1)
    assert (await desk.browser().sign_in()).status_code == 200
    assert "m=8,t=1,p=1" in (await stored(desk)).password_hash
    assert (await desk.browser().sign_in()).status_code == 200
    older.close()


async def test_a_stolen_database_is_of_no_use_without_the_pepper(desk: Desk) -> None:
    await desk.browser().register()
    row = await stored(desk)
    passwords = Passwords(FAST, desk.secrets)
    assert not await passwords.verify(row.password_hash, PASSWORD, pepper_version=0)
    assert await passwords.verify(row.password_hash, PASSWORD)
    passwords.close()


async def sign_up_again(browser: Browser) -> int:
    return (await browser.register()).status_code


async def test_registering_a_taken_address_hashes_all_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = Passwords.hash, []

    async def hashing(self: Passwords, password: str) -> str:
        seen.append(len(password))
        return await real(self, password)

    monkeypatch.setattr(Passwords, "hash", hashing)
    assert [await sign_up_again(desk.browser()) for _ in range(2)] == [201, 409]
    assert seen == [len(PASSWORD)] * 2
