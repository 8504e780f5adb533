"""A chart that follows a live feed: its last candle moves, and the bars of today are on it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.adapters_support.alpaca_server import AlpacaServer
from tests.browser.accounts import join, new_address, visit
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
async def market() -> AsyncIterator[AlpacaServer]:
    server = await AlpacaServer().start()
    yield server
    await server.stop()


@pytest.fixture
async def fed(market: AlpacaServer, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that follows the market."""
    running = RunningServer(
        tmp_path / "data",
        **market.settings("AAPL"),
    )
    running.start()
    yield running
    running.stop()


async def test_the_last_candle_moves_with_the_market(
    browser: Browser, market: AlpacaServer, fed: RunningServer
) -> None:
    await market.until_followed()
    async with visit(browser, fed) as page:
        await join(page, fed, new_address())
        await page.goto("/chart/AAPL")
        chart = page.get_by_test_id("full-chart")
        await expect(page.locator("[data-testid=full-chart][data-bars]:not([data-bars='0'])")).to_be_visible()
        recorded = int(await chart.get_attribute("data-bars") or 0)
        await market.deal("AAPL", datetime.now(UTC), 170.25, 3)
        # Today's bar is put beside those that are recorded, and moves.
        await expect(chart).to_have_attribute("data-last-close", "170.25")
        await expect(chart).to_have_attribute("data-bars", str(recorded + 1))
        await market.deal("AAPL", datetime.now(UTC), 171.5, 1)
        await expect(chart).to_have_attribute("data-last-close", "171.5")
        await expect(chart).to_have_attribute("data-bars", str(recorded + 1))
        await expect(page.get_by_test_id("last-price")).to_have_text("171.50")
        # What is known of a study is that of the bars that are over.
        await expect(page.locator("[data-study=sma-1] .value")).not_to_contain_text("–")
