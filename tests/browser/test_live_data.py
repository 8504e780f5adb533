"""How a live feed goes, on the page of markets, on a desk and on a phone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.adapters_support.alpaca_server import AlpacaServer
from tests.browser.accounts import PHONE, join, new_address, visit
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDER = """section => [document.documentElement, section, ...section.querySelectorAll('*')]
    .filter((node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).display !== 'inline')
    .map((node) => `${node.tagName} ${node.className}`)"""


@pytest.fixture
async def market() -> AsyncIterator[AlpacaServer]:
    server = await AlpacaServer().start()
    yield server
    await server.stop()


@pytest.fixture
async def following(market: AlpacaServer, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that follows the market."""
    server = RunningServer(
        tmp_path / "data",
        OUTCRY_AUTH_HASH_MEMORY_KIB="1024",
        **market.settings("AAPL,MSFT"),
    )
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.mark.parametrize("size", ["desk", "phone"])
async def test_the_markets_page_says_how_the_feed_goes(
    browser: Browser, market: AlpacaServer, following: RunningServer, size: str
) -> None:
    await market.until_followed()
    await market.deal("AAPL", datetime.now(UTC), 190.0)
    async with visit(browser, following, **(PHONE if size == "phone" else {})) as page:
        await join(page, following, new_address())
        await page.goto("/markets")
        shown = page.get_by_test_id("live-data")
        await expect(shown).to_contain_text("alpaca:iex Connected")
        await expect(shown).to_contain_text("just now")
        await expect(shown).to_contain_text("Reconnects 0")
        assert await shown.evaluate(WIDER) == []
        # The page learns by itself that the market is away.
        market.shut = 1_000
        market.cut()
        await expect(shown).to_contain_text("Not connected: refused the connection", timeout=20_000)
        assert await shown.evaluate(WIDER) == []


async def test_where_no_feed_is_followed_nothing_is_said(browser: Browser, desk: RunningServer) -> None:
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        async with page.expect_response("**/api/v1/feeds"):
            await page.goto("/markets")
        await expect(page.get_by_role("table", name="Instruments")).to_contain_text("AAPL")
        await expect(page.get_by_test_id("live-data")).to_have_count(0)
