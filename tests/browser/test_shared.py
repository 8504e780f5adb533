"""A shared chart in a browser: by a link without an account, and as a card in a room."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, sign_in, visit
from tests.browser.test_main_job import open_page
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHART: dict[str, Any] = {
    "symbol": "AAPL",
    "timeframe": "1d",
    "chart_type": "candles",
    "studies": [{"name": "sma", "parameters": {"period": 20}}],
    "formulas": [{"text": "close crosses_above sma(20)"}],
}


async def is_drawn(page: Page) -> None:
    """Wait until the picture is there and decoded."""
    picture = page.get_by_test_id("shared-picture")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth > 300; }")


async def test_a_link_opens_without_an_account_until_it_is_revoked(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    points = [{"time": 1_500_000_000_000, "price": 150.0}]
    await ada.call("POST", "/instruments/AAPL/drawings", {"kind": "horizontal", "points": points, "text": "150"})
    body = {"chart": CHART, "audience": "anyone", "title": "Breakouts of AAPL", "drawings": True}
    made = await ada.call("POST", "/shares", body)
    problems: list[str] = []
    page = await open_page(browser, desk, problems, viewport={"width": 1280, "height": 860})
    await page.goto(f"{desk.url}{made['path']}")
    await expect(page.get_by_role("heading", name="Breakouts of AAPL")).to_be_visible()
    await is_drawn(page)
    # The token has left the address bar, and who opened it was counted once.
    assert page.url == f"{desk.url}/shared"
    assert (await ada.call("GET", "/shares"))["items"][0]["opened"] == 1
    await ada.call("DELETE", f"/shares/{made['share']['id']}")
    await page.goto(f"{desk.url}/sign-in")
    await page.goto(f"{desk.url}{made['path']}")
    await expect(page.get_by_role("alert")).to_contain_text("no longer shared")
    assert [line for line in problems if "404" not in line] == []
    await page.context.close()
    await ada.close()


async def test_a_chart_in_a_room_is_a_card_with_its_picture(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "room", "title": "Desk"}))["id"]
    shown = {"chart": CHART, "client_id": "0123456789", "text": "Look at this"}
    await ada.call("POST", f"/rooms/{room}/charts", shown)
    async with visit(browser, desk, **PHONE) as page:
        await sign_in(page, ada.me["person"]["email"])
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await page.goto(f"/c/{room}")
        await expect(page.get_by_test_id("message-person")).to_contain_text("Look at this")
        await is_drawn(page)
        await expect(page.get_by_test_id("shared-card").get_by_role("link", name="AAPL")).to_be_visible()
    await ada.close()
