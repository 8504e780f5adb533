"""Account and organisation pages on a phone, with long names and addresses, and by keyboard alone."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, join, link_for, new_address, visit
from tests.browser.test_organisation import invite
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Whatever scrolls sideways but what is meant to: the strip of pages, and wide tables in a region of their own.
WIDER = """[...document.querySelectorAll('html, body, .scroll, .scroll *, .card, .card *')]
    .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
    .filter((node) => !node.closest('nav, .sr-only, [role=region][tabindex]'))
    .filter((node) => getComputedStyle(node).display !== 'inline' && !['INPUT', 'SELECT'].includes(node.tagName))
    .map((node) => `${node.tagName} ${node.className} ${node.textContent.trim().slice(0, 40)}`)"""


@pytest.fixture(scope="module")
async def member(browser: Browser, desk: RunningServer) -> AsyncIterator[Page]:
    """The page of somebody who is signed in."""
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        yield page


async def fits(page: Page) -> None:
    """Check that nothing on the page is wider than its place."""
    assert await page.evaluate(WIDER) == []


async def test_every_page_fits_a_phone(browser: Browser, desk: RunningServer) -> None:
    long = f"a-very-long-name-that-has-no-place-to-break-{new_address()}"
    async with visit(browser, desk, **PHONE) as page, visit(browser, desk, **PHONE) as guest:
        await join(page, desk, long)
        await page.goto("/settings")
        await page.get_by_role("button", name="Change the address").click()
        await expect(page.get_by_label("New address")).to_be_focused()
        await fits(page)
        await page.goto("/settings/privacy")
        await page.get_by_role("button", name="Erase the account…").click()
        await expect(page.get_by_label(re.compile("to confirm"))).to_be_focused()
        await fits(page)
        await invite(page, f"invited-{long}", "viewer")
        await fits(page)
        for path, ready in {
            "/settings/sign-in": "Set up an app",
            "/settings/sessions": "Sign out everywhere else",
            "/settings/keys": "Make a key",
            "/organisation/general": "New organisation",
        }.items():
            await page.goto(path)
            await page.get_by_role("button", name=ready).wait_for()
            await fits(page)
        await page.goto("/organisation")
        await expect(page.get_by_test_id("people")).to_contain_text(long)
        await fits(page)

        await guest.goto(await link_for(desk, f"invited-{long}", "/invitation"))
        await expect(guest.get_by_role("heading", name=re.compile("^Join"))).to_be_visible()
        await fits(guest)
        # The invitation is for one address: it is there already.
        await guest.get_by_role("link", name="Create an account").click()
        await expect(guest.get_by_label("E-mail")).to_have_value(f"invited-{long}")
        await fits(guest)
        await guest.goto("/invitation#not-one")
        await expect(guest.get_by_role("alert")).to_contain_text("Ask whoever invited you")
        await guest.get_by_role("link", name="Go on without it").click()
        await expect(guest.get_by_label("E-mail")).to_have_value("")


@pytest.mark.parametrize(
    ("path", "opens"),
    [
        ("/settings", "Change the address"),
        ("/settings/sign-in", "Change the password"),
        ("/settings/sign-in", "Set up an app"),
        ("/settings/sign-in", "Add a passkey"),
        ("/settings/keys", "Make a key"),
        ("/settings/privacy", "Erase the account…"),
        ("/organisation/general", "New organisation"),
    ],
)
async def test_a_form_that_is_cancelled_gives_the_focus_back(member: Page, path: str, opens: str) -> None:
    await member.goto(path)
    button = member.get_by_role("button", name=opens, exact=True)
    await button.focus()
    await member.keyboard.press("Enter")
    await expect(button).to_be_hidden()
    cancel = member.locator("section").get_by_role("button", name=re.compile("^(Cancel|Keep it)$"))
    await cancel.focus()
    await member.keyboard.press("Enter")
    await expect(button).to_be_focused()
