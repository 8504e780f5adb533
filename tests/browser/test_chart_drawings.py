"""Drawing on the chart page: two people of a room see each other's drawings move; undo; history."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import sign_in, visit
from tests.browser.charts import drawings, open_chart, place
from tests.e2e.test_two_people import move_into
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def look_at_room(page: Page, person: Client, room: str) -> None:
    """Sign in and look at the room's drawings on the chart of AAPL."""
    await sign_in(page, person.me["person"]["email"])
    await expect(page.get_by_test_id("sign-out")).to_be_attached()
    await open_chart(page)
    await page.get_by_test_id("drawings-of").select_option(room)
    await expect(page.get_by_test_id("drawings")).to_have_attribute("data-room", room)
    await expect(page.locator("[data-tool=trend_line]")).to_be_enabled()


async def test_two_people_of_a_room_see_each_others_drawings_move(browser: Browser, desk: RunningServer) -> None:
    ada, bob = await Client(desk.url).sign_up("Ada"), await Client(desk.url).sign_up("Bob")
    move_into(desk.data, bob, ada)
    room = (await ada.call("POST", "/rooms", {"kind": "room"}))["id"]
    await ada.call("POST", f"/rooms/{room}/members", {"email": bob.me["person"]["email"]})
    async with visit(browser, desk) as hers, visit(browser, desk) as his:
        await look_at_room(hers, ada, room)
        await look_at_room(his, bob, room)
        chart = hers.get_by_test_id("full-chart")
        shown, seen = hers.get_by_test_id("drawings"), his.get_by_test_id("drawings")

        await hers.locator("[data-tool=trend_line]").click()
        await place(hers, chart, (0.2, 0.5), (0.6, 0.3))
        await expect(seen).to_have_attribute("data-count", "1")
        assert await drawings(hers) == await drawings(his)
        placed = await drawings(hers)

        # Taken by its middle and moved: he sees it on its way, before she lets go.
        box = await chart.bounding_box()
        assert box
        x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"]
        await hers.mouse.move(x, y)
        await hers.mouse.down()
        for by in range(0, 60, 4):
            await hers.mouse.move(x, y + by)
        await expect(seen).not_to_have_attribute("data-points", await shown.get_attribute("data-points") or "")
        await hers.mouse.up()
        await expect(shown).not_to_have_attribute("data-points", str(placed).replace("'", '"').replace(" ", ""))
        moved = await shown.get_attribute("data-points") or ""
        await expect(seen).to_have_attribute("data-points", moved)
        assert await drawings(his) != placed

        # He changes nothing of hers by undoing: undo takes back one's own.
        await expect(his.get_by_role("button", name="Undo")).to_be_disabled()
        await hers.keyboard.press("Control+z")
        await expect(seen).not_to_have_attribute("data-points", moved)
        assert await drawings(his) == placed
        await expect(hers.get_by_role("button", name="Redo")).to_be_enabled()
        await hers.keyboard.press("Control+y")
        await expect(seen).to_have_attribute("data-points", moved)

        # He takes it away, and she finds it again in the history.
        await place(his, his.get_by_test_id("full-chart"), (0.4, 0.4 + 56 / box["height"]))
        await expect(his.get_by_test_id("drawing-bar")).to_be_visible()
        await his.keyboard.press("Delete")
        await expect(shown).to_have_attribute("data-count", "0")
        await hers.get_by_role("button", name="History of drawings").click()
        history = hers.get_by_test_id("drawing-history")
        await expect(history).to_contain_text("Bob removed a trend line")
        await expect(history).to_contain_text("You drew a trend line")
        await history.get_by_role("button", name="Make it so again").first.click()
        await expect(seen).to_have_attribute("data-points", moved)
    for person in (ada, bob):
        await person.close()


async def until_kept(person: Client, points: list[dict[str, float]]) -> None:
    """Wait until the server has the last drawing at these points: the page sends it in its own time."""
    async with asyncio.timeout(10):
        while True:
            kept = (await person.call("GET", "/instruments/AAPL/drawings"))["items"]
            if kept[-1]["points"] == points:
                return
            await asyncio.sleep(0.05)


async def test_one_draws_moves_and_removes_by_keys_alone(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    async with visit(browser, desk) as page:
        await sign_in(page, ada.me["person"]["email"])
        await expect(page.get_by_test_id("sign-out")).to_be_attached()
        await open_chart(page)
        shown = page.get_by_test_id("drawings")
        tools = await page.locator("[data-tool]").all()
        for count, tool in enumerate(tools, start=1):
            await tool.focus()
            await page.keyboard.press("Enter")
            await page.keyboard.press("Enter")
            if await tool.get_attribute("data-tool") == "text":
                await page.keyboard.type("Earnings")
                await page.keyboard.press("Enter")
            await expect(shown).to_have_attribute("data-count", str(count))
        placed = await drawings(page)
        # The last one is selected: it goes to the left and up, and the others stay.
        await expect(page.get_by_test_id("drawing-bar")).to_be_visible()
        await page.keyboard.press("Shift+ArrowLeft")
        await page.keyboard.press("ArrowUp")
        await page.clock.run_for(1000)
        await expect(page.get_by_role("button", name="Undo")).to_be_enabled()
        moved = await drawings(page)
        assert moved[:-1] == placed[:-1]
        assert all(now["time"] < then["time"] for now, then in zip(moved[-1], placed[-1], strict=True))
        assert all(now["price"] > then["price"] for now, then in zip(moved[-1], placed[-1], strict=True))
        await until_kept(ada, moved[-1])
        await page.keyboard.press("Delete")
        await expect(shown).to_have_attribute("data-count", str(len(tools) - 1))
        await page.keyboard.press("d")
        await expect(page.get_by_test_id("drawing-bar")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("drawing-bar")).to_be_hidden()
    await ada.close()
