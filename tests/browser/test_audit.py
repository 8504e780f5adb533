"""The audit log on the pages: reading it as sentences, filters and stories, proofs that the browser computes, files."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Download, Page, expect

from tests.browser.accounts import join, new_address, visit
from tests.browser.conftest import free_port
from tests.browser.test_narrow import fits
from tests.running import PASSWORD, Client, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LOOKS = {
    "wide-light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 360, "height": 740}, "has_touch": True, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that signs a checkpoint every second, so that no test waits a minute for one."""
    port = free_port()
    url = f"http://localhost:{port}"
    settings = {"PORT": str(port), "OUTCRY_PUBLIC_URL": url, "OUTCRY_AUDIT_CHECKPOINT_EVERY_S": "1"}
    running = RunningServer(tmp_path_factory.mktemp("data"), **settings).start()
    running.url = url
    yield running
    running.stop()


@pytest.fixture(scope="module")
async def address(desk: RunningServer) -> str:
    """An owner, called Ada Trader, who did some things that the log tells of."""
    address = new_address()
    owner = Client(desk.url)
    form = {"email": address, "password": PASSWORD, "name": "Ada Trader"}
    owner._keep(await owner.call("POST", "/auth/register", form))
    await owner.call("PATCH", "/auth/me", {"name": "Ada T. Trader"})
    await owner.call("PUT", "/auth/organisation/plan", {"plan": "pro"})
    await owner.call("POST", "/rooms", {"kind": "room", "title": "Oil desk"})
    room = await owner.call("POST", "/rooms", {"kind": "room", "title": "Gas"})
    await owner.call("PATCH", f"/rooms/{room['id']}", {"title": "Gas & power"})
    refused = await owner.http.delete(f"/auth/organisation/members/{owner.me['person']['id']}")
    assert refused.status_code == 403
    await owner.close()
    return address


async def open_log(page: Page, address: str, path: str = "") -> None:
    """Sign in and go to the log."""
    await page.goto("/sign-in")
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_test_id("sign-out")).to_be_attached()
    await page.goto(f"/organisation/audit{path}")


async def test_entries_are_sentences_that_filters_narrow(browser: Browser, desk: RunningServer, address: str) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address)
        entries = page.get_by_test_id("entries")
        for sentence in (
            "Ada T. Trader signed in with password",
            "Ada T. Trader renamed a room to “Gas & power”",
            "Ada T. Trader changed the plan from desk to pro",
            "Ada T. Trader was refused DELETE /api/v1/auth/organisation/members/{person_id}",
            "Ada T. Trader changed their name",
            "Ada T. Trader made an account",
        ):
            await expect(entries).to_contain_text(sentence)

        await page.keyboard.press("/")
        await expect(page.get_by_label("When")).to_be_focused()
        await page.get_by_label("What").select_option("chat.")
        await expect(page).to_have_url(re.compile(r"\?act=chat\.$"))
        await expect(entries.get_by_role("listitem")).to_have_count(3)
        await page.get_by_label("Outcome").select_option("refused")
        await expect(page.get_by_text("Nothing in the log fits these filters.")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Outcome")).to_have_value("refused")
        await page.get_by_role("button", name=re.compile("^Rooms")).click()
        await expect(page).to_have_url(re.compile(r"\?outcome=refused$"))
        await expect(entries.get_by_role("listitem")).to_have_count(1)
        await page.get_by_role("button", name="Clear all").click()
        await page.get_by_label("Done by").select_option(label="Ada T. Trader")
        await page.get_by_label("When").select_option("1h")
        await expect(entries).to_contain_text("renamed a room")
        await page.get_by_label("When").select_option("own")
        await page.get_by_label("Until").fill("2020-01-01")
        await expect(page.get_by_text("Nothing in the log fits these filters.")).to_be_visible()
        await page.go_back()
        await expect(entries).to_contain_text("renamed a room")


async def test_an_entry_is_read_by_keyboard_and_its_object_has_a_story(
    browser: Browser, desk: RunningServer, address: str
) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address, "?act=auth.organisation")
        rows = page.get_by_test_id("entries").get_by_role("button")
        await rows.first.focus()
        await page.keyboard.press("Enter")
        entry = page.get_by_test_id("entry")
        await expect(entry).to_contain_text("127.0.0.1")
        change = entry.get_by_test_id("change")
        await expect(change.locator("del")).to_have_text("desk")
        await expect(change.locator("ins")).to_have_text("pro")
        await page.keyboard.press("Escape")
        await expect(entry).to_be_hidden()
        await expect(rows.first).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await expect(rows.nth(1)).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(entry).to_contain_text("made the organisation")
        await rows.nth(1).focus()
        await page.keyboard.press("ArrowUp")
        await expect(entry).to_contain_text("changed the plan")

        await page.goto("/organisation/audit?act=chat.room_renamed")
        await rows.first.click()
        await entry.get_by_role("button", name="Show its versions").click()
        versions = entry.get_by_test_id("versions")
        await expect(versions).to_contain_text("Version 2 of 2")
        await expect(versions).to_contain_text("Gas & power")
        await versions.get_by_role("slider").focus()
        await page.keyboard.press("Home")
        await expect(versions).to_contain_text("Version 1 of 2")
        await expect(versions.locator("dd").filter(has_text=re.compile("^Gas(new)?$"))).to_be_visible()
        await entry.get_by_role("button", name="The story of this room").click()
        await expect(entry).to_be_hidden()
        await expect(page.get_by_test_id("entries").get_by_role("listitem")).to_have_count(2)


