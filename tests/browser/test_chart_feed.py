"""What follows a live feed: a chart whose last candle moves, and a card in a room, beside what a link leads to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, expect

from tests.adapters_support.alpaca_server import AlpacaServer
from tests.adapters_support.web_server import Reply
from tests.browser.accounts import join, new_address, visit
from tests.browser.test_messages import enter, write
from tests.running import Client, RunningServer
from tests.services.chat.linking import Site, photograph

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
async def market() -> AsyncIterator[AlpacaServer]:
    server = await AlpacaServer().start()
    yield server
    await server.stop()


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """A server in the operator's own network, to which people link."""
    async with Site() as running:
        yield running


@pytest.fixture(scope="module")
async def fed(
    market: AlpacaServer, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningServer]:
    """A server that follows the market, and looks at what links lead to."""
    settings = market.settings("AAPL") | {"OUTCRY_PAGES": f"web:?home={site.url}"}
    running = RunningServer(tmp_path_factory.mktemp("data"), **settings)
    # In a thread: the market is served by this loop, and a server that stops says goodbye to it.
    await asyncio.to_thread(running.start)
    await market.until_followed()
    yield running
    await asyncio.to_thread(running.stop)


async def test_the_last_candle_moves_with_the_market(
    browser: Browser, market: AlpacaServer, fed: RunningServer
) -> None:
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


async def test_a_room_shows_a_live_card_and_what_a_link_leads_to(
    browser: Browser, market: AlpacaServer, site: Site, fed: RunningServer
) -> None:
    site.replies["/p.png"] = Reply(200, photograph(), {"content-type": "image/png"})
    link = site.show(
        "/news",
        '<meta property="og:title" content="Yields &lt;script&gt; fall"><meta property="og:image" content="/p.png">'
        '<meta name="description" content="What moved bonds today, and why the curve is steeper than a week ago.">',
    )
    ada = await Client(fed.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    async with visit(browser, fed) as page:
        await enter(page, ada, room)
        composer = page.get_by_test_id("composer")
        await composer.fill("/chart AAPL 1d")
        await composer.press("Enter")
        card = page.get_by_test_id("chart-card")
        await expect(card).to_have_attribute("data-loaded", "true")
        await market.deal("AAPL", datetime.now(UTC), 188.5, 3)
        await expect(card).to_have_attribute("data-last", "188.5")
        await expect(card.get_by_test_id("card-live")).to_have_text("Live")

        await write(page, f"Look: {link}")
        preview = page.get_by_test_id("link-preview")
        await expect(preview.get_by_role("link")).to_have_text("Yields <script> fall")
        await expect(preview.get_by_test_id("preview-picture")).to_be_visible()
        await preview.get_by_role("button", name="Remove the preview").click()
        await expect(preview).to_have_count(0)
    assert [asked.headers.get("user-agent") for asked in site.asked] == ["outcry (link preview)"] * 2
    await ada.close()
