"""A passkey as the second factor after the password, and as what is shown again before a sensitive act."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import join, new_address, plug_in, sign_in, sign_out, visit
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


NOT_UNASKED = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


async def add_passkey(page: Page) -> None:
    """Add a passkey to an account that had a password only, and keep its first recovery codes."""
    await page.goto("/settings/sign-in")
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_label("Name of the passkey").fill("Desk key")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("passkeys")).to_contain_text("Desk key")
    await page.get_by_role("button", name="I have kept them").click()
    # Else the sign-in page would take the passkey before the password is typed: in this document, and in later ones.
    await page.evaluate(NOT_UNASKED)
    await page.add_init_script(NOT_UNASKED)


async def test_a_passkey_after_the_password_and_again_before_what_matters(
    browser: Browser, desk: RunningServer
) -> None:
    address = new_address()
    async with visit(browser, desk) as page:
        await plug_in(page)
        await join(page, desk, address)
        await add_passkey(page)

        await sign_out(page)
        await sign_in(page, address)
        await expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        await page.get_by_label("Remember this device").check()
        await page.get_by_role("button", name="Use a passkey", exact=True).click()
        await expect(page.get_by_test_id("sign-out")).to_be_visible()

        # On the remembered device the password is enough, until something sensitive is done.
        await sign_out(page)
        await sign_in(page, address)
        await expect(page.get_by_test_id("sign-out")).to_be_visible()
        await page.goto("/settings/sign-in")
        renew = page.get_by_role("button", name="Make new codes")
        await renew.click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Make new codes").click()
        dialog = page.get_by_test_id("step-up")
        await expect(dialog).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(renew).to_be_enabled()
        await expect(page.get_by_text("10 of ten are left.")).to_be_visible()
        await expect(renew).to_be_focused()

        await renew.click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Make new codes").click()
        await dialog.get_by_role("button", name="Use a passkey", exact=True).click()
        await expect(page.get_by_test_id("recovery-codes")).to_have_value(re.compile(r"(\S+\s+){9}\S+"))
        await expect(dialog).to_be_hidden()
