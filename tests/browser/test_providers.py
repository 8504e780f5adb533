"""Signing in by an OpenID provider on the pages; the provider is a server of the test, and agrees at once."""

import json
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect

from tests.adapters_support.openid_server import CLIENT_ID, CLIENT_SECRET, OpenidServer
from tests.browser.accounts import join, new_address, sign_out, visit
from tests.browser.conftest import free_port
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
async def corp() -> AsyncIterator[OpenidServer]:
    """The provider."""
    async with OpenidServer() as server:
        yield server


@pytest.fixture
async def desk(corp: OpenidServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """A server whose operator trusts the provider."""
    port = free_port()
    provider = {"name": "corp", "title": "Corp", "issuer": corp.url, "client_id": CLIENT_ID, "trusted": True}
    settings = {
        "PORT": str(port),
        "OUTCRY_PUBLIC_URL": f"http://localhost:{port}",
        "OUTCRY_AUTH_OIDC": json.dumps([{**provider, "client_secret": CLIENT_SECRET}]),
    }
    running = RunningServer(tmp_path_factory.mktemp("data"), **settings).start()
    running.url = settings["OUTCRY_PUBLIC_URL"]
    yield running
    running.stop()


async def test_a_provider_signs_somebody_in_and_a_refusal_is_told(
    browser: Browser, desk: RunningServer, corp: OpenidServer
) -> None:
    async with visit(browser, desk) as page:
        corp.back = {"error": "access_denied", "code": ""}
        await page.goto("/sign-in?next=%2Fmarkets")
        await page.get_by_role("button", name="Continue with Corp").click()
        await expect(page.get_by_role("alert")).to_contain_text("did not let you in")
        await expect(page).not_to_have_url(re.compile("#"))

        corp.back = {}
        await page.goto("/sign-in?next=%2Fmarkets")
        await page.get_by_role("button", name="Continue with Corp").click()
        await expect(page).to_have_url(f"{desk.url}/markets")
        await page.goto("/settings/sign-in")
        # It is their only way in, so it stays.
        await page.get_by_role("button", name="Disconnect").click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Disconnect").click()
        await expect(page.get_by_role("alert")).to_contain_text("could not sign in any more")


async def test_a_provider_is_linked_in_the_settings_and_unlinked(
    browser: Browser, desk: RunningServer, corp: OpenidServer
) -> None:
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        await page.goto("/settings/sign-in")
        connect = page.get_by_role("button", name="Connect Corp", exact=True)
        corp.back = {"error": "access_denied", "code": ""}
        await connect.click()
        await expect(page.get_by_role("alert")).to_contain_text("did not let you in")
        await expect(page).not_to_have_url(re.compile("#"))

        corp.back = {}
        await connect.click()
        linked = page.locator("section").filter(has_text="Linked accounts").get_by_role("listitem")
        await expect(linked).to_contain_text("ann@example.com")
        await expect(connect).to_be_hidden()

        await sign_out(page)
        await page.get_by_role("button", name="Continue with Corp").click()
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await expect(page.locator(".who")).to_contain_text("Ada Trader")

        await page.goto("/settings/sign-in")
        await expect(linked).to_contain_text("last used just now")
        await linked.get_by_role("button", name="Disconnect").click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Disconnect").click()
        await expect(linked).to_be_hidden()
        await expect(connect).to_be_visible()
