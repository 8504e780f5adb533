"""What the tests of accounts and organisations do on the pages, again and again."""

import asyncio
import contextlib
import email
import email.policy
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.async_api import Browser, Page, expect

from tests.browser.test_main_job import PASSWORD, open_page
from tests.running import Client, RunningServer

WIDE = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "color_scheme": "dark"}
LINK = re.compile(r"http://localhost:\d+/\S+#\S+")


@contextlib.asynccontextmanager
async def visit(browser: Browser, desk: RunningServer, **look: Any) -> AsyncIterator[Page]:
    """Open a browser of its own; no page of it may fail meanwhile."""
    errors: list[str] = []
    page = await open_page(browser, desk, errors, **(look or WIDE))
    yield page
    await page.context.close()
    # What a refused request leaves on the console is the browser's own line.
    assert [error for error in errors if "Failed to load resource" not in error] == []


def new_address() -> str:
    """Return an address that nobody has."""
    return f"{uuid4().hex[:12]}@example.com"


async def plug_in(page: Page) -> None:
    """Give the browser an authenticator that makes passkeys, and shows them at once."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def sign_out(page: Page) -> None:
    """Sign out, through the menu where the page is narrow."""
    menu = page.get_by_role("button", name="Open the menu")
    if await menu.is_visible():
        await menu.click()
    await page.get_by_test_id("sign-out").click()
    await expect(page).to_have_url(re.compile("/sign-in"))


async def sign_in(page: Page, address: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in page."""
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def join(page: Page, desk: RunningServer, address: str) -> None:
    """Make an account without the page, and sign in to it on the page."""
    account = Client(desk.url)
    await account.call("POST", "/auth/register", {"email": address, "password": PASSWORD, "name": "Ada Trader"})
    await account.http.post("/auth/sign-out", headers={"x-outcry": "1"})
    await account.close()
    await sign_in(page, address)
    await expect(page.get_by_test_id("sign-out")).to_be_attached()


async def link_for(desk: RunningServer, address: str, path: str) -> str:
    """Wait for the mail that brings somebody a link to a page, and return the link."""
    async with asyncio.timeout(20):
        folder = desk.data / "mail"
        while not (found := find_link(folder, address, path)):  # noqa: ASYNC110  # another process writes the mail
            await asyncio.sleep(0.05)
    return found


def find_link(folder: Path, address: str, path: str) -> str:
    """Return the link to a page in the newest mail to an address; empty when there is none."""
    for file in sorted(folder.glob("*.eml"), key=lambda each: each.stat().st_mtime, reverse=True):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        body = message.get_body()
        text = str(body.get_content()) if body else ""
        if address in str(message["To"]):
            for link in LINK.findall(text):
                if f"{path}#" in link:
                    return str(link)
    return ""
