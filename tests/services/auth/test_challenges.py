"""Who fails often shows that they are a person; who signed in from this browser before is never asked."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from outcry.adapters.challenges.challenge_address import read_challenge_address
from outcry.adapters.challenges.hcaptcha import HcaptchaChallenges
from outcry.adapters.secrets.files import FilesSecrets
from outcry.ports.challenges import Challenges
from tests.adapters_support.challenge_server import SECRET, SITE_KEY, ChallengeServer
from tests.adapters_support.web_server import Reply
from tests.services.auth.conftest import PASSWORD, Browser, Desk

WRONG = "violins eat seven purple trams"


@pytest.fixture
async def server() -> AsyncIterator[ChallengeServer]:
    """The server of the widget's maker."""
    async with ChallengeServer() as running:
        yield running


@pytest.fixture
async def challenges(server: ChallengeServer, tmp_path: Path) -> AsyncIterator[Challenges]:
    """hCaptcha, at that server."""
    folder = tmp_path / "challenge-secrets"
    folder.mkdir()
    (folder / "challenge-hcaptcha").write_text(SECRET)
    address = read_challenge_address(f"hcaptcha:{SITE_KEY}?base={server.url}")
    opened = HcaptchaChallenges(address, secrets=FilesSecrets(folder, environment={}))
    yield opened
    await opened.close()


async def sign_in(
    browser: Browser, password: str = WRONG, *, email: str = "ann@example.com", solved: str = ""
) -> httpx.Response:
    headers = {"challenge-response": solved} if solved else {}
    return await browser.http.post("/sign-in", json={"email": email, "password": password}, headers=headers)


async def codes(browser: Browser, times: int, *, email: str = "ann@example.com") -> list[str]:
    return [(await sign_in(browser, email=email)).json()["code"] for _ in range(times)]


async def test_after_three_failures_a_challenge_goes_first(desk: Desk, server: ChallengeServer) -> None:
    await desk.browser().register()
    browser = desk.browser(address="198.51.100.1")
    assert await codes(browser, 3) == ["wrong_credentials"] * 3
    asked = await sign_in(browser, PASSWORD)
    assert asked.status_code == 403
    assert asked.json()["code"] == "challenge_required"
    assert asked.json()["challenge"] == {
        "provider": "hcaptcha",
        "site_key": SITE_KEY,
        "script": f"{server.url}/1/api.js?render=explicit",
    }
    assert server.verified == []
    done = await sign_in(browser, PASSWORD, solved=server.solve())
    assert done.status_code == 200
    assert len(server.verified) == 1


async def test_asking_for_one_uses_up_no_try(desk: Desk, server: ChallengeServer) -> None:
    browser = desk.browser()
    await codes(browser, 3)
    assert await codes(browser, 20) == ["challenge_required"] * 20
    assert (await sign_in(browser, solved=server.solve())).json()["code"] == "wrong_credentials"


async def test_one_solved_is_one_try_and_the_usual_limit_stays(desk: Desk, server: ChallengeServer) -> None:
    browser = desk.browser()
    await codes(browser, 3)
    for _ in range(2):
        assert (await sign_in(browser, solved=server.solve())).json()["code"] == "wrong_credentials"
    # Nobody solves one only to be told to wait.
    assert (await sign_in(browser)).json()["code"] == "rate_limited"
    assert (await sign_in(browser, solved=server.solve())).json()["code"] == "rate_limited"
    assert len(server.verified) == 2


async def test_a_response_works_once_whoever_shows_it(desk: Desk, server: ChallengeServer) -> None:
    first, second = desk.browser(address="198.51.100.1"), desk.browser(address="198.51.100.2")
    await codes(first, 3)
    await codes(second, 3)
    response = server.solve()
    both = await asyncio.gather(*(sign_in(each, solved=response) for each in (first, second)))
    assert sorted(answer.json()["code"] for answer in both) == ["challenge_failed", "wrong_credentials"]


async def test_a_wrong_one_is_refused_before_the_password_is_looked_at(desk: Desk, server: ChallengeServer) -> None:
    await desk.browser().register()
    browser = desk.browser(address="198.51.100.1")
    await codes(browser, 3)
    refused = await sign_in(browser, PASSWORD, solved="made-up")
    assert refused.status_code == 403
    assert refused.json()["code"] == "challenge_failed"
    assert refused.json()["challenge"]["site_key"] == SITE_KEY
    assert (await sign_in(browser, PASSWORD, solved=server.solve())).status_code == 200


async def test_wrong_ones_count_so_that_nobody_has_us_ask_for_ever(desk: Desk, server: ChallengeServer) -> None:
    browser = desk.browser()
    await codes(browser, 3)
    said = [(await sign_in(browser, solved=f"made-up-{number}")).json()["code"] for number in range(30)]
    assert said == ["challenge_failed"] * 27 + ["rate_limited"] * 3
    assert len(server.verified) == 27