async def content_of(download: Download) -> bytes:
    """Return what the browser saved."""
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


async def prove(page: Page) -> dict[str, Any]:
    """Press the button on the open entry until a checkpoint has it; return the proof that is downloaded."""
    proof = page.get_by_test_id("proof")
    button = proof.get_by_role("button", name="Prove this entry")

    async def proved() -> None:
        if await button.is_visible():
            await button.click()
        await expect(proof).to_contain_text("Proved, in this browser.", timeout=1_500)

    for _ in range(10):
        try:
            await proved()
            break
        except AssertionError:
            continue
    await proved()
    async with page.expect_download() as download:
        await proof.get_by_role("button", name="Download").click()
    found: dict[str, Any] = json.loads(await content_of(await download.value))
    return found


async def test_an_entry_is_proved_in_the_browser(browser: Browser, desk: RunningServer, address: str) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address, "?act=auth.organisation_changed")
        await page.get_by_test_id("entries").get_by_role("button").first.click()
        proof = await prove(page)
        shown = page.get_by_test_id("proof")
        await expect(shown.locator(".checks li")).to_have_count(5)
        await expect(shown.get_by_test_id("path")).to_have_attribute("data-steps", str(len(proof["hashes"])))
        await expect(shown).to_contain_text(proof["key"].split("+")[1][:4])


def later(note: str) -> str:
    """Change the time in a checkpoint."""
    return note.replace("\ntime 2", "\ntime 3")


FORGERIES = {
    "leaf": lambda proof: proof | {"leaf": proof["leaf"].replace('"plan":"pro"', '"plan":"free"')},
    "hash": lambda proof: proof | {"hashes": [proof["leaf_hash"], *proof["hashes"][1:]]},
    "note": lambda proof: proof | {"checkpoint": proof["checkpoint"] | {"note": later(proof["checkpoint"]["note"])}},
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forged_proof_is_told(browser: Browser, desk: RunningServer, address: str, forge: Any) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address, "?act=auth.organisation_changed")

        async def answer(route: Any) -> None:
            response = await route.fetch()
            await route.fulfill(response=response, json=forge(await response.json()))

        await page.get_by_test_id("entries").get_by_role("button").first.click()
        await prove(page)
        await page.route("**/proof", answer)
        await page.get_by_role("button", name="Prove again").click()
        await expect(page.get_by_test_id("proof").get_by_role("alert")).to_contain_text("Not proved.")
        assert await page.get_by_test_id("proof").locator(".wrong").count() == 1


async def test_the_browser_remembers_and_tells_when_the_log_is_another(
    browser: Browser, desk: RunningServer, address: str
) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address)
        watch = page.get_by_test_id("watch")
        await expect(watch).to_have_attribute("data-kind", re.compile("first|grown|same"))
        await page.reload()
        await expect(watch).to_contain_text("are unchanged in the log of")
        # The server gets another key: whoever rewrote the log signed it anew.
        other = await page.request.get("/api/v1/audit/key")
        assert other.status == 401
        forged = "outcry/audit+9b2a5f0e+AaSx8QYnAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRob"
        await page.route("**/audit/key", lambda route: route.fulfill(json=forged))
        await page.reload()
        await expect(watch.get_by_role("alert")).to_contain_text("not the one that this browser saw before")
        await expect(watch).to_contain_text("another key")
        await page.unroute("**/audit/key")
        await page.route("**/audit/consistency**", lambda route: route.fulfill(json={"old": 1, "new": 2, "hashes": []}))
        await page.reload()
        await expect(watch.get_by_role("alert")).to_be_visible()
        await page.unroute("**/audit/consistency**")
        await watch.get_by_role("button", name=re.compile("begin anew")).click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Forget the old checkpoint").click()
        await expect(watch).to_contain_text("Kept, to compare with next time.")


