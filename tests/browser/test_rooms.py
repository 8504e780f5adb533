"""Rooms on the page: made, found in the directory, joined by a link, led by roles, and ordered by topics."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, WIDE, new_address, visit
from tests.browser.test_company import enter
from tests.browser.test_main_job import PASSWORD
from tests.browser.test_narrow import fits
from tests.e2e.test_two_people import move_into
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
async def colleagues(desk: RunningServer) -> AsyncIterator[tuple[Client, Client]]:
    """Ada, who owns the organisation, and Bob in it."""
    ada, bob = await Client(desk.url).sign_up("Ada Trader"), await Client(desk.url).sign_up("Bob Broker")
    move_into(desk.data, bob, ada)
    await bob.sign_in(bob.me["person"]["email"])
    yield ada, bob
    for person in (ada, bob):
        await person.close()


async def open_menu(page: Page) -> None:
    """Open the menu where the page is narrow."""
    menu = page.get_by_role("button", name="Open the menu")
    if await menu.is_visible():
        await menu.click()


async def reads_topics_apart(page: Page) -> None:
    """See in the main stream that a topic has something new; read it, write half a message there, mark it unread."""
    # What is seen of the main stream reads nothing of the topic.
    button, topic = page.get_by_test_id("topics-button"), page.get_by_test_id("topics").get_by_role("listitem")
    await expect(button.get_by_test_id("unread")).to_have_text("1")
    await button.click()
    await expect(topic.get_by_test_id("unread")).to_have_text("1")
    await topic.get_by_role("link").filter(has_text="Swap spreads").click()
    await expect(page.get_by_text("Wider again.")).to_be_visible()
    await expect(page.get_by_test_id("new-line")).to_be_visible()
    await fits(page)
    # What is written there stays there.
    await page.get_by_test_id("composer").fill("Half a thought")
    await page.get_by_role("link", name="Back to the room").click()
    await expect(page.get_by_text("Where are bunds?")).to_be_visible()
    await expect(button.get_by_test_id("unread")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await button.click()
    await expect(topic.get_by_test_id("topic-draft")).to_be_visible()
    await topic.get_by_role("button", name="Mark “Swap spreads” unread").click()
    await expect(button.get_by_test_id("unread")).to_have_text("1")


@pytest.mark.parametrize("look", [WIDE, PHONE], ids=["wide", "phone"])
async def test_an_open_room_is_made_found_and_ordered_by_topics(
    browser: Browser, desk: RunningServer, colleagues: tuple[Client, Client], look: dict[str, Any]
) -> None:
    ada, bob = colleagues
    async with visit(browser, desk, **look) as hers, visit(browser, desk) as his:
        await enter(hers, ada, "/rooms")
        await expect(hers.get_by_role("heading", name="Open rooms")).to_be_visible()
        await open_menu(hers)
        await hers.get_by_test_id("new-room").click()
        dialog = hers.get_by_test_id("new-room-dialog")
        await dialog.get_by_text("Open room").click()
        await dialog.get_by_label("Title", exact=True).fill("Rates desk")
        await dialog.get_by_label("What it is for (optional)").fill("Bonds and swaps")
        await fits(hers)
        await dialog.get_by_role("button", name="Make the room").click()
        await expect(hers.get_by_role("heading", name="Rates desk")).to_be_visible()

        await enter(his, bob, "/rooms")
        listed = his.get_by_test_id("open-rooms").get_by_role("listitem").filter(has_text="Bonds and swaps")
        await expect(listed).to_contain_text("1 person")
        await listed.get_by_role("button", name="Join Rates desk").click()
        await expect(his.get_by_role("heading", name="Rates desk")).to_be_visible()
        await his.get_by_test_id("composer").fill("Where are bunds?")
        await his.keyboard.press("Enter")
        await expect(his.get_by_text("Where are bunds?")).to_be_visible()

        # She lets him only read, and he can write no more; then again.
        await hers.get_by_test_id("members-button").click()
        await hers.get_by_label("Role of Bob Broker").select_option("moderator")
        await expect(hers.get_by_test_id("members").get_by_role("listitem").filter(has_text="Bob")).to_be_visible()
        await fits(hers)

        # A topic keeps its messages apart, on both screens.
        await his.get_by_test_id("topics-button").click()
        await his.get_by_label("Start a topic").fill("Swap spreads")
        await his.get_by_role("button", name="Start", exact=True).click()
        await expect(his.get_by_test_id("topic-bar")).to_contain_text("Swap spreads")
        await expect(his.get_by_text("Where are bunds?")).to_have_count(0)
        await his.get_by_test_id("composer").fill("Wider again.")
        await his.keyboard.press("Enter")
        await expect(his.get_by_text("Wider again.")).to_be_visible()
        await hers.keyboard.press("Escape")
        await expect(hers.get_by_text("Where are bunds?")).to_be_visible()
        await expect(hers.get_by_text("Wider again.")).to_have_count(0)
        await reads_topics_apart(hers)


async def test_a_private_room_is_joined_by_a_link_and_a_direct_one_is_opened_by_name(
    browser: Browser, desk: RunningServer, colleagues: tuple[Client, Client]
) -> None:
    ada, bob = colleagues
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Quiet corner"}))["id"]
    async with visit(browser, desk) as hers, visit(browser, desk, **PHONE) as his:
        await enter(hers, ada, f"/c/{room}")
        # Who names somebody who is not here is told so, and may ask them in.
        await hers.get_by_test_id("composer").press_sequentially("@Bob")
        await hers.get_by_role("option", name="Bob Broker not in this room").click()
        await expect(hers.get_by_test_id("outsider")).to_contain_text("will not see this")
        await expect(hers.get_by_test_id("outsider").get_by_role("button", name="Invite")).to_be_enabled()
        await hers.get_by_test_id("composer").fill("")
        await expect(hers.get_by_test_id("outsider")).to_have_count(0)
        await hers.get_by_test_id("members-button").click()
        await hers.get_by_role("button", name="Make a link").click()
        link = await hers.get_by_test_id("room-link").input_value()
        assert re.fullmatch(rf"{re.escape(desk.url)}/join#[\w-]{{43}}", link)

        # Not signed in yet: the link waits until he is.
        await his.goto(link)
        await expect(his.get_by_role("heading", name="Join Quiet corner")).to_be_visible()
        assert "#" not in his.url
        await fits(his)
        await his.get_by_role("link", name="Sign in").click()
        await his.get_by_label("E-mail").fill(bob.me["person"]["email"])
        await his.get_by_label("Password", exact=True).fill(PASSWORD)
        await his.get_by_role("button", name="Sign in", exact=True).click()
        await his.get_by_role("button", name="Join", exact=True).click()
        await expect(his).to_have_url(re.compile(f"/c/{room}"))
        await expect(hers.get_by_test_id("members")).to_contain_text("Bob Broker")

        await hers.keyboard.press("Escape")
        await hers.get_by_test_id("new-room").click()
        dialog = hers.get_by_test_id("new-room-dialog")
        await dialog.get_by_text("Direct", exact=True).click()
        await dialog.get_by_label("With whom?").fill("bro")
        await dialog.get_by_role("option").filter(has_text="Bob Broker").click()
        await dialog.get_by_role("button", name="Open", exact=True).click()
        await expect(hers.get_by_role("heading", name="Bob Broker")).to_be_visible()
        await hers.get_by_test_id("composer").fill("Lunch?")
        await hers.keyboard.press("Enter")
        await open_menu(his)
        await his.get_by_test_id("conversation-list").get_by_role("link").filter(has_text="Ada Trader").click()
        await expect(his.get_by_text("Lunch?")).to_be_visible()


async def test_a_newcomer_comes_by_a_link_makes_an_account_and_is_in_the_room(
    browser: Browser, desk: RunningServer
) -> None:
    ada = await Client(desk.url).sign_up("Ada Trader")
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Quiet corner"}))["id"]
    await ada.post(room, "Good morning.")
    link = await ada.call("POST", f"/rooms/{room}/links", {"role": "member", "hours": 24, "guests": True})
    async with visit(browser, desk) as hers:
        await hers.goto(f"/join#{link['token']}")
        await hers.get_by_role("link", name="Create an account").click()
        await hers.locator("[name=name]").fill("Mia Stone")
        await hers.locator("[name=email]").fill(new_address())
        await hers.get_by_role("button", name="Use a password instead").click()
        await hers.locator("input[type=password]").first.fill(PASSWORD)
        await hers.locator("form button[type=submit]").click()
        await hers.get_by_role("button", name="Join", exact=True).click()
        await expect(hers.get_by_role("heading", name="Quiet corner")).to_be_visible()
        await expect(hers.get_by_text("Good morning.")).to_be_visible()
    await ada.close()
