"""A person's profile on the pages: name, picture, time zone, and the address by a mail's link."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.accounts import join, link_for, new_address, sign_in, sign_out, visit
from tests.browser.test_main_job import PASSWORD
from tests.running import ROOT, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PICTURE = ROOT / "docs" / "images" / "desk-light.png"


async def test_name_picture_and_address_are_changed(browser: Browser, desk: RunningServer) -> None:
    async with visit(browser, desk) as page:
        await join(page, desk, new_address())
        await page.goto("/settings")
        await page.get_by_role("textbox", name="Name", exact=True).fill("A\N{HANGUL FILLER}da")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("cannot be seen")
        await page.get_by_role("textbox", name="Name", exact=True).fill("Ada King")
        await page.get_by_label("Time zone").select_option("Asia/Tokyo")
        await page.get_by_label("Dates and numbers").select_option("en-GB")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
        await page.get_by_label("Picture file").set_input_files(PICTURE)
        await page.locator("section").filter(has_text="Picture").get_by_role("button", name="Save").click()
        await expect(page.get_by_role("button", name="Remove")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("Ada King")
        await expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
        await expect(page.locator("img[width='28']")).to_be_visible()

        address = new_address()
        await page.get_by_role("button", name="Change the address").click()
        await page.get_by_label("New address").fill(address)
        await page.get_by_role("button", name="Send the link").click()
        await page.goto(await link_for(desk, address, "/email"))
        await expect(page).not_to_have_url(re.compile("#"))
        await page.get_by_role("button", name="Confirm the address").click()
        await expect(page.get_by_text("The address is confirmed.")).to_be_visible()
        await page.goto("/settings")
        await expect(page.get_by_text("Confirmed", exact=True)).to_be_visible()
        await sign_out(page)
        await sign_in(page, address, PASSWORD)
        await expect(page.get_by_test_id("sign-out")).to_be_visible()
