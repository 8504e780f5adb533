"""Who fails often solves a challenge: the widget in a real browser, under the strict policy."""

import base64
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.adapters_support.challenge_server import SECRET, SITE_KEY, ChallengeServer
from tests.adapters_support.web_server import Reply
from tests.browser.accounts import PHONE, WIDE, new_address, sign_in, visit
from tests.browser.conftest import free_port
from tests.browser.test_main_job import PASSWORD
from tests.browser.test_policy import WATCH, broken
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WRONG = "violins eat seven purple trams"


@pytest.fixture
async def maker() -> AsyncIterator[ChallengeServer]:
    """The server of the widget's maker."""
    async with ChallengeServer() as running:
        yield running


@pytest.fixture(params=["turnstile", pytest.param("hcaptcha", marks=pytest.mark.long)])
async def desk(request: pytest.FixtureRequest, tmp_path: Path, maker: ChallengeServer) -> AsyncIterator[RunningServer]:
    """A server that asks for challenges of each maker."""
    provider, port = request.param, free_port()
    url = f"http://localhost:{port}"
    environment = {
        "PORT": str(port),
        "OUTCRY_PUBLIC_URL": url,
        "OUTCRY_SAMPLE_MARKET": "false",
        "OUTCRY_AUTH_CHALLENGE_AFTER_ADDRESS": "4",
        "OUTCRY_CHALLENGE": f"{provider}:{SITE_KEY}?base={maker.url}",
        f"OUTCRY_SECRET_CHALLENGE_{provider.upper()}": base64.b64encode(SECRET.encode()).decode(),
    }
    running = RunningServer(tmp_path / "data", **environment).start()
    running.url = url
    yield running
    running.stop()


@contextlib.asynccontextmanager
async def watched(browser: Browser, desk: RunningServer, **look: object) -> AsyncIterator[Page]:
    """Open a browser of its own; nothing may break the policy meanwhile."""
    async with visit(browser, desk, **look) as page:
        await page.add_init_script(WATCH)
        yield page
        assert await broken(page) == []


async def new_account(desk: RunningServer) -> str:
    """Make an account without the page; returns its address."""
    address = new_address()
    client = Client(desk.url)
    await client.call("POST", "/auth/register", {"email": address, "password": PASSWORD, "name": "Ada Trader"})
    await client.close()
    return address


async def fail(page: Page, address: str, times: int) -> None:
    """Type a wrong password several times."""
    await sign_in(page, address, WRONG)
    await expect(page.get_by_role("alert")).to_contain_text("not right")
    for _ in range(times - 1):
        async with page.expect_response("**/sign-in"):
            await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("not right")


@pytest.mark.parametrize("look", [WIDE, PHONE], ids=["wide", "phone"])
async def test_who_failed_solves_it_and_is_signed_in(
    browser: Browser, desk: RunningServer, maker: ChallengeServer, look: dict[str, object]
) -> None:
    address = await new_account(desk)
    async with watched(browser, desk, **look) as page:
        await fail(page, address, 3)
        assert maker.asked == [], "no page loads anything of the maker before somebody is asked"
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_test_id("challenge")).to_be_visible()
        await expect(page.get_by_role("group", name="Show that you are a person")).to_be_visible()
        box = page.frame_locator("[data-testid=challenge] iframe").get_by_role("checkbox")
        await expect(box).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await box.check()
        await expect(page.get_by_test_id("sign-out")).to_be_attached()
        assert len(maker.verified) == 1


async def test_a_wrong_one_is_asked_for_again_also_on_the_other_pages(
    browser: Browser, desk: RunningServer, maker: ChallengeServer
) -> None:
    address = await new_account(desk)
    async with watched(browser, desk) as page:
        await fail(page, address, 3)
        await page.goto("/recover")
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("button", name="Send the link").click()
        frame = page.frame_locator("[data-testid=challenge] iframe")
        maker.replies["/solve"] = Reply(200, b"made-up", {"content-type": "text/plain"})
        await frame.get_by_role("checkbox").click()
        await expect(page.get_by_role("alert")).to_contain_text("Solve it once more")
        del maker.replies["/solve"]
        await expect(frame.get_by_role("checkbox")).not_to_be_checked()
        await frame.get_by_role("checkbox").click()
        await expect(page.get_by_text(address)).to_be_visible()
        await expect(page.get_by_test_id("challenge")).not_to_be_attached()
        await page.goto("/sign-up")
        await page.get_by_role("button", name="Use a password instead").click()
        await page.get_by_label("Name").fill("Ben Broker")
        await page.get_by_label("E-mail").fill(new_address())
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Create account").click()
        await frame.get_by_role("checkbox").click()
        await expect(page.get_by_test_id("sign-out")).to_be_attached()


async def test_while_its_maker_is_down_people_get_in(
    browser: Browser, desk: RunningServer, maker: ChallengeServer
) -> None:
    address = await new_account(desk)
    for path in ("/turnstile/v0/api.js", "/1/api.js", "/turnstile/v0/siteverify", "/siteverify"):
        maker.replies[path] = Reply(503)
    async with watched(browser, desk) as page:
        await fail(page, address, 3)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_test_id("sign-out")).to_be_attached()
    assert "left out" in "".join(desk.output)


async def test_who_keeps_the_widget_out_is_told_so(
    browser: Browser, desk: RunningServer, maker: ChallengeServer
) -> None:
    address = await new_account(desk)
    async with visit(browser, desk) as page:
        await page.route("**/api.js*", lambda route: route.abort())
        await fail(page, address, 3)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("cannot be loaded")
        await page.unroute("**/api.js*")
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.frame_locator("[data-testid=challenge] iframe").get_by_role("checkbox").click()
        await expect(page.get_by_test_id("sign-out")).to_be_attached()
    assert len(maker.verified) == 2
