"""The other things that people do on the pages: a model server, stopping, keyboard alone, tidying up, errors."""

import re
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests.adapters_support.openai_server import CallTools, Fail, OpenaiServer, Say, Stall
from tests.browser.test_main_job import QUESTION, ask, open_page, sign_up
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def fresh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose first account, its operator, is made here."""
    running = RunningServer(tmp_path_factory.mktemp("data")).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
async def operator(browser: Browser, fresh_server: RunningServer) -> AsyncIterator[Page]:
    """The operator's page."""
    page = await open_page(browser, fresh_server, [], viewport={"width": 1280, "height": 860})
    await sign_up(page, "operator@example.com")
    yield page
    await page.context.close()


@pytest.fixture
async def page(browser: Browser, fresh_server: RunningServer, operator: Page) -> AsyncIterator[Page]:
    """The page of somebody who just signed up."""
    page = await open_page(browser, fresh_server, [], viewport={"width": 1280, "height": 860})
    await sign_up(page, f"{uuid4().hex[:12]}@example.com")
    yield page
    await page.context.close()


async def new_conversation(page: Page) -> None:
    """Begin a conversation."""
    before = page.url
    await page.get_by_test_id("new-conversation").first.click()
    await page.wait_for_url(lambda url: "/c/" in url and url != before)
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def test_a_model_server_is_tried_saved_used_and_its_inventions_are_marked(operator: Page) -> None:
    async with OpenaiServer() as upstream:
        upstream.play(Say("ready"))
        await operator.goto("/settings/model-server")
        await operator.get_by_label("Address").fill(upstream.base_url)
        await operator.get_by_label("Model", exact=True).fill("house-model")
        await operator.get_by_label("Key").fill("sk-very-secret")
        await operator.get_by_role("button", name="Try it").click()
        await expect(operator.get_by_test_id("trial")).to_contain_text(re.compile(r"\d+ ms"))
        await operator.get_by_role("button", name="Save").click()
        await expect(operator.get_by_label("Key")).to_have_attribute("placeholder", re.compile("Kept"))
        assert "sk-very-secret" not in await operator.content()

        indicator = ("indicator", {"symbol": "AAPL", "name": "rsi", "parameters": {"period": 14}})
        upstream.play(CallTools(indicator), Say("The 14-day RSI of AAPL is 67.09, and it will be 91.37 next week."))
        # From here, not from "/", which goes on to a conversation by itself, maybe just as one begins to type.
        await new_conversation(operator)
        await ask(operator, "What is the RSI of AAPL?")
        answer = operator.get_by_test_id("message-assistant").last
        await expect(answer.locator("button.unverified")).to_have_text(re.compile("91.37"))
        await expect(answer.locator("button.figure:not(.unverified)").filter(has_text="67.09")).to_be_visible()

        upstream.play(Fail(500))
        await ask(operator, QUESTION)
        await expect(operator.get_by_test_id("message-assistant").last).to_contain_text("the desk answered")

        upstream.play(Stall("The market is"))
        await operator.get_by_test_id("composer").fill("Tell me a long story")
        await operator.keyboard.press("Enter")
        await expect(operator.get_by_test_id("message-assistant").last).to_contain_text("The market is")
        await operator.get_by_test_id("stop").click()
        await expect(operator.get_by_test_id("message-assistant").last).to_contain_text(re.compile("stopped", re.I))
        upstream.play(Say("This time all of it."))
        await operator.get_by_test_id("retry").last.click()
        await expect(operator.get_by_test_id("message-assistant").last).to_contain_text("This time all of it.")

    await operator.goto("/settings/model-server")
    await operator.get_by_role("button", name="Remove").click()
    await expect(operator.get_by_label("Address")).to_have_value("")


async def test_the_whole_job_by_keyboard_alone(page: Page) -> None:
    await page.keyboard.type("MACD of JPM")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("retry").last).to_be_attached(timeout=20_000)
    figure = page.get_by_test_id("figure").first
    for _ in range(60):
        await page.keyboard.press("Shift+Tab")
        if await figure.evaluate("node => node === document.activeElement"):
            break
    await expect(figure).to_be_focused()
    await page.keyboard.press("Enter")
    panel = page.get_by_test_id("source-panel")
    await expect(panel).to_contain_text("JPM")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(figure).to_be_focused()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("MSFT")
    await expect(page.get_by_role("option").filter(has_text="MSFT").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/chart/MSFT"))
    await expect(page.get_by_test_id("full-chart")).to_have_attribute("data-bars", re.compile(r"\d{2,}"))


async def test_conversations_are_renamed_archived_and_brought_back(page: Page) -> None:
    await ask(page, "How is Amazon doing?")
    rail = page.get_by_test_id("conversation-list")
    await expect(rail).to_contain_text("How is Amazon doing?")
    await rail.get_by_role("button", name=re.compile("^Rename")).first.click()
    await page.get_by_label("Title of the conversation").fill("Amazon")
    await page.keyboard.press("Enter")
    await expect(rail.get_by_role("link", name="Amazon").first).to_be_visible()
    await rail.get_by_role("button", name=re.compile("^Archive")).first.click()
    await expect(rail).not_to_contain_text("Amazon")
    await page.get_by_role("button", name="Undo").click()
    await expect(rail).to_contain_text("Amazon")


async def test_markup_in_a_message_is_only_text(page: Page) -> None:
    text = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> **bold**"
    await ask(page, text)
    await expect(page.get_by_test_id("message-person").last).to_contain_text("<img src=x")
    assert await page.locator("[data-testid=message-person] img").count() == 0
    assert "owned" not in await page.title()


async def test_markets_are_searched_and_open_a_chart(page: Page) -> None:
    await page.goto("/markets")
    await page.get_by_test_id("markets-search").fill("coca")
    row = page.get_by_role("row").filter(has_text="KO")
    await expect(row).to_contain_text(re.compile(r"\d\d\.\d\d"))
    await expect(page.get_by_role("row").filter(has_text="AAPL")).to_have_count(0)
    await row.get_by_role("link").first.click()
    await expect(page).to_have_url(re.compile("/chart/KO"))
    await page.get_by_test_id("markets-search").count()


async def test_what_is_not_there_says_so(page: Page) -> None:
    for address in ("/c/0190aaaa-0000-7000-8000-000000000000", "/chart/NOPE", "/nowhere"):
        await page.goto(address)
        await expect(page.locator("main")).to_contain_text(re.compile("no such|not found|nothing|there is no", re.I))


async def test_a_short_password_and_a_taken_address_are_told(browser: Browser, fresh_server: RunningServer) -> None:
    page = await open_page(browser, fresh_server, [])
    await page.goto("/sign-up")
    await page.get_by_label("Name").fill("Ada")
    await page.get_by_label("E-mail").fill("ada@example.com")
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator("form")).to_contain_text("15 characters")
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill("nobody@example.com")
    await page.get_by_label("Password", exact=True).fill("not the password of anybody")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.context.close()