async def test_checkpoints_the_key_and_the_whole_log_are_downloaded(
    browser: Browser, desk: RunningServer, address: str
) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address, "/checkpoints")
        await expect(page.get_by_test_id("verifier-key")).to_have_value(re.compile(r"^outcry/audit\+[0-9a-f]{8}\+"))
        async with page.expect_download() as note:
            await page.get_by_test_id("checkpoints").get_by_role("button").first.click()
        text = (await content_of(await note.value)).decode()
        assert text.startswith("outcry/audit/")
        assert "\n— outcry/audit " in text
        async with page.expect_download() as export:
            await page.get_by_role("button", name="Export the log").click()
        with zipfile.ZipFile(io.BytesIO(await content_of(await export.value))) as zipped:
            assert zipped.testzip() is None
            assert "entries.jsonl" in zipped.namelist()


async def test_a_report_is_made_shown_and_downloaded(browser: Browser, desk: RunningServer, address: str) -> None:
    async with visit(browser, desk) as page:
        await open_log(page, address, "/report")
        await page.get_by_role("button", name="The last 7 days").click()
        await page.get_by_role("button", name="Make the report").click()
        report = page.get_by_test_id("report")
        await expect(report.get_by_role("region", name="Who signed in")).to_contain_text("Ada T. Trader")
        await expect(report.get_by_role("region", name="Failures and refusals")).to_be_visible()
        for form, start in {"CSV": b"", "PDF": b"%PDF-"}.items():
            async with page.expect_download() as file:
                await report.get_by_role("button", name=f"Download {form}").click()
            content = await content_of(await file.value)
            assert content.startswith(start)
            assert len(content) > 200
        await page.get_by_label("From").fill("2020-01-01")
        await page.get_by_role("button", name="Make the report").click()
        await expect(page.get_by_role("alert")).to_be_visible()


async def test_whoever_may_not_read_the_log_is_told_so(browser: Browser, desk: RunningServer, address: str) -> None:
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        await page.route(
            "**/auth/refresh",
            lambda route: _without_permission(route),
        )
        await page.goto("/organisation/audit")
        await expect(page.get_by_text("Owners and admins read the audit log.")).to_be_visible()
        await expect(page.get_by_role("link", name="Audit log")).to_have_count(0)


async def _without_permission(route: Any) -> None:
    response = await route.fetch()
    body = await response.json()
    body["me"]["permissions"] = [each for each in body["me"]["permissions"] if not each.startswith("audit:")]
    await route.fulfill(response=response, json=body)


# WCAG 2.2 AA: 4.5 to 1 for text, of what is drawn on the page, its background looked for among what is behind it.
CONTRAST = """() => {
  const channel = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const read = (text) => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = text;
    c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (node) => { for (; node; node = node.parentElement) {
      const c = read(getComputedStyle(node).backgroundColor); if (c[3] === 255) return c; }
    return [255, 255, 255, 255]; };
  const written = (node) => [...node.childNodes].some((each) => each.nodeType === 3 && each.textContent.trim());
  return [...document.querySelectorAll('.audit *')]
    .filter((node) => node.checkVisibility() && !node.closest('svg, option') && written(node))
    .map((node) => { const both = [light(read(getComputedStyle(node).color)), light(behind(node))];
      return [(Math.max(...both) + 0.05) / (Math.min(...both) + 0.05), node.tagName, node.textContent.slice(0, 30)]; })
    .filter(([ratio]) => ratio < 4.5); }"""

UNNAMED = """() => [...document.querySelectorAll('.audit :is(button, a, input, select, textarea, [role=img])')]
    .filter((node) => node.checkVisibility() && !(node.labels?.length || node.ariaLabel || node.textContent.trim()))
    .map((node) => node.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
async def test_the_pages_fit_are_named_and_can_be_read(
    browser: Browser, desk: RunningServer, address: str, look: dict[str, Any]
) -> None:
    async def check(page: Page) -> None:
        await fits(page)
        assert await page.evaluate(CONTRAST) == []
        assert await page.evaluate(UNNAMED) == []

    async with visit(browser, desk, **look) as page:
        await open_log(page, address)
        await expect(page.get_by_test_id("entries").get_by_role("listitem").first).to_be_visible()
        await check(page)
        if look["viewport"]["width"] < 800:
            await page.get_by_role("button", name=re.compile("^Filter")).click()
        await page.get_by_label("What").select_option("auth.organisation")
        await expect(page.get_by_test_id("entries").get_by_role("listitem")).to_have_count(2)
        await check(page)
        await page.get_by_test_id("entries").get_by_role("button").first.click()
        await prove(page)
        await check(page)
        await page.goto("/organisation/audit/checkpoints")
        await expect(page.get_by_test_id("checkpoints")).to_be_visible()
        await check(page)
        await page.goto("/organisation/audit/report")
        await page.get_by_role("button", name="Make the report").click()
        await expect(page.get_by_test_id("report")).to_be_visible()
        await check(page)
