"""Signing in by a real OpenID provider in a real browser, through the provider's own pages."""

import contextlib
import re
import socket
import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.adapters_support.openid_provider import CLIENT_ID, CLIENT_SECRET, openid_provider
from tests.browser.test_main_job import open_page
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _let_grow_stale(server: RunningServer) -> None:
    """Let more than five minutes pass for every session."""
    with contextlib.closing(sqlite3.connect(server.data / "databases" / "auth.sqlite", timeout=10)) as database:
        database.execute("UPDATE session SET fresh_at = NULL")
        database.commit()


async def _confirm_at_the_provider(page: Page, server: RunningServer) -> None:
    """Do something sensitive: who has nothing to show here signs in anew at the provider, and then does it."""
    _let_grow_stale(server)
    await page.goto("/settings/keys")
    await page.get_by_role("button", name="Make a key").click()
    await page.get_by_label("Name", exact=True).fill("Nightly report")
    await page.get_by_role("button", name="Make the key").click()
    await page.get_by_role("button", name="Sign in again with Our company").click()
    # Signed in there already, and asked all the same.
    await page.get_by_placeholder("Enter any login").fill("ada")
    await page.get_by_placeholder("and password").fill("any")
    await page.get_by_role("button", name="Sign-in").click()
    await expect(page.get_by_text("Confirmed. Now do again what you wanted to do.")).to_be_visible()
    await page.get_by_role("button", name="Make a key").click()
    await page.get_by_label("Name", exact=True).fill("Nightly report")
    await page.get_by_role("button", name="Make the key").click()
    await expect(page.get_by_test_id("new-key")).to_be_visible()


@pytest.mark.long
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
            await _confirm_at_the_provider(page, server)
            await page.context.close()
        finally:
            server.stop()
    # The browser notes the one answer that asked to confirm.
    assert errors == ["Failed to load resource: the server responded with a status of 403 (Forbidden)"]