async def test_guessing_at_one_account_from_everywhere_needs_them_too(desk: Desk) -> None:
    strangers = [desk.browser(address=f"198.51.100.{number}") for number in range(1, 13)]
    said = [(await sign_in(stranger)).json()["code"] for stranger in strangers]
    assert said == ["wrong_credentials"] * 10 + ["challenge_required"] * 2
    assert (await sign_in(strangers[0], email="ben@example.com")).json()["code"] == "wrong_credentials"


async def test_guessing_at_many_accounts_from_one_network_needs_them_too(desk: Desk) -> None:
    browsers = [desk.browser(address=f"2001:db8:1:2::{number:x}") for number in range(1, 13)]
    said = [
        (await sign_in(browser, email=f"p{number}@example.com")).json()["code"]
        for number, browser in enumerate(browsers)
    ]
    assert said == ["wrong_credentials"] * 10 + ["challenge_required"] * 2


async def test_who_signed_in_from_this_browser_before_is_not_asked(desk: Desk) -> None:
    browser = desk.browser()
    await browser.register()
    assert (await sign_in(browser, PASSWORD)).status_code == 200
    strangers = [desk.browser(address=f"198.51.100.{number}") for number in range(1, 13)]
    for stranger in strangers:
        await sign_in(stranger)
    assert await codes(browser, 4) == ["wrong_credentials"] * 4
    assert (await sign_in(browser, PASSWORD)).status_code == 200


async def test_it_is_over_with_the_window(desk: Desk) -> None:
    browser = desk.browser()
    assert (await codes(browser, 4))[-1] == "challenge_required"
    desk.clock.advance(timedelta(minutes=15, seconds=1))
    assert await codes(browser, 1) == ["wrong_credentials"]


async def test_many_accounts_from_one_network_need_them(desk: Desk, server: ChallengeServer) -> None:
    browsers = [desk.browser() for _ in range(11)]
    answers = [await each.register(email=f"p{number}@example.com") for number, each in enumerate(browsers)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [403]
    assert answers[-1].json()["code"] == "challenge_required"
    passkey = await desk.browser().http.post(
        "/register/passkey/options", json={"email": "q@example.com", "name": "Q Lee"}
    )
    assert passkey.json()["code"] == "challenge_required"
    body = {"email": "p10@example.com", "password": PASSWORD, "name": "Ann Lee"}
    headers = {"challenge-response": server.solve()}
    assert (await desk.browser().http.post("/register", json=body, headers=headers)).status_code == 201
    assert (await desk.browser(address="198.51.100.1").register(email="far@example.com")).status_code == 201


async def test_a_password_that_is_not_taken_uses_up_no_response(desk: Desk, server: ChallengeServer) -> None:
    for number in range(10):
        await desk.browser().register(email=f"p{number}@example.com")
    response = server.solve()
    body = {"email": "p10@example.com", "password": "short", "name": "Ann Lee"}
    headers = {"challenge-response": response}
    assert (await desk.browser().http.post("/register", json=body, headers=headers)).status_code == 422
    again = await desk.browser().http.post("/register", json={**body, "password": PASSWORD}, headers=headers)
    assert again.status_code == 201


async def test_many_recoveries_from_one_network_need_them(desk: Desk, server: ChallengeServer) -> None:
    browser = desk.browser()
    said = [await browser.http.post("/recover", json={"email": f"p{number}@example.com"}) for number in range(11)]
    assert [answer.status_code for answer in said] == [202] * 10 + [403]
    assert said[-1].json()["code"] == "challenge_required"
    assert len(await desk.events("auth.mail_queued.v1")) == 10
    headers = {"challenge-response": server.solve()}
    done = await browser.http.post("/recover", json={"email": "p11@example.com"}, headers=headers)
    assert done.status_code == 202


@pytest.mark.parametrize("reply", [Reply(500), Reply.json({"success": False, "error-codes": ["invalid-input-secret"]})])
async def test_while_nobody_can_verify_the_usual_limits_hold_alone(
    desk: Desk, server: ChallengeServer, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.browser().register()
    server.replies["/siteverify"] = reply
    browser = desk.browser(address="198.51.100.1")
    await codes(browser, 3)
    # Who sends nothing is asked all the same: only a widget tells that the maker is away.
    assert (await sign_in(browser, PASSWORD)).json()["code"] == "challenge_required"
    assert (await sign_in(browser, solved="anything")).json()["code"] == "wrong_credentials"
    assert (await sign_in(browser, solved="anything")).json()["code"] == "wrong_credentials"
    assert (await sign_in(browser, solved="anything")).json()["code"] == "rate_limited"
    left_out = [record for record in caplog.records if "left out" in record.message]
    assert [record.levelno for record in left_out] == [logging.WARNING] * 2


@pytest.mark.parametrize("response", ["two words", "x" * 8_193])
async def test_what_is_no_response_is_never_sent_on(desk: Desk, server: ChallengeServer, response: str) -> None:
    browser = desk.browser()
    await codes(browser, 3)
    assert (await sign_in(browser, solved=response)).status_code in (403, 422)
    assert server.verified == []
