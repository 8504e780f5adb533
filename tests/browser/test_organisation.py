"""Organisations on the pages: inviting, joining by the mail's link, roles that take hold at once, plans, switching."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import join, link_for, new_address, visit
from tests.browser.test_main_job import PASSWORD
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AT_ONCE_MS = 2_000


async def invite(page: Page, address: str, role: str) -> None:
    """Send an invitation on the page."""
    await page.goto("/organisation/invitations")
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_label("Role").select_option(role)
    await page.get_by_role("button", name="Send the invitation").click()
    await expect(page.get_by_test_id("invitations")).to_contain_text(address)


async def test_somebody_is_invited_joins_and_loses_what_the_role_loses(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk) as owner, visit(browser, desk) as page:
        await join(owner, desk, new_address())
        await invite(owner, address, "member")

        await page.goto(await link_for(desk, address, "/invitation"))
        await expect(page.get_by_role("heading")).to_contain_text("Join Ada Trader")
        await expect(page).not_to_have_url(re.compile("#"))
        await page.get_by_role("link", name="Create an account").click()
        await page.get_by_label("Name").fill("Ben Booker")
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("button", name="Use a password instead").click()
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Create account", exact=True).click()
        await page.get_by_role("button", name=re.compile("^Join Ada")).click()
        # Their own organisation is still there: the rail offers both.
        await expect(page.get_by_test_id("organisation-switcher").locator("option:checked")).to_contain_text("Ada")
        await expect(page.get_by_test_id("new-conversation")).to_be_visible()

        await owner.goto("/organisation")
        row = owner.get_by_test_id("people").get_by_role("listitem").filter(has_text="Ben Booker")
        await row.get_by_label("Role of Ben Booker").select_option("viewer")
        await expect(owner.get_by_text("Ben Booker is now viewer.")).to_be_visible()
        await expect(page.get_by_test_id("new-conversation")).to_be_hidden(timeout=AT_ONCE_MS)
        await owner.get_by_role("button", name="Undo").click()
        await expect(page.get_by_test_id("new-conversation")).to_be_visible(timeout=AT_ONCE_MS)

        await row.get_by_role("button", name=re.compile("^Disable")).click()
        await owner.get_by_test_id("confirm").get_by_role("button", name="Disable").click()
        await expect(row).to_contain_text("Disabled")
        await expect(page).to_have_url(re.compile("/sign-in"), timeout=AT_ONCE_MS)
        await row.get_by_role("button", name=re.compile("^Remove")).click()
        await owner.get_by_test_id("confirm").get_by_role("button", name="Remove").click()
        await expect(row).to_be_hidden()


async def test_plans_features_and_a_second_organisation(browser: Browser, desk: RunningServer) -> None:
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        await page.goto("/organisation/plan")
        await page.get_by_role("radio", name=re.compile("^Free")).click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Change to Free").click()
        await expect(page.get_by_role("radio", name=re.compile("^Free"))).to_be_checked()
        await expect(page.get_by_role("meter", name="People")).to_have_attribute("aria-valuemax", "3")
        # What the plan withholds leaves the pages too; an admin may switch it on all the same.
        await page.goto("/settings")
        await expect(page.get_by_role("link", name="Model server")).to_be_hidden()
        await page.goto("/organisation/plan")
        await page.get_by_label("Own model server").select_option("on")
        await expect(page.get_by_test_id("features")).to_contain_text("switched by an admin")
        await page.goto("/settings")
        await expect(page.get_by_role("link", name="Model server")).to_be_visible()

        await page.goto("/organisation/general")
        await page.get_by_role("button", name="New organisation").click()
        await page.get_by_label("Name of the new organisation").fill("Night Desk")
        await page.get_by_role("button", name="Make it").click()
        await page.get_by_test_id("organisations").get_by_role("button", name=re.compile("Night Desk")).click()
        switcher = page.get_by_test_id("organisation-switcher")
        await expect(switcher.locator("option:checked")).to_have_text("Night Desk")
        await expect(page).to_have_url(re.compile("/$|/c/"))
        await page.goto("/organisation/general")
        await page.get_by_label("Name of the organisation").fill("Night Desk of Ada")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_test_id("organisations")).to_contain_text("Night Desk of Ada")
