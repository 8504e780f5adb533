"""Three people in three browsers, one of them a phone, talk with the AI and each other: every screen is the history."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.adapters_support.openai_server import OpenaiServer, Say
from tests.browser.accounts import PHONE, WIDE, sign_in, visit
from tests.e2e.test_two_people import move_into
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ANSWER = " ".join(f"word{number}" for number in range(120))
LOOKS: tuple[dict[str, Any], ...] = (WIDE, WIDE, PHONE)


@pytest.fixture
async def upstream() -> AsyncIterator[OpenaiServer]:
    """A model that takes its time: its answer is under way for three seconds."""
    async with OpenaiServer() as server:
        server.play(Say(ANSWER, pause_s=0.025))
        yield server


@pytest.fixture
async def people(tmp_path: Path, upstream: OpenaiServer) -> AsyncIterator[tuple[list[Client], RunningServer]]:
    """Ada, Ben and Chi, colleagues, on a server that asks the model."""
    server = RunningServer(tmp_path / "data").start()
    clients = [await Client(server.url).sign_up(name) for name in ("Ada", "Ben", "Chi")]
    for client in clients[1:]:
        move_into(server.data, client, clients[0])
        await client.sign_in(client.me["person"]["email"])
    model = {"base_url": upstream.base_url, "model": "test-model", "api_key": None}
    await clients[0].call("PUT", "/ai/model-server", model)
    yield clients, server
    for client in clients:
        await client.close()
    server.stop()


async def enter(page: Page, client: Client, room: str) -> None:
    """Sign in and open the room."""
    await sign_in(page, client.me["person"]["email"])
    await expect(page.get_by_test_id("composer")).to_be_visible()
    await page.goto(f"/c/{room}")
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def say(page: Page, text: str) -> None:
    """Write a message and send it."""
    await page.get_by_test_id("composer").fill(text)
    await page.keyboard.press("Enter")


def messages(page: Page) -> Locator:
    """All messages that a page shows."""
    return page.locator("[data-testid=message-person], [data-testid=message-assistant]")


async def screen(page: Page) -> list[str]:
    """Return the texts that a page shows, in order, without what is around them."""
    rows = page.locator(".messages > .row .prose")
    return [" ".join(text.split()) for text in await rows.all_inner_texts()]


async def test_all_three_screens_are_the_history(browser: Browser, people: tuple[list[Client], RunningServer]) -> None:
    (ada, ben, chi), server = people
    room = await ada.new_conversation()
    for client in (ben, chi):
        await ada.call("POST", f"/rooms/{room}/members", {"email": client.me["person"]["email"]})
    async with contextlib.AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(visit(browser, server, **look)) for look in LOOKS]
        await asyncio.gather(*(enter(page, client, room) for page, client in zip(pages, people[0], strict=True)))
        first, second, third = pages

        await say(first, "How is the market?")
        # All see the same answer grow.
        for page in pages:
            await expect(page.get_by_test_id("message-assistant").last).to_contain_text("word5 ")
        # One comes back in the middle of it, and sees it go on.
        await third.reload()
        reply = third.get_by_test_id("message-assistant").last
        await expect(reply).to_contain_text("word5 ")
        await expect(reply).to_have_attribute("data-status", "streaming")
        # The others talk meanwhile, two at the same moment, with one word for both.
        await asyncio.gather(say(second, "the same words"), say(third, "the same words"))
        await say(second, "**bold** and `code`\nin two lines")
        await say(first, "<b>no markup</b> 🎉 שלום")
        for page in pages:
            await expect(messages(page)).to_have_count(10, timeout=30_000)
            await expect(page.locator("[data-status=streaming]")).to_have_count(0, timeout=30_000)
            await expect(page.locator("[data-state=sending], [data-state=waiting]")).to_have_count(0)

        history = await ada.history(room)
        assert [message["sequence"] for message in history] == list(range(1, 11))
        expected = [shown(message["text"]) for message in history]
        for page in pages:
            assert await screen(page) == expected
        assert expected.count("the same words") == 2
        assert expected.count(ANSWER) == 5
        # And the same after everybody reads it anew.
        for page in pages:
            await page.reload()
            await expect(messages(page)).to_have_count(10)
            assert await screen(page) == expected
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def shown(text: str) -> str:
    """Return the words of a message as a page shows them."""
    return " ".join(re.sub(r"\*\*|`", "", text).split())
