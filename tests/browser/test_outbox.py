"""What is written while the connection or the server is away is sent when they are back: once, and in order."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.accounts import WIDE, sign_in
from tests.browser.test_main_job import open_page
from tests.browser.test_three_people import say
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


TICKETS = re.compile("/api/v1/realtime/tickets")
# History is asked for with a query, messages are posted without.
POSTS = re.compile(r"/rooms/[^/]+/messages$")


async def refuse(route: Route) -> None:
    """Let a request fail as if there were no network."""
    await route.abort()


async def enter_room(browser: Browser, server: RunningServer, client: Client) -> tuple[Page, str]:
    """Open a room of people on a page."""
    room = (await client.call("POST", "/rooms", {"kind": "room", "title": "Floor"}))["id"]
    page = await open_page(browser, server, [], **WIDE)
    await sign_in(page, client.me["person"]["email"])
    await expect(page.get_by_test_id("composer")).to_be_visible()
    await page.goto(f"/c/{room}")
    await say(page, "before")
    await expect(page.locator("[data-state=posted]")).to_have_count(1)
    return page, room


# How many messages that were written offline the browser keeps; one that was posted before may still be there.
KEPT = """() => new Promise((done) => {
    const opened = indexedDB.open('outcry', 1);
    opened.onsuccess = () => {
        const asked = opened.result.transaction('outbox').objectStore('outbox').getAll();
        asked.onsuccess = () => {
            opened.result.close();
            done(asked.result.filter((entry) => JSON.stringify(entry).includes('offline')).length);
        };
    };
})"""


async def texts(client: Client, room: str) -> list[str]:
    """Return what the server has."""
    return [message["text"] for message in await client.history(room)]


async def test_what_was_written_offline_survives_a_reload(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    page, room = await enter_room(browser, desk, ada)
    fills = {"name": "fills.csv", "mimeType": "text/csv", "buffer": b"symbol,price\nKO,61.2\n"}
    await page.get_by_test_id("attach-files").set_input_files(fills)  # type: ignore[arg-type]  # FilePayload, as a dict
    await expect(page.get_by_test_id("attached").get_by_role("listitem")).to_have_attribute("data-state", "ready")
    await page.context.set_offline(True)
    for number in range(3):
        await say(page, f"offline {number}")
    await expect(page.get_by_test_id("connection")).to_have_text("Offline · 3 messages wait")
    await expect(page.locator("[data-state=waiting], [data-state=sending]")).to_have_count(3)
    assert await texts(ada, room) == ["before"]
    async with asyncio.timeout(10):
        while await page.evaluate(KEPT) < 3:  # noqa: ASYNC110  # the browser's database tells nobody outside of it
            await asyncio.sleep(0.02)

    # The page goes away and comes back while the server takes no message and no socket: they are still on their way.
    # Refused from before it goes: a browser that is told to be offline forgets it for what it sends as a page ends.
    await page.route(TICKETS, refuse)
    await page.route(POSTS, refuse)
    await page.goto("about:blank")
    await page.context.set_offline(False)
    await page.goto(f"/c/{room}")
    await expect(page.locator("[data-state=waiting], [data-state=sending]")).to_have_count(3)
    await expect(page.get_by_test_id("connection")).to_have_text(re.compile("3 messages wait"))
    # Its file shows by its name, which the browser kept with the message.
    await expect(page.get_by_test_id("file-line")).to_have_text(re.compile("fills.csv"))
    await page.unroute_all()
    await expect(page.locator("[data-state=posted]")).to_have_count(4, timeout=20_000)
    assert await texts(ada, room) == ["before", "offline 0", "offline 1", "offline 2"]
    await expect(page.get_by_test_id("file-line")).to_have_count(1)
    await page.context.close()
    await ada.close()


async def test_an_answer_that_is_lost_makes_no_second_message(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    page, room = await enter_room(browser, desk, ada)
    await page.route(TICKETS, refuse)
    lost = 0

    async def lose(route: Route) -> None:
        nonlocal lost
        if lost == 2:
            await route.continue_()
            return
        lost += 1
        await route.fetch()
        await route.abort()

    await page.route(POSTS, lose)
    await page.reload()
    await expect(page.locator("[data-state=posted]")).to_have_count(1)
    await say(page, "once")
    await expect(page.locator("[data-state=posted]")).to_have_count(2, timeout=20_000)
    assert lost == 2
    assert await texts(ada, room) == ["before", "once"]
    await page.context.close()
    await ada.close()


async def test_a_refused_message_is_kept_until_it_is_discarded(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    page, room = await enter_room(browser, desk, ada)
    problem = {"code": "invalid_input", "title": "No", "detail": "Not these words.", "status": 422}

    async def reject(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        if body["text"] == "bad":
            await route.fulfill(status=422, body=json.dumps(problem), content_type="application/problem+json")
        else:
            await route.continue_()

    await page.route(TICKETS, refuse)
    await page.route(POSTS, reject)
    await page.reload()
    await say(page, "bad")
    failed = page.locator("[data-state=failed]")
    await expect(failed).to_contain_text("Not these words.")
    await say(page, "good")
    await expect(page.locator("[data-state=posted]")).to_have_count(2)
    await page.reload()
    await expect(failed).to_contain_text("bad")
    await failed.get_by_role("button", name="Try again").click()
    await expect(failed).to_contain_text("Not these words.")
    await failed.get_by_role("button", name="Discard").click()
    await expect(failed).to_have_count(0)
    await page.reload()
    await expect(page.locator("[data-state=posted]")).to_have_count(2)
    await expect(failed).to_have_count(0)
    assert await texts(ada, room) == ["before", "good"]
    await page.context.close()
    await ada.close()


@pytest.mark.long
async def test_an_open_room_goes_on_after_the_server_restarts(browser: Browser, tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data").start()
    ada = await Client(server.url).sign_up("Ada")
    page, room = await enter_room(browser, server, ada)
    await page.evaluate("window.here = true")
    server.kill()
    await say(page, "while it was away")
    await expect(page.get_by_test_id("connection")).to_have_text(re.compile("1 message waits"), timeout=15_000)
    server.start()
    await expect(page.locator("[data-state=posted]")).to_have_count(2, timeout=60_000)
    await ada.post(room, "from elsewhere")
    await expect(page.get_by_test_id("message-person").last).to_contain_text("from elsewhere", timeout=30_000)
    await expect(page.get_by_test_id("connection")).to_have_text("")
    assert await page.evaluate("window.here") is True
    assert await texts(ada, room) == ["before", "while it was away", "from elsewhere"]
    await page.context.close()
    await ada.close()
    server.stop()
