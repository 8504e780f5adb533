"""Several tabs of one browser: they share the refresh cookie, and stay signed in together."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import join, new_address, sign_out, visit
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NO_LOCKS = "delete Navigator.prototype.locks"


@pytest.mark.parametrize(
    "before", ["", pytest.param(NO_LOCKS, marks=pytest.mark.long)], ids=["by the browser's locks", "without them"]
)
async def test_tabs_that_refresh_at_once_stay_signed_in(browser: Browser, desk: RunningServer, before: str) -> None:
    async with visit(browser, desk) as page:
        await page.context.add_init_script(before)
        await join(page, desk, new_address())
        tabs = [page, *[await page.context.new_page() for _ in range(3)]]
        await asyncio.gather(*[tab.goto("/settings/sessions") for tab in tabs])
        for _ in range(3):
            await asyncio.gather(*[tab.reload() for tab in tabs])
            # All have refreshed before the next round: a reload in the midst of it would leave no tab to hold the lock.
            for tab in tabs:
                await expect(tab.get_by_test_id("sign-out")).to_be_visible(timeout=15_000)
        for tab in tabs:
            await expect(tab.get_by_test_id("sessions").get_by_role("listitem")).to_have_count(1)

        await sign_out(page)
        for tab in tabs:
            await tab.wait_for_url("**/sign-in*", timeout=2_000)
