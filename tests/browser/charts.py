"""What the tests of the chart page do again and again."""

import json
from typing import Any

from playwright.async_api import Locator, Page, expect

# The chart library takes a second click within half a second for a part of a double one.
BETWEEN_CLICKS_MS = 600


async def open_chart(page: Page, symbol: str = "AAPL") -> Locator:
    """Open a chart, whose clock can be moved on, and wait for its bars."""
    await page.clock.install()
    await page.goto(f"/chart/{symbol}")
    chart = page.get_by_test_id("full-chart")
    await expect(page.locator("[data-testid=full-chart][data-bars]:not([data-bars='0'])")).to_be_visible()
    return chart


async def place(page: Page, chart: Locator, *spots: tuple[float, float]) -> None:
    """Click spots of the chart, given as shares of its width and height."""
    for across, down in spots:
        box = await chart.bounding_box()
        assert box
        x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
        await page.mouse.move(x, y)
        await page.mouse.click(x, y)
        await page.clock.fast_forward(BETWEEN_CLICKS_MS)


async def drawings(page: Page) -> list[list[dict[str, Any]]]:
    """Return the points of each drawing that the page shows."""
    points: list[list[dict[str, Any]]] = json.loads(
        await page.get_by_test_id("drawings").get_attribute("data-points") or "[]"
    )
    return points
