"""The main job in a real browser: everything that the first page of the README promises."""

import re
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import talib
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUESTION = "What is the 14-day RSI of AAPL, and how did it do against MSFT this year?"
PASSWORD = "purple tram eats seven violins"


async def open_page(browser: Browser, server: RunningServer, errors: list[str], **options: Any) -> Page:
    """Open a browser of its own, that notes every error on its console."""
    context: BrowserContext = await browser.new_context(base_url=server.url, **options)
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return page


async def sign_up(page: Page, email: str) -> None:
    """Make an account on the page, and land in a conversation."""
    await page.goto("/sign-up")
    await page.get_by_label("Name").fill("Ada Trader")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def ask(page: Page, question: str) -> None:
    """Type a question and wait until the whole answer is there."""
    before = await page.get_by_test_id("message-assistant").count()
    await page.get_by_test_id("composer").fill(question)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message-assistant")).to_have_count(before + 1)
    await expect(page.get_by_test_id("retry").last).to_be_attached(timeout=20_000)


async def expected_rsi(server: RunningServer, email: str) -> float:
    """Compute the RSI by TA-Lib from the bars that the server has."""
    client = Client(server.url)
    client._keep(await client.call("POST", "/auth/sign-in", {"email": email, "password": PASSWORD}))
    bars = await client.call("GET", "/instruments/AAPL/bars?timeframe=1d&limit=5000")
    await client.close()
    return float(talib.RSI(np.array(bars["close"]), 14)[-1])


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
        {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
    ],
    ids=["wide-light", "phone-dark"],
)
async def test_the_whole_paragraph(browser: Browser, made_server: RunningServer, look: dict[str, Any]) -> None:
    errors: list[str] = []
    email = f"{uuid4().hex[:12]}@example.com"
    page = await open_page(browser, made_server, errors, **look)
    await sign_up(page, email)

    await ask(page, QUESTION)
    answer = page.get_by_test_id("message-assistant").last
    await expect(answer.get_by_test_id("chart-card").first).to_be_visible()
    rsi = await expected_rsi(made_server, email)
    await expect(answer).to_contain_text(re.compile(rf"{rsi:.1f}|{rsi:.2f}"))
    figure = answer.get_by_test_id("figure").filter(has_text=re.compile(rf"^{rsi:.1f}|^{rsi:.2f}")).first
    await figure.click()
    panel = page.get_by_test_id("source-panel")
    await expect(panel).to_contain_text("AAPL")
    await expect(panel).to_contain_text(f"{rsi:.2f}")
    await expect(panel).to_contain_text("2017")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    written = await answer.text_content() or ""
    conversation = page.url

    await page.goto("/chart/AAPL")
    chart = page.get_by_test_id("full-chart")
    await expect(chart).to_have_attribute("data-bars", re.compile(r"[1-9]\d\d"))
    first = await chart.get_attribute("data-last-close")
    await expect(page.get_by_test_id("replay-badge")).to_be_visible()
    await expect(chart).not_to_have_attribute("data-last-close", first or "", timeout=30_000)

    await page.goto(conversation)
    if look["viewport"]["width"] < 800:
        await page.get_by_role("button", name=re.compile("menu", re.IGNORECASE)).first.click()
    await page.get_by_test_id("sign-out").first.click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.goto(conversation)
    await expect(page).to_have_url(re.compile("/sign-in"))

    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(conversation)
    again = page.get_by_test_id("message-assistant").last
    await expect(again.get_by_test_id("chart-card").first).to_be_visible()
    await expect(again).to_have_text(written)
    assert [error for error in errors if "401" not in error] == []
    await page.context.close()
