"""Signing in by a real OpenID provider in a real browser, through the provider's own pages."""

import re
import socket
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.adapters_support.openid_provider import CLIENT_ID, CLIENT_SECRET, openid_provider
from tests.browser.test_main_job import open_page
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_somebody_new_comes_in_by_a_provider_and_stays_signed_in(browser: Browser, tmp_path: Path) -> None:
    # The provider knows beforehand where it sends browsers back, and the server where the provider is.
    port = _free_port()
    errors: list[str] = []
    async with openid_provider(f"http://localhost:{port}/api/v1/auth/oidc/corp/callback") as issuer:
        corp = (
            f'[{{"name": "corp", "title": "Our company", "issuer": "{issuer}", "client_id": "{CLIENT_ID}", '
            f'"client_secret": "{CLIENT_SECRET}", "trusted": true}}]'
        )
        server = RunningServer(tmp_path / "data", PORT=str(port), OUTCRY_AUTH_OIDC=corp).start()
        try:
            server.url = f"http://localhost:{port}"
            page = await open_page(browser, server, errors)
            # The provider's pages want fonts from the internet, which is not there for tests.
            await page.route(re.compile("^https:"), lambda route: route.fulfill(body=""))
            await page.goto("/sign-in")
            await page.get_by_role("button", name="Continue with Our company").click()
            await page.get_by_placeholder("Enter any login").fill("ada")
            await page.get_by_placeholder("and password").fill("any")
            await page.get_by_role("button", name="Sign-in").click()
            await page.get_by_role("button", name="Continue").click()
            await expect(page.get_by_test_id("composer")).to_be_focused()
            await page.reload()
            await expect(page.get_by_test_id("composer")).to_be_focused()
            await page.goto("/settings/sign-in")
            await expect(page.get_by_text("ada@example.com · last used")).to_be_visible()
            await page.context.close()
        finally:
            server.stop()
    assert errors == []
