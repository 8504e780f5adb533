"""Two people in a room: who is there, who types, what is new and who has seen it, on a screen and on a phone."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, WIDE, visit
from tests.browser.test_main_job import PASSWORD
from tests.browser.test_narrow import fits
from tests.e2e.test_two_people import move_into
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Pair = tuple[Client, Client, str]


@pytest.fixture
async def pair(desk: RunningServer) -> AsyncIterator[Pair]:
    """Ada and Bob, and the room that they share."""
    ada, bob = await Client(desk.url).sign_up("Ada Trader"), await Client(desk.url).sign_up("Bob Broker")
    move_into(desk.data, bob, ada)
    await bob.sign_in(bob.me["person"]["email"])
    room = str((await ada.call("POST", "/rooms", {"kind": "private", "title": "Morning call"}))["id"])
    await ada.call("POST", f"/rooms/{room}/members", {"email": bob.me["person"]["email"]})
    yield ada, bob, room
    for person in (ada, bob):
        await person.close()


async def enter(page: Page, person: Client, path: str) -> None:
    """Sign in on a page, and go to another."""
    await page.goto(f"/sign-in?next={path}")
    await page.get_by_label("E-mail").fill(person.me["person"]["email"])
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page).to_have_url(re.compile(re.escape(path)))


@pytest.mark.parametrize("look", [pytest.param(WIDE, marks=pytest.mark.long), PHONE], ids=["wide", "phone"])
async def test_two_people_see_each_other_type_read_and_come_back(
    browser: Browser, desk: RunningServer, pair: Pair, look: dict[str, Any]
) -> None:
    ada, bob, room = pair
    async with visit(browser, desk) as hers, visit(browser, desk, **look) as his:
        await enter(hers, ada, f"/c/{room}")
        await hers.get_by_test_id("members-button").click()
        row = hers.get_by_test_id("members").get_by_role("listitem").filter(has_text="Bob")
        await expect(row.get_by_role("img", name="Away")).to_be_visible()
        await enter(his, bob, f"/c/{room}")
        await expect(row.get_by_role("img", name="Here")).to_be_visible()

        await his.get_by_test_id("composer").press_sequentially("Good mor")
        await expect(hers.get_by_test_id("typing")).to_have_text("Bob Broker is typing…")
        await his.get_by_test_id("composer").press_sequentially("ning.")
        await his.keyboard.press("Enter")
        await expect(hers.get_by_text("Good morning.")).to_be_visible()
        await expect(hers.get_by_test_id("typing")).to_have_text("")

        # She looks at it, so he sees her face under it.
        await hers.bring_to_front()
        await hers.get_by_test_id("composer").click()
        await expect(his.get_by_test_id("seen-by")).to_contain_text("Seen by Ada Trader")
        await his.get_by_test_id("seen-by").click()
        dialog = his.get_by_test_id("seen-dialog")
        await expect(dialog).to_contain_text("1 of 1 have seen it")
        await expect(dialog).to_contain_text("Ada Trader")
        await his.keyboard.press("Escape")
        await fits(his)

        # He goes elsewhere; what comes meanwhile is new, in the list, in the title, and under a line.
        await his.goto("/settings/presence")
        for number in range(1, 31):
            await ada.post(room, f"News {number}")
        await expect(his).to_have_title(re.compile(r"^\(30\) "))
        menu = his.get_by_role("button", name="Open the menu")
        if await menu.is_visible():
            await menu.click()
        item = his.get_by_test_id("conversation-list").get_by_role("link", name=re.compile("Morning call"))
        await expect(item.get_by_test_id("unread")).to_have_text("30")
        await item.click()
        await expect(his.get_by_text("News 30", exact=True)).to_be_in_viewport()
        await expect(his.get_by_test_id("unread-pill")).to_contain_text("30 new messages")
        await expect(his).not_to_have_title(re.compile(r"^\("))
        await his.get_by_test_id("unread-pill").get_by_role("button").first.click()
        await expect(his.get_by_test_id("new-line")).to_be_in_viewport()
        await expect(his.get_by_test_id("unread-pill")).to_have_count(0)
        await fits(his)

        # By keyboard: unread again from a message on, on all devices.
        async with visit(browser, desk) as elsewhere:
            await enter(elsewhere, bob, "/settings/presence")
            await his.locator(".row").filter(has_text="News 2").first.focus()
            await his.keyboard.press("u")
            await expect(elsewhere).to_have_title(re.compile(r"^\(29\) "))
            await elsewhere.get_by_test_id("all-read").click()
            await expect(elsewhere).not_to_have_title(re.compile(r"^\("))


async def test_a_status_is_seen_by_others_and_receipts_can_be_switched_off(
    browser: Browser, desk: RunningServer, pair: Pair
) -> None:
    ada, bob, room = pair
    async with visit(browser, desk) as hers, visit(browser, desk, **PHONE) as his:
        await enter(hers, ada, f"/c/{room}")
        await hers.get_by_test_id("members-button").click()
        row = hers.get_by_test_id("members").get_by_role("listitem").filter(has_text="Bob")
        await enter(his, bob, "/settings/presence")
        form = his.get_by_test_id("status-form")
        await form.get_by_label("Shown to others as").select_option("do_not_disturb")
        await form.get_by_label("Status", exact=True).fill("With the auditors")
        await form.get_by_role("button", name="📈").click()
        await form.get_by_label("How long").select_option("60")
        await fits(his)
        await form.get_by_role("button", name="Save").click()
        await expect(row.get_by_role("img", name="Do not disturb")).to_be_visible()
        await expect(row).to_contain_text("📈 With the auditors")

        await form.get_by_label("Shown to others as").select_option("invisible")
        await form.get_by_role("button", name="Save").click()
        await expect(row.get_by_role("img", name="Away")).to_be_visible()

        box = his.get_by_test_id("show-receipts")
        await box.uncheck()
        await his.reload()
        await expect(box).not_to_be_checked()
        await ada.post(room, "Are you there?")
        await his.goto(f"/c/{room}")
        await expect(his.get_by_text("Are you there?")).to_be_visible()
        await expect(hers.get_by_test_id("seen-by")).to_have_text(re.compile("Sent|Delivered"))
        await hers.get_by_test_id("status-button").click()
