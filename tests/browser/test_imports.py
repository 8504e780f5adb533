"""The page of imports: try, answer the question, import, look at what was refused, on a desk and on a phone."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, join, new_address, visit
from tests.browser.test_narrow import fits
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HEADER = "Date,Open,High,Low,Close,Volume\n"
ROW = ",10,12,9,11,100\n"
MINUTES = HEADER + "2020-12-15 09:30" + ROW + "2020-12-15 09:31" + ROW
MIXED = (
    HEADER + "".join(f"2017-01-{day:02},0,0,0,0,0\n" for day in range(2, 29)) + "2017-02-01" + ROW + "2017-02-02" + ROW
)


async def choose(page: Page, *files: Path) -> None:
    """Choose files, as by the button."""
    await page.get_by_test_id("import-files").set_input_files([str(file) for file in files])


@pytest.mark.parametrize("size", ["desk", "phone"])
async def test_files_are_tried_answered_for_and_imported(
    browser: Browser, desk: RunningServer, tmp_path: Path, size: str
) -> None:
    minutes, mixed = tmp_path / "MINS.csv", tmp_path / "MIXED.csv"
    minutes.write_text(MINUTES)
    mixed.write_text(MIXED)
    async with visit(browser, desk, **(PHONE if size == "phone" else {})) as page:
        await join(page, desk, new_address())
        await page.goto("/markets")
        await page.get_by_test_id("to-imports").click()
        await expect(page).to_have_url(f"{desk.url}/imports")
        await expect(page.get_by_text("Nothing was imported yet.")).to_be_visible()
        await choose(page, minutes, mixed)
        report = page.get_by_test_id("import-report").first
        await expect(report).to_contain_text("27 of its 29 rows cannot be used")
        await expect(report).to_contain_text("line 2")
        await expect(report).to_contain_text("the open is zero")
        await fits(page)
        await expect(page.get_by_test_id("import-now")).to_have_count(0)
        questions = page.get_by_test_id("import-questions")
        await questions.get_by_label("In which time zone").fill("America/New_York")
        await questions.get_by_label("Some rows cannot be used").check()
        await questions.get_by_role("button", name="Try again").click()
        await expect(report).to_contain_text("2 bars of MINS at 1m")
        await expect(report).to_contain_text("MINS is new and was taken for a stock")
        await page.get_by_test_id("import-now").click()
        await expect(page.get_by_role("heading", name="Done")).to_be_visible()
        await expect(report).to_contain_text("2 bars new or changed")
        await fits(page)
        async with page.expect_download() as saved:
            await page.get_by_role("button", name=re.compile("Download all 27 refused rows")).click()
        text = (await (await saved.value).path()).read_text()
        assert len(text.splitlines()) == 28
        past = page.get_by_test_id("past-imports")
        await expect(past.locator("> li").first).to_contain_text("4 bars new or changed")
        await past.get_by_role("button", name="Report").first.click()
        await expect(past.get_by_test_id("import-report")).to_contain_text("MIXED.csv")
        await page.goto("/chart/MINS")
        await expect(page.get_by_role("heading", name=re.compile("MINS"))).to_be_visible()


async def test_what_is_no_table_is_told_and_leaves_the_page_ready(
    browser: Browser, desk: RunningServer, tmp_path: Path
) -> None:
    wrong, good = tmp_path / "WRONG.csv", tmp_path / "GOOD.csv"
    wrong.write_bytes(b"PK\x03\x04" + b"x" * 100)
    good.write_text(HEADER + "2017-08-31" + ROW + "2017-09-01" + ROW)
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        await page.goto("/imports")
        await choose(page, wrong)
        report = page.get_by_test_id("import-report").first
        await expect(report).to_contain_text("looks like an Excel workbook")
        await choose(page, good)
        await expect(report).to_contain_text("2 bars of GOOD at 1d")
        await expect(report).to_contain_text("2 bars would be new or changed")
        await page.get_by_role("button", name="Cancel").click()
        await expect(page.get_by_test_id("import-report")).to_have_count(0)
