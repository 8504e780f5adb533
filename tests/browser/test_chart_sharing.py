"""Layouts, a watchlist, and showing a chart to others, as people do it on the chart page."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import sign_in, visit
from tests.browser.charts import open_chart
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def test_a_chart_is_kept_watched_and_shown(browser: Browser, desk: RunningServer, tmp_path: Path) -> None:
    async with visit(browser, desk) as page, visit(browser, desk) as stranger:
        ada = await Client(desk.url).sign_up("Ada")
        await ada.call("POST", "/rooms", {"kind": "room", "title": "Talk of the day"})
        await sign_in(page, ada.me["person"]["email"])
        await expect(page.get_by_test_id("sign-out")).to_be_attached()
        chart = await open_chart(page)
        await page.get_by_test_id("watchlist-toggle").click()
        await page.get_by_label("Name of the list").fill("Tech")
        await page.get_by_role("button", name="Make it, with AAPL").click()
        await expect(page.locator("[data-watched=AAPL]")).to_contain_text(re.compile(r"\d\.\d\d"))

        await page.get_by_test_id("chart-kind").click()
        await page.locator("[data-kind=area]").last.click()
        await page.get_by_test_id("layouts").click()
        await page.get_by_role("textbox", name="Name").fill("Quiet area")
        await page.get_by_role("button", name="Keep", exact=True).click()
        layouts = page.get_by_role("dialog", name="Layouts and templates")
        await layouts.get_by_role("button", name="Charts open with Quiet area").click()
        await expect(layouts.get_by_role("button", name="Charts open with Quiet area")).to_have_attribute(
            "aria-pressed", "true"
        )
        await page.keyboard.press("Escape")
        await page.get_by_test_id("chart-kind").click()
        await page.locator("[data-kind=candles]").last.click()
        await open_chart(page)
        await expect(chart).to_have_attribute("data-kind", "area")
        await expect(page.locator("[data-watched=AAPL]")).to_be_visible()

        await page.get_by_test_id("share-open").click()
        share = page.get_by_test_id("share")
        async with page.expect_download() as downloading:
            await share.get_by_role("button", name="SVG").click()
        saved = tmp_path / "chart.svg"
        await (await downloading.value).save_as(saved)
        assert saved.read_text().startswith("<svg")
        assert "AAPL" in saved.read_text()
        await share.get_by_label("Conversation").select_option("Talk of the day")
        await share.get_by_label("What you say about it").fill("Look at this")
        await share.get_by_role("button", name="Post it").click()
        await expect(share.get_by_role("link", name="It is there")).to_be_visible()
        await share.get_by_label("Who may open it").select_option("anyone")
        await share.get_by_role("button", name="Make a link").click()
        link = await share.get_by_test_id("share-link").input_value()
        await share.get_by_role("link", name="It is there").click()
        await expect(page.get_by_test_id("shared-card").get_by_role("img")).to_be_visible()

        await stranger.goto(link)
        await expect(stranger.get_by_test_id("shared-picture")).to_be_visible()

        await open_chart(page)
        await page.get_by_test_id("share-open").click()
        await share.get_by_text("Links of yours that lead somewhere").click()
        await expect(share).to_contain_text("opened once")
        await share.get_by_role("button", name="End the link to AAPL").click()
        await expect(share.get_by_text("Links of yours that lead somewhere")).to_have_count(0)
        await stranger.reload()
        await expect(stranger.get_by_test_id("shared-picture")).to_have_count(0)
        await ada.close()
