"""Confirming that it is you by signing in anew at a provider, for who has nothing else to show."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from outcry.kit.clock import FakeClock
from outcry.services.auth.errors import LastWayInError
from outcry.services.auth.events import StepUpFailed
from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.models.factors import IdentityRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.ways_in import check_way_in
from tests.adapters_support.openid_server import OpenidServer, visit
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.test_openid import landing, link, provider_settings, registered, sign_in
from tests.services.people import FAST


@pytest.fixture
async def corp() -> AsyncIterator[OpenidServer]:
    async with OpenidServer() as server:
        yield server


@pytest.fixture
async def club() -> AsyncIterator[OpenidServer]:
    async with OpenidServer() as server:
        yield server


@pytest.fixture
def fake_clock() -> FakeClock:
    """Stands at the present: providers have clocks of their own."""
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def settings(corp: OpenidServer, club: OpenidServer) -> AuthSettings:
    providers = (provider_settings(corp, "corp", trusted=True), provider_settings(club, "club", trusted=False))
    return FAST.model_copy(update={"oidc": providers})


class Stale:
    """Somebody who came in by a provider, and whose session is not fresh any more."""

    def __init__(self, browser: Browser, token: str) -> None:
        self.browser = browser
        self._headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, **body: str) -> httpx.Response:
        return await self.browser.http.request(method, path, json=body or None, headers=self._headers)

    async def start(self, name: str = "corp") -> httpx.Response:
        return await self.call("POST", f"/step-up/providers/{name}/start", next="/settings")

    async def come_back(self) -> str:
        """Sign in anew at the provider; return the page that the browser lands on."""
        started = await self.start()
        assert started.status_code == 200, started.text
        return landing(await self.browser.http.get(await visit(started.json()["url"])))

    async def is_fresh(self) -> bool:
        return (await self.call("GET", "/step-up")).json()["fresh_until"] is not None


async def grow_stale(desk: Desk) -> None:
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(SessionRow).values(fresh_at=None))


@pytest.fixture
async def ann(desk: Desk) -> Stale:
    browser = desk.browser()
    await sign_in(browser)
    token = (await browser.refresh()).json()["access_token"]
    await grow_stale(desk)
    return Stale(browser, token)


async def test_signing_in_anew_at_the_provider_makes_the_session_fresh(ann: Stale) -> None:
    refused = await ann.call("POST", "/factors/totp")
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    asked = (await ann.call("GET", "/step-up")).json()
    assert (asked["kinds"], asked["providers"], asked["fresh_until"]) == ([], ["corp"], None)
    url = parse_qs(urlsplit((await ann.start()).json()["url"]).query)
    assert (url["prompt"], url["max_age"]) == (["login"], ["0"])
    assert await ann.come_back() == "/settings"
    assert await ann.is_fresh()
    assert (await ann.call("POST", "/factors/totp")).status_code == 200


@pytest.mark.parametrize("auth_time", [None, -3600, 3600, "now", True])
async def test_a_provider_that_did_not_ask_again_proves_nothing(
    desk: Desk, ann: Stale, corp: OpenidServer, auth_time: Any
) -> None:
    seconds = isinstance(auth_time, int) and not isinstance(auth_time, bool)
    corp.claims = {"auth_time": int(time.time()) + auth_time if seconds else auth_time}
    assert await ann.come_back() == "/settings#problem=identity_refused"
    assert not await ann.is_fresh()
    assert [event.name for event in await desk.events() if event.name == StepUpFailed.name] == [StepUpFailed.name]


async def test_another_persons_account_at_the_provider_proves_nothing(ann: Stale, corp: OpenidServer) -> None:
    corp.person = {**corp.person, "sub": "somebody-else"}
    assert await ann.come_back() == "/settings#problem=wrong_factor"
    assert not await ann.is_fresh()


async def test_a_provider_that_is_not_connected_cannot_be_used(ann: Stale) -> None:
    refused = await ann.start("club")
    assert refused.json()["code"] == "factor_not_on"
    assert (await ann.start("nobody")).status_code == 404


async def test_who_has_a_password_shows_that(desk: Desk) -> None:
    browser, token = await registered(desk)
    await link(browser, token)
    await grow_stale(desk)
    ann = Stale(browser, token)
    asked = (await ann.call("GET", "/step-up")).json()
    assert (asked["kinds"], asked["providers"]) == (["password"], [])
    assert (await ann.start()).json()["code"] == "factor_not_on"


async def test_a_session_that_ended_meanwhile_is_not_freshened(ann: Stale) -> None:
    started = (await ann.start()).json()["url"]
    assert (await ann.browser.sign_out()).status_code == 204
    back = await ann.browser.http.get(await visit(started))
    assert landing(back).startswith("/settings#problem=")


async def test_a_provider_that_was_taken_away_is_no_way_in(desk: Desk, ann: Stale, settings: AuthSettings) -> None:
    async with desk.database.reading() as session:
        person_id = (await session.scalars(select(IdentityRow.person_id))).one()
        await check_way_in(session, person_id, settings)
        with pytest.raises(LastWayInError):
            await check_way_in(session, person_id, settings.model_copy(update={"oidc": ()}))
