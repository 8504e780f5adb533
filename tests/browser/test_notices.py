"""What is told on the page: a notice of the browser, a room that is muted, quiet hours; and a room saved as a file."""

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import PHONE, WIDE, visit
from tests.browser.test_company import enter
from tests.browser.test_narrow import fits
from tests.browser.test_rooms import colleagues
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

__all__ = ["colleagues"]

# A browser that allows notices and keeps them, with a page that can be put out of sight.
STAND_IN = """
window.Notification = class {
  static permission = 'granted';
  constructor(title, options) {
    const page = document.documentElement.dataset;
    page.shown = `${page.shown ?? ''}${title}: ${options.body};`;
  }
  close() {}
};
let sight = 'visible';
Object.defineProperty(document, 'visibilityState', { get: () => sight });
window.putOutOfSight = () => { sight = 'hidden'; document.dispatchEvent(new Event('visibilitychange')); };
"""


@pytest.mark.parametrize("look", [pytest.param(WIDE, marks=pytest.mark.long), PHONE], ids=["wide", "phone"])
async def test_a_room_tells_what_was_chosen_and_is_saved_as_a_file(
    browser: Browser, desk: RunningServer, colleagues: tuple[Client, Client], look: dict[str, Any]
) -> None:
    ada, bob = colleagues
    room = (await bob.call("POST", "/rooms", {"kind": "private", "title": "Rates desk"}))["id"]
    await bob.call("POST", f"/rooms/{room}/members", {"email": ada.me["person"]["email"]})
    await ada.post(room, "Good morning")
    async with visit(browser, desk, **look) as page:
        await page.add_init_script(STAND_IN)
        await enter(page, bob, f"/c/{room}")
        await page.get_by_test_id("about-button").click()
        await page.get_by_role("button", name="Notifications").click()
        chosen = page.get_by_test_id("room-notices")
        await expect(chosen.get_by_label("Mentions")).to_be_checked()
        await chosen.get_by_label("Every message").check()
        await chosen.get_by_role("button", name="For an hour").click()
        await expect(chosen).to_contain_text("Muted until")
        await fits(page)
        await chosen.get_by_role("button", name="Unmute").click()
        await expect(chosen.get_by_role("button", name="For an hour")).to_be_visible()
        await page.evaluate("window.putOutOfSight()")
        await ada.post(room, "Bunds are wider")
        shown = "Ada Trader in Rates desk: Bunds are wider;"
        await expect(page.locator("html")).to_have_attribute("data-shown", shown)

        await page.get_by_role("button", name="Export").click()
        wanted = page.get_by_test_id("room-export")
        await wanted.get_by_label("JSON").check()
        await fits(page)
        async with page.expect_download() as saved:
            await wanted.get_by_role("button", name="Export the room").press("Enter")
        file = json.loads(await asyncio.to_thread((await (await saved.value).path()).read_text))
        assert [each["text"] for each in file["messages"]] == ["Good morning", "Bunds are wider"]
        await expect(wanted).to_contain_text("Saved 2 messages")

        await page.goto(f"{desk.url}/settings/notifications")
        await page.get_by_test_id("quiet").check()
        await expect(page.get_by_label("From")).to_have_value("22:00")
        await page.get_by_role("radio", name="Nothing").check()
        await expect(page.get_by_text("When it is unread for")).to_have_count(0)
        await fits(page)
        assert (await bob.call("GET", "/notifications"))["mail"] == "nothing"
