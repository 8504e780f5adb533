"""Signing up where addresses are confirmed first, by keyboard alone, with a passphrase that the page makes."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import PHONE, link_for, new_address, visit
from tests.browser.conftest import free_port
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def careful_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that makes an account only once its address was confirmed."""
    port = free_port()
    url = f"http://localhost:{port}"
    settings = {"PORT": str(port), "OUTCRY_PUBLIC_URL": url, "OUTCRY_AUTH_CONFIRM_EMAIL": "true"}
    running = RunningServer(tmp_path_factory.mktemp("data"), **settings).start()
    running.url = url
    yield running
    running.stop()


async def test_an_address_is_confirmed_before_there_is_an_account(
    browser: Browser, careful_desk: RunningServer
) -> None:
    address = new_address()
    async with visit(browser, careful_desk, **PHONE) as page:
        await page.goto("/sign-up")
        await expect(page.get_by_label("Name")).to_be_focused()
        await page.keyboard.type("Ada Trader")
        await page.keyboard.press("Tab")
        await page.keyboard.type(address)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Use a passkey instead")).to_be_focused()
        await page.get_by_role("button", name="Generate a passphrase").press("Enter")
        await page.get_by_label("Password", exact=True).press("Enter")
        await expect(page.get_by_test_id("mail-sent")).to_contain_text(address)

        link = await link_for(careful_desk, address, "/confirm")
        await page.goto(link)
        await expect(page.get_by_role("button", name="Confirm and sign in")).to_be_focused()
        await expect(page).not_to_have_url(re.compile("#"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Open the menu")).to_be_visible()

    async with visit(browser, careful_desk) as other:
        await other.goto(link)
        await other.get_by_role("button", name="Confirm and sign in").click()
        await expect(other.get_by_role("alert")).to_be_visible()
