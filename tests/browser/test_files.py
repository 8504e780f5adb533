"""Files on messages: added on one page, seen on another, looked at by keys, and gone with their message."""

import io

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, sign_in, visit
from tests.running import Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_DROP = """([field, name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    const event = {dataTransfer: transfer, bubbles: true, cancelable: true};
    document.querySelector(field).dispatchEvent(new DragEvent('drop', event));
}"""


def picture(colour: str, size: tuple[int, int] = (900, 500)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


async def add(page: Page, *files: tuple[str, str, bytes]) -> None:
    """Choose files, as the clip does."""
    chosen = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    await page.get_by_test_id("attach-files").set_input_files(chosen)  # type: ignore[arg-type]  # FilePayload, as a dict


async def test_files_are_added_seen_and_gone(browser: Browser, desk: RunningServer) -> None:
    ada = await Client(desk.url).sign_up("Ada")
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Floor"}))["id"]
    async with visit(browser, desk) as mine, visit(browser, desk, **PHONE) as phone:
        for page in (mine, phone):
            await sign_in(page, ada.me["person"]["email"])
            await expect(page.get_by_test_id("composer")).to_be_visible()
            await page.goto(f"/c/{room}")
            await expect(page.get_by_test_id("composer")).to_be_focused()
        # The connection is cut under an upload: it goes on by itself.
        await mine.route("**/api/v1/files?*", lambda route: route.abort(), times=1)
        await add(mine, ("desk.png", "image/png", picture("teal")))
        attached = mine.get_by_test_id("attached").get_by_role("listitem")
        await expect(attached).to_have_attribute("data-state", "ready")
        await add(mine, ("curve.png", "image/png", picture("navy", (300, 600))), ("not wanted.txt", "text/plain", b"x"))
        await mine.get_by_role("button", name="Remove not wanted.txt").click()
        # A program that calls itself a paper is dropped onto the field.
        await mine.evaluate(_DROP, [".composer", "report.pdf", "MZ\x90<script>"])
        await expect(attached.nth(2)).to_contain_text("Not what its name says")
        await mine.get_by_test_id("send").click()
        await expect(attached).to_have_count(0)
        for page in (mine, phone):
            files = page.get_by_test_id("message-files")
            await expect(files.locator("[data-testid=file-picture][data-loaded=true]")).to_have_count(2)
            await expect(files.get_by_test_id("file-line")).to_contain_text("Not what its name says")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        async with mine.expect_download() as download:
            await mine.get_by_test_id("file-line").click()
        assert (await download.value).suggested_filename == "report.pdf"
        # Looked at by keys.
        await mine.get_by_test_id("file-picture").first.focus()
        await mine.keyboard.press("Enter")
        gallery = mine.get_by_test_id("gallery")
        await expect(gallery).to_contain_text("1 of 2")
        await mine.keyboard.press("ArrowRight")
        await expect(gallery.get_by_role("img")).to_have_js_property("naturalHeight", 600)
        await mine.keyboard.press("Escape")
        await expect(mine.get_by_test_id("file-picture").first).to_be_focused()
        # In the panel of the room, until the message goes.
        await mine.locator("[data-section]").first.click()
        await mine.get_by_test_id("room-panel").get_by_role("button", name="Files", exact=True).click()
        await expect(mine.get_by_test_id("room-files").get_by_role("listitem")).to_have_count(2)
        message = (await ada.call("GET", f"/rooms/{room}/messages"))["items"][-1]
        await ada.call("POST", f"/rooms/{room}/messages/{message['id']}/remove", {"reason": ""})
        await expect(mine.get_by_text("No pictures in this room yet.")).to_be_visible()
        for page in (mine, phone):
            await expect(page.get_by_test_id("message-files")).to_have_count(0)
    await ada.close()
