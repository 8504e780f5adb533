"""What a legal hold keeps, on the page: an administrator reads it, and saves its files."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import PHONE, visit
from tests.browser.test_company import enter
from tests.browser.test_narrow import fits
from tests.browser.test_rooms import colleagues
from tests.running import Client, RunningServer

__all__ = ["colleagues"]
pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.xdist_group("browser")]


async def test_what_was_taken_away_is_read_and_its_files_saved(
    browser: Browser, desk: RunningServer, colleagues: tuple[Client, Client]
) -> None:
    ada, bob = colleagues
    room = await ada.call("POST", "/rooms", {"kind": "open", "title": "Rates"})
    await bob.call("POST", f"/open-rooms/{room['id']}/join")
    await ada.call("PUT", "/holds/organisation", {"reason": "Case 7"})
    sent = await bob.http.post("/files", params={"room_id": room["id"], "name": "fills.csv"}, content=b"side,price\n")
    posted = await bob.post(room["id"], "We quote <b>late</b> today")
    changed = {"text": "We quote *later* today"}
    await bob.call("PATCH", f"/rooms/{room['id']}/messages/{posted['id']}", changed)
    body = {"text": "", "client_id": "with-a-file", "file_ids": [sent.json()["id"]]}
    filed = await bob.call("POST", f"/rooms/{room['id']}/messages", body)
    for message in (posted, filed):
        await bob.call("POST", f"/rooms/{room['id']}/messages/{message['id']}/remove", {})

    async with visit(browser, desk, **PHONE) as hers:
        await enter(hers, ada, "/organisation/moderation")
        await hers.get_by_role("link", name="What was taken away").click()
        await expect(hers.get_by_test_id("held-rooms")).to_contain_text("2 messages")
        await fits(hers)
        await hers.get_by_role("link", name="Rates").click()
        held = hers.get_by_test_id("held-messages")
        await expect(held.get_by_text("We quote *later* today")).to_be_visible()
        await held.get_by_text("One earlier version").click()
        await expect(held.get_by_text("We quote <b>late</b> today")).to_be_visible()
        await expect(held.get_by_text("stands in the audit log with your name")).to_be_visible()
        await fits(hers)
        async with hers.expect_download() as saving:
            await held.get_by_role("button", name="Save fills.csv").click()
        saved = await saving.value
        assert (saved.suggested_filename, (await saved.path()).read_bytes()) == ("fills.csv", b"side,price\n")
