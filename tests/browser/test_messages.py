"""What can be done with a message, by mouse and keys, seen by somebody else at once; and text that is up to no good."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.accounts import PHONE, sign_in, visit
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = {
    "markup": "<script>window.broken=1</script><img src=x onerror=window.broken=1> [x](javascript:window.broken=1)",
    "backwards": "pay \u202eeerht\u202c \u2066now\u2069",
    "tower": "tower x" + "\u0301\u0323\u0489" * 3_000,
    "unseen": "un\u200bseen\U000e0068\U000e0069\u2060",
}


def said(page: Page, text: str) -> Locator:
    """Return the message with these words."""
    return page.get_by_test_id("message-person").filter(has_text=text)


def row(page: Page, text: str) -> Locator:
    """Return the row of the message with these words: what takes the keys."""
    return page.locator(".messages > .row").filter(has_text=text)


async def enter(page: Page, person: Client, room: str) -> None:
    """Sign in and open a room."""
    await sign_in(page, person.me["person"]["email"])
    await expect(page.get_by_test_id("composer")).to_be_visible()
    await page.goto(f"/c/{room}")
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def write(page: Page, text: str) -> None:
    """Send a message."""
    await page.get_by_test_id("composer").fill(text)
    await page.keyboard.press("Enter")
    await expect(said(page, text)).to_have_attribute("data-state", "posted")


async def key(page: Page, text: str, pressed: str) -> None:
    """Press a key on a message."""
    await row(page, text).first.focus()
    await page.keyboard.press(pressed)


async def test_two_people_see_what_is_done_with_messages(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    async with visit(browser, desk) as mine, visit(browser, desk, **PHONE) as phone:
        for page in (mine, phone):
            await enter(page, ada, room)
        # Names and symbols: completed while one types, shown as what they are.
        await mine.get_by_test_id("composer").press_sequentially("@Ad")
        await mine.get_by_role("option", name="Ada").click()
        await mine.get_by_test_id("composer").press_sequentially("look at $AAPL")
        await mine.keyboard.press("Escape")
        await mine.keyboard.press("Enter")
        for page in (mine, phone):
            await expect(page.get_by_test_id("mention")).to_have_text("@Ada")
            ticker = page.get_by_test_id("ticker")
            await expect(ticker).to_have_attribute("href", "/chart/AAPL")
            await expect(ticker).to_have_attribute("data-price", re.compile(r"\d"))
        # Taken back: no words and no trace of it for anybody.
        await write(mine, "said too soon")
        await expect(said(phone, "said too soon")).to_be_visible()
        await mine.get_by_test_id("undo").get_by_role("button", name="Undo").click()
        for page in (mine, phone):
            await expect(said(page, "said too soon")).to_have_count(0)
        # Edited, with what was before.
        await write(mine, "buy at noon")
        await key(mine, "buy at noon", "e")
        await mine.get_by_test_id("editor").fill("sell at noon")
        await mine.keyboard.press("Enter")
        await said(phone, "sell at noon").get_by_test_id("edited").click()
        await expect(phone.get_by_test_id("versions")).to_contain_text("buy at noon")
        await phone.keyboard.press("Escape")
        # A reaction by its name, and one's own added to it.
        await key(mine, "sell at noon", "+")
        await mine.get_by_role("searchbox", name="Search emoji").fill("rocket")
        await expect(mine.get_by_test_id("emoji-grid").get_by_role("button").first).to_have_accessible_name("rocket")
        await mine.keyboard.press("Enter")
        await expect(said(phone, "sell at noon").get_by_test_id("reaction")).to_have_text(re.compile("🚀\\s*1"))
        await said(phone, "sell at noon").get_by_test_id("reaction").click()
        await expect(said(mine, "sell at noon").get_by_test_id("reaction")).to_have_count(0)
        # A reply shows what it answers, as it is now.
        await key(mine, "sell at noon", "r")
        await expect(mine.get_by_test_id("answering")).to_contain_text("sell at noon")
        await write(mine, "why then")
        quote = said(phone, "why then").get_by_test_id("quote")
        await expect(quote).to_contain_text("sell at noon")
        # Pinned, and found among the pins.
        await key(mine, "sell at noon", "p")
        await expect(said(phone, "sell at noon").get_by_test_id("pinned").first).to_be_visible()
        # Removed: a tombstone, also in the quote.
        await row(mine, "sell at noon").first.focus()
        await mine.keyboard.press("Delete")
        await mine.get_by_test_id("removal").get_by_role("button", name="Remove").click()
        await expect(phone.get_by_text("You removed this message.")).to_be_visible()
        await expect(quote).to_have_text("This message is gone.")
        assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await ada.close()


async def give_commands(mine: Page, phone: Page) -> None:
    """Give commands, right and wrong ones, and send a message that looks like one."""
    composer = mine.get_by_test_id("composer")
    await composer.press_sequentially("/ch")
    await mine.get_by_role("option", name="/chart").click()
    await composer.press_sequentially("NOSUCH")
    await mine.keyboard.press("Enter")
    await expect(mine.get_by_test_id("note")).to_contain_text("NOSUCH")
    await expect(composer).to_have_value("/chart NOSUCH")
    await expect(mine.get_by_test_id("message-person")).to_have_count(0)
    await composer.fill("/chart aapl 1w")
    await mine.keyboard.press("Enter")
    await expect(said(phone, "$AAPL")).to_contain_text("1w")
    await expect(mine.get_by_test_id("note")).to_have_count(0)
    await composer.fill("/help")
    # What is offered comes a moment later: let go of before it is there, it would take the Enter.
    await expect(mine.get_by_role("option", name="/help")).to_be_visible()
    await mine.keyboard.press("Escape")
    await mine.keyboard.press("Enter")
    await expect(mine.get_by_test_id("note")).to_contain_text("/chart <symbol> [timeframe]: shows a live chart")
    await composer.fill("/chrat AAPL")
    await mine.keyboard.press("Enter")
    await expect(mine.get_by_test_id("note")).to_contain_text("Did you mean /chart?")
    # Two slashes say that it is a message.
    await composer.fill("//help")
    await mine.keyboard.press("Enter")
    await expect(said(phone, "/help")).to_have_attribute("data-state", "posted")


@pytest.mark.parametrize("look", [{}, PHONE], ids=["wide", "phone"])
async def test_text_that_is_up_to_no_good_is_only_text(
    browser: Browser, desk: RunningServer, look: dict[str, Any]
) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "<b>Floor</b>"}))["id"]
    posted = {name: await ada.post(room, text) for name, text in HOSTILE.items()}
    reason = {"reason": HOSTILE["markup"]}
    await ada.call("PATCH", f"/rooms/{room}/messages/{posted['unseen']['id']}", {"text": HOSTILE["markup"] + " edited"})
    await ada.call("POST", f"/rooms/{room}/messages/{posted['backwards']['id']}/remove", reason)
    async with visit(browser, desk, **look) as page:
        await enter(page, ada, room)
        await expect(said(page, "onerror=window.broken=1").first).to_be_visible()
        assert await page.evaluate("window.broken") is None
        assert await page.locator(".messages :is(script, img[src='x'], a[href^='javascript'])").count() == 0
        tower = said(page, "tower")
        box = await tower.bounding_box()
        assert box is not None
        assert box["height"] < 140
        assert posted["unseen"]["text"] == "unseen"
        assert posted["backwards"]["text"] == "pay eerht now"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await ada.close()


async def test_what_is_not_sent_yet(browser: Browser, desk: RunningServer) -> None:
    """Drafts on two devices, a message for later, and commands, of which a wrong one posts nothing."""
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    other = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Other"}))["id"]
    async with visit(browser, desk) as mine, visit(browser, desk, **PHONE) as phone:
        await enter(mine, ada, room)
        await enter(phone, ada, room)
        await mine.get_by_test_id("composer").press_sequentially("half a thought")
        await expect(phone.get_by_test_id("composer")).to_have_value("half a thought")
        await mine.goto(f"/c/{other}")
        await expect(mine.get_by_test_id("draft-mark")).to_be_visible()
        await mine.goto(f"/c/{room}")
        composer = mine.get_by_test_id("composer")
        await expect(composer).to_have_value("half a thought")
        # For later: it waits, and can be taken away.
        await mine.get_by_test_id("send-later").click()
        dialog = mine.get_by_test_id("later")
        await dialog.get_by_role("button", name="In an hour").click()
        await dialog.get_by_role("button", name="Send then").click()
        await expect(dialog.get_by_test_id("waiting")).to_contain_text("half a thought")
        assert [each["text"] for each in await ada.call("GET", "/later")] == ["half a thought"]
        await expect(phone.get_by_test_id("composer")).to_have_value("")
        await dialog.get_by_role("button", name="Take away").click()
        await expect(dialog.get_by_test_id("waiting")).to_have_count(0)
        await mine.keyboard.press("Escape")
        await give_commands(mine, phone)
    messages = (await ada.call("GET", f"/rooms/{room}/messages"))["items"]
    shown = [(each["text"], [card["timeframe"] for card in each["cards"]]) for each in messages]
    assert shown == [("$AAPL, 1w", ["1w"]), ("/help", [])]
    for wrong, code in (
        ("/nothing", "unknown_slash_command"),
        ("/chart", "slash_argument"),
        ("/chart AAPL 9z", "slash_argument"),
    ):
        body = {"text": wrong, "client_id": "0123456789abcdef"}
        answer = await ada.http.post(f"/rooms/{room}/slash", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    await ada.close()
