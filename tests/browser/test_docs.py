"""The description of the HTTP interface in a real browser: drawn without the network, under the strict policy."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.test_main_job import open_page, sign_up
from tests.browser.test_policy import WATCH, broken
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
]


@dataclass
class Reader:
    """Somebody who reads the description."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def open(self, tag: str) -> None:
        """Go to the description and open what has this tag."""
        await self.page.goto("/docs")
        await self.page.locator(f"#operations-tag-{tag} button").click()

    async def attempt(self, operation: str) -> str:
        """Try an operation out; return the body of the answer."""
        block = self.page.locator(f"#operations-{operation}")
        await block.locator(".opblock-summary-control").click()
        await block.get_by_role("button", name="Try it out").click()
        await block.get_by_role("button", name="Execute").click()
        await expect(block.locator(".live-responses-table .response-col_status").first).to_be_visible()
        return await block.locator(".live-responses-table .response-col_description pre").first.inner_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of these tests."""
    running = RunningServer(tmp_path_factory.mktemp("data"), OUTCRY_SAMPLE_MARKET="false").start()
    yield running
    running.stop()


async def start(browser: Browser, server: RunningServer, **look: Any) -> Reader:
    """Open a browser that notes what goes wrong, and what is asked for."""
    errors: list[str] = []
    reader = Reader(await open_page(browser, server, errors, **look), errors)
    reader.page.on("request", lambda request: reader.asked.append(request.url))
    await reader.page.add_init_script(WATCH)
    return reader


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look['viewport']['width']}-{look['color_scheme']}")
async def reader(request: pytest.FixtureRequest, browser: Browser, server: RunningServer) -> AsyncIterator[Reader]:
    """A reader with a screen of each kind."""
    reader = await start(browser, server, **request.param)
    yield reader
    await reader.page.context.close()


async def test_anybody_can_read_it_and_it_asks_nobody_else(reader: Reader, server: RunningServer) -> None:
    await reader.open("auth")
    await expect(reader.page.locator("#operations-auth-sign_in")).to_be_visible()
    assert json.loads(await reader.attempt("auth-list_providers")) == []
    dark = await reader.page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert dark == await reader.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    too_wide = await reader.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert too_wide <= 0
    assert await broken(reader.page) == []
    assert reader.errors == []
    assert [url for url in reader.asked if not url.startswith((server.url, "data:", "blob:"))] == []


@pytest.mark.long
async def test_what_is_tried_is_done_as_who_is_signed_in(browser: Browser, server: RunningServer) -> None:
    reader = await start(browser, server, viewport={"width": 1280, "height": 860}, color_scheme="dark")
    email = f"{uuid4().hex[:12]}@example.com"
    await sign_up(reader.page, email)
    await reader.page.goto("/settings/keys")
    await reader.page.get_by_role("link", name="What a program can ask for").click()
    await expect(reader.page.get_by_test_id("docs-who")).to_contain_text("Ada Trader")
    await reader.page.locator("#operations-tag-auth button").click()
    me = json.loads(await reader.attempt("auth-get_me"))
    assert me["person"]["email"] == email
    # Elsewhere nothing of its colours is left.
    await reader.page.get_by_role("link", name="To the desk").click()
    await expect(reader.page.get_by_test_id("composer")).to_be_visible()
    assert not await reader.page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert await broken(reader.page) == []
    assert reader.errors == []
    await reader.page.context.close()


@pytest.mark.long
async def test_a_key_that_is_entered_goes_before_the_session(browser: Browser, server: RunningServer) -> None:
    owner = await Client(server.url).sign_up()
    wanted = {"name": "bars", "scopes": ["chat:room:read"]}
    token = (await owner.call("POST", "/auth/api-keys", wanted))["token"]
    room = await owner.call("POST", "/rooms", {"title": "Seen by the key", "kind": "room"})
    await owner.close()
    reader = await start(browser, server, viewport={"width": 1280, "height": 860})
    await sign_up(reader.page, f"{uuid4().hex[:12]}@example.com")
    await reader.open("chat")
    await reader.page.get_by_role("button", name="Authorize").first.click()
    dialog = reader.page.locator(".modal-ux")
    await dialog.locator("input").fill(token)
    await dialog.get_by_role("button", name="Apply").or_(dialog.locator("button.authorize")).first.click()
    await dialog.locator("button.btn-done").click()
    rooms = json.loads(await reader.attempt("chat-list_rooms"))
    assert room["id"] in [one["id"] for one in rooms["items"]]
    assert await broken(reader.page) == []
    assert reader.errors == []
    await reader.page.context.close()


async def test_the_page_and_its_parts_come_packed(server: RunningServer) -> None:
    client = Client(server.url)
    seen = {}
    for path in ("/docs", "/api/v1/openapi.json", "/theme.js"):
        answer = await client.http.get(f"{server.url}{path}", headers={"accept-encoding": "gzip, deflate, br, zstd"})
        seen[path] = answer.headers.get("content-encoding")
        again = await client.http.get(
            f"{server.url}{path}",
            headers={"accept-encoding": "gzip, deflate, br, zstd", "if-none-match": answer.headers["etag"]},
        )
        assert (again.status_code, again.headers["etag"]) == (304, answer.headers["etag"])
    await client.close()
    assert seen == {"/docs": "br", "/api/v1/openapi.json": "zstd", "/theme.js": "br"}
