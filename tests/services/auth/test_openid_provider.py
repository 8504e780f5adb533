"""Signing in by a real OpenID provider, through its own pages."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.provider_settings import ProviderSettings
from outcry.services.auth.settings import AuthSettings
from tests.adapters_support.openid_provider import CLIENT_ID, CLIENT_SECRET, openid_provider, sign_in_there
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.test_openid import CALLBACK, landing, me_of, start
from tests.services.people import FAST


@pytest.fixture(scope="module")
async def issuer() -> AsyncIterator[str]:
    """A real provider, started once."""
    async with openid_provider(CALLBACK) as found:
        yield found


@pytest.fixture
def settings(issuer: str) -> AuthSettings:
    """The provider beside the usual settings."""
    corp = ProviderSettings(
        name="corp",
        title="Corp",
        issuer=issuer,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        trusted=True,
    )
    return FAST.model_copy(update={"oidc": (corp,)})


async def sign_in(browser: Browser, name: str, *, agree: bool = True) -> httpx.Response:
    return await browser.http.get(await sign_in_there(await start(browser), name=name, agree=agree))


async def test_somebody_new_gets_an_account_and_comes_back_to_it(desk: Desk, issuer: str) -> None:
    first, second = desk.browser(), desk.browser()
    assert landing(await sign_in(first, "ann")) == "/rooms"
    assert landing(await sign_in(second, "ann")) == "/rooms"
    me = await me_of(first)
    assert (await me_of(second))["person"] == me["person"]
    assert me["person"]["email"] == "ann@example.com"  # type: ignore[index]  # the answer is JSON
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1


async def test_somebody_who_does_not_agree_is_not_let_in(desk: Desk) -> None:
    browser = desk.browser()
    assert landing(await sign_in(browser, "bob", agree=False)) == "/sign-in#problem=provider_denied"
    assert "outcry_refresh" not in browser.http.cookies


async def test_an_address_that_is_not_vouched_for_opens_nothing(desk: Desk) -> None:
    assert landing(await sign_in(desk.browser(), "unverified-eve")) == "/sign-in#problem=link_first"


async def test_an_answer_is_taken_once_there_too(desk: Desk) -> None:
    browser = desk.browser()
    back = await sign_in_there(await start(browser), name="cleo")
    assert "&iss=http" in back
    assert landing(await browser.http.get(back)) == "/rooms"
    assert landing(await browser.http.get(back)) == "/sign-in#problem=sign_in_lost"
