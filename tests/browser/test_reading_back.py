"""Reading back in a long room: what one looks at stays where it is, new messages are counted, a day is gone to."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import WIDE, sign_in, visit
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SEEN = """() => {
    const top = document.querySelector('.scroll').getBoundingClientRect().top;
    const rows = [...document.querySelectorAll('.messages > .row')];
    const row = rows.find((each) => each.getBoundingClientRect().bottom > top + 5);
    return [row.dataset.sequence, Math.round(row.getBoundingClientRect().top), rows.length];
}"""


async def seen(page: Page) -> tuple[str, int, int]:
    """Return the sequence of the first row in sight, where it is, and how many rows there are."""
    sequence, top, count = await page.evaluate(SEEN)
    return str(sequence), int(top), int(count)


async def test_reading_back_holds_its_place(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "room", "title": "Long"}))["id"]
    for begin in range(0, 150, 30):
        await asyncio.gather(*(ada.post(room, f"number {number} " + "x " * 60) for number in range(begin, begin + 30)))
    async with visit(browser, desk, **WIDE) as page:
        await sign_in(page, ada.me["person"]["email"])
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await page.goto(f"/c/{room}")
        rows = page.locator(".messages > .row")
        await expect(rows.last).to_be_in_viewport()
        await expect(rows).to_have_count(40)

        await page.evaluate("document.querySelector('.scroll').scrollTop = 590")
        before = await seen(page)
        await expect(rows).to_have_count(80)
        after = await seen(page)
        assert before[0] == after[0]
        assert abs(before[1] - after[1]) <= 2

        await ada.post(room, "said meanwhile")
        pill = page.get_by_test_id("newest")
        await expect(pill).to_have_text("1 new message")
        assert await seen(page) == (after[0], after[1], after[2] + 1)
        await pill.click()
        await expect(page.get_by_test_id("message-person").filter(has_text="said meanwhile")).to_be_in_viewport()
        await expect(pill).to_have_count(0)

        await page.get_by_test_id("room-date").click()
        await page.get_by_role("button", name="Today").click()
        await expect(page.locator("[data-sequence='1']")).to_be_in_viewport()
        await expect(pill).to_have_text("Newest")
    await ada.close()
