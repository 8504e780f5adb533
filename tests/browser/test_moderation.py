"""Moderation on the page: who is held back sees why and for how long, and a reported message is decided about."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import PHONE, visit
from tests.browser.test_company import enter
from tests.browser.test_narrow import fits
from tests.browser.test_rooms import colleagues
from tests.running import Client, RunningServer

__all__ = ["colleagues"]
# Two pages and their sockets take longer than the check has time for.
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.xdist_group("browser")]


async def test_a_room_is_moderated_and_a_message_reported(
    browser: Browser, desk: RunningServer, colleagues: tuple[Client, Client]
) -> None:
    ada, bob = colleagues
    room = await ada.call("POST", "/rooms", {"kind": "open", "title": "Loud desk"})
    await bob.call("POST", f"/open-rooms/{room['id']}/join")
    await bob.post(room["id"], "Buy my scheme")
    async with visit(browser, desk) as hers, visit(browser, desk, **PHONE) as his:
        await enter(hers, ada, f"/c/{room['id']}")
        await enter(his, bob, f"/c/{room['id']}")
        await hers.get_by_test_id("members-button").click()
        await hers.get_by_role("button", name="Moderation").click()
        await hers.get_by_label("Slow mode: one message of a member in").select_option("300")

        # The words stay in the field, which counts down.
        await expect(his.get_by_test_id("held-back")).to_contain_text("slow mode")
        await expect(his.get_by_test_id("held-back")).to_contain_text("4:")
        await his.get_by_test_id("composer").fill("It doubles each day")
        await expect(his.get_by_test_id("send")).to_be_disabled()
        await his.keyboard.press("Enter")
        await fits(his)

        await hers.get_by_label("Whom").select_option("Bob Broker")
        await hers.get_by_role("button", name="Silence", exact=True).click()
        await expect(his.get_by_test_id("held-back")).to_contain_text("A moderator silenced you")
        await hers.get_by_label("Slow mode: one message of a member in").select_option("0")
        await hers.get_by_role("button", name="Unsilence Bob Broker").click()
        await expect(his.get_by_test_id("held-back")).to_have_count(0)
        await expect(his.get_by_test_id("composer")).to_have_value("It doubles each day")

        # Reported from its menu, decided in the queue, gone on his screen.
        row = hers.get_by_role("group").filter(has_text="Buy my scheme")
        await row.hover()
        await row.get_by_role("button", name="What can be done with this message").click()
        await hers.get_by_role("menuitem", name="Report").click()
        await hers.get_by_label("What is wrong with it?").fill("A swindle")
        await hers.get_by_role("button", name="Report", exact=True).click()
        await hers.get_by_test_id("reviews-link").filter(has_text="1").click()
        case = hers.get_by_test_id("reviews").get_by_role("listitem").filter(has_text="Buy my scheme")
        await expect(case.first).to_contain_text("A swindle")
        await fits(hers)
        await case.get_by_label("Why", exact=True).fill("No swindles here")
        await case.get_by_role("button", name="Remove").click()
        await expect(hers.get_by_text("Nothing waits for you here.")).to_be_visible()
        await expect(hers.get_by_test_id("reviews-link")).to_have_text("Reports")
        await expect(his.get_by_text("Reason: No swindles here")).to_be_visible()
