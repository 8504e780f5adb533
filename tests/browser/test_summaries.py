"""A room is summarised when its people say so: by the panel, and by words that one confirms."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import PHONE, visit
from tests.browser.test_company import enter
from tests.browser.test_narrow import fits
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def test_summaries_are_given_by_words_and_in_the_panel(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada Trader")
    room = (await ada.call("POST", "/rooms", {"title": "Tech", "kind": "private"}))["id"]
    async with visit(browser, desk, **PHONE) as page:
        await enter(page, ada, f"/c/{room}")
        composer = page.get_by_test_id("composer")
        # Nobody would answer yet: the command comes back, and who may adds the one who does.
        await composer.fill("/summarise")
        await composer.press("Escape")
        await composer.press("Enter")
        await expect(page.get_by_test_id("note")).to_contain_text("Desk, the AI, is not in this room")
        await expect(composer).to_have_value("/summarise")
        await fits(page)
        await page.get_by_role("button", name="Add Desk").click()
        await expect(composer).to_have_attribute("placeholder", re.compile("@desk"))
        await composer.fill("Agreed: we hedge $KO")
        await composer.press("Enter")
        await composer.fill("@desk summarise this room every weekday at 17:00")
        await composer.press("Enter")
        answers = page.get_by_test_id("message-assistant")
        await expect(answers).to_contain_text("Shall I summarise this room every weekday")
        await page.get_by_role("button", name="About this room").click()
        await page.get_by_role("button", name="Summaries").click()
        duty = page.get_by_test_id("duty")
        await expect(duty).to_contain_text("Waits for your yes")
        await duty.get_by_role("button", name="Confirm").click()
        await expect(duty).to_contain_text("Next:")
        await duty.get_by_role("button", name="Change").click()
        await page.get_by_role("checkbox", name="Saturday").check()
        await page.get_by_role("checkbox", name="Sunday").check()
        await page.get_by_role("button", name="Save").click()
        await expect(duty).to_contain_text("Every day at 17:00")
        await fits(page)
        await page.get_by_role("button", name="Close").click()
        await composer.fill("/summarise")
        await composer.press("Escape")
        await composer.press("Enter")
        await expect(answers.last).to_contain_text("Decided")
        await page.get_by_test_id("repeated").locator("summary").click()
        await expect(page.get_by_test_id("quote")).to_contain_text("Agreed: we hedge $KO")
        await fits(page)
    await ada.close()
