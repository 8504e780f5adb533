"""Searching messages, by keyboard and on a phone, and jumping to what was found."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import PHONE, sign_in, visit
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("look", [{}, PHONE], ids=["wide", "phone"])
async def test_a_message_is_found_and_jumped_to(browser: Browser, desk: RunningServer, look: dict[str, Any]) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "room", "title": "Macro"}))["id"]
    await ada.call("POST", f"/rooms/{room}/topics", {"title": "Swap spreads"})
    for number in range(90):
        said = "The <b>zebra</b> crossed in June" if number == 4 else f"filler number {number}"
        await ada.post(room, said)
    async with visit(browser, desk, **look) as page:
        await sign_in(page, ada.me["person"]["email"])
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await page.goto("/search")
        box = page.get_by_role("combobox", name="Search messages")
        await box.fill("form:ada")
        await expect(page.get_by_test_id("search-state")).to_contain_text("no filter form:")
        await box.fill("zebr in:macro")
        # The index hears of a message within a second of it.
        await expect(page.get_by_test_id("found").get_by_role("option")).to_have_count(0)
        await box.fill("in:ma")
        await expect(page.get_by_test_id("completions").get_by_role("option")).to_have_text("Macro")
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("in:Macro ")
        await box.fill("in:swap")
        await expect(page.get_by_test_id("completions").get_by_role("option")).to_have_text(
            "Swap spreads topic in Macro"
        )
        await box.fill("in:Macro ")
        await box.press_sequentially("zebr")
        hit = page.get_by_test_id("found").get_by_role("option").first
        await expect(hit).to_contain_text("The <b>zebra</b> crossed in June")
        await expect(hit.locator("mark")).to_have_text("zebra")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.keyboard.press("ArrowDown")
        await expect(hit).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/c/{room}?at=5")
        found = page.get_by_test_id("message-person").filter(has_text="zebra")
        await expect(found).to_be_in_viewport()
        await page.get_by_role("button", name="Newest").click()
        newest = page.get_by_test_id("message-person").filter(has_text="filler number 89")
        await expect(newest).to_be_in_viewport()
        await ada.post(room, "said meanwhile")
        await expect(page.get_by_test_id("message-person").filter(has_text="said meanwhile")).to_be_in_viewport()
    await ada.close()
