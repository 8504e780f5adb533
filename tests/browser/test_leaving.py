"""Handing an organisation over, leaving it, and being a guest of one room, on the pages."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import join, link_for, new_address, sign_in, visit
from tests.browser.test_main_job import PASSWORD
from tests.browser.test_organisation import invite
from tests.browser.test_profile import PICTURE
from tests.running import RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def sign_up_invited(page: Page, desk: RunningServer, address: str, name: str) -> None:
    """Open an invitation's link, make the account that it needs, and join."""
    await page.goto(await link_for(desk, address, "/invitation"))
    await page.get_by_role("link", name="Create an account").click()
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("E-mail").fill(address)
    await page.get_by_role("button", name="Use a password instead").click()
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name=re.compile("^Join Ada")).click()
    await expect(page.get_by_test_id("organisation-switcher").locator("option:checked")).to_contain_text("Ada")


async def test_the_owner_hands_over_and_leaves(browser: Browser, desk: RunningServer) -> None:
    first, second = new_address(), new_address()
    async with visit(browser, desk) as ada, visit(browser, desk) as ben:
        await join(ada, desk, first)
        await ada.goto("/organisation/general")
        await expect(ada.get_by_text("There is nobody else yet.")).to_be_visible()
        await expect(ada.get_by_text("The owner cannot leave.")).to_be_visible()
        await invite(ada, second, "member")
        await sign_up_invited(ben, desk, second, "Ben Booker")
        await ben.goto("/organisation/general")
        await expect(ben.get_by_label("New owner")).to_be_hidden()

        await ada.goto("/organisation/general")
        await ada.get_by_label("New owner").select_option(label=f"Ben Booker ({second})")
        await ada.get_by_role("button", name="Hand it over…").click()
        await ada.get_by_test_id("confirm").get_by_role("button", name="Hand it over").click()
        await expect(ada.get_by_text("Ben Booker owns the organisation now.")).to_be_visible()
        await expect(ada.get_by_label("New owner")).to_be_hidden()
        # Ben's open page knows it too.
        await expect(ben.get_by_label("New owner")).to_be_visible(timeout=2_000)

        await expect(ada.get_by_test_id("organisations")).to_contain_text("Admin")

        # Everybody is somewhere: who leaves their only organisation needs another first.
        await expect(ada.get_by_text("It is your only organisation.")).to_be_visible()
        await ada.get_by_role("button", name="New organisation").click()
        await ada.get_by_label("Name of the new organisation").fill("Night Desk")
        await ada.keyboard.press("Enter")
        await ada.get_by_role("button", name="Leave…").click()
        await ada.get_by_test_id("confirm").get_by_role("button", name="Leave").click()
        await expect(ada).to_have_url(re.compile("/sign-in"))
        await ben.goto("/organisation")
        await expect(ben.get_by_test_id("people").get_by_role("listitem")).to_have_count(1)
        await sign_in(ada, first)
        await expect(ada.get_by_test_id("sign-out")).to_be_visible()
        await ada.goto("/organisation/general")
        await expect(ada.get_by_test_id("organisations").get_by_role("listitem")).to_have_text(re.compile("Night Desk"))


async def test_a_guest_sees_the_one_room(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk) as owner, visit(browser, desk) as guest:
        await join(owner, desk, new_address())
        await owner.goto("/settings")
        await owner.get_by_label("Picture file").set_input_files(PICTURE)
        await owner.locator("section").filter(has_text="Picture").get_by_role("button", name="Save").click()
        await expect(owner.get_by_role("button", name="Remove")).to_be_visible()
        await owner.goto("/")
        rail = owner.get_by_test_id("conversation-list")
        await owner.get_by_test_id("composer").fill("How is Amazon doing?")
        await owner.keyboard.press("Enter")
        await expect(rail).to_contain_text("How is Amazon doing?")
        open_to_all = owner.url
        await owner.get_by_test_id("new-conversation").click()
        await owner.wait_for_url(lambda url: url != open_to_all)
        hidden = owner.url
        await owner.get_by_test_id("composer").fill("A secret of ours")
        await owner.keyboard.press("Enter")
        await expect(rail).to_contain_text("A secret of ours")

        await owner.goto("/organisation/invitations")
        await owner.get_by_label("E-mail").fill(address)
        await owner.get_by_label("Role").select_option("guest")
        await owner.get_by_label("Room").select_option("How is Amazon doing?")
        await owner.get_by_role("button", name="Send the invitation").click()
        await expect(owner.get_by_test_id("invitations")).to_contain_text("Guest of “How is Amazon doing?”")

        await sign_up_invited(guest, desk, address, "Gus Guest")
        # There is one place for a guest to be, and they are taken there.
        await expect(guest.get_by_test_id("message-person")).to_contain_text("How is Amazon doing?")
        await expect(guest.get_by_test_id("message-person").locator("img")).to_be_visible()
        await guest.get_by_test_id("members-button").click()
        members = guest.get_by_test_id("members").get_by_role("listitem")
        await expect(members.filter(has_text="Ada Trader").locator("img")).to_be_visible()
        await expect(members.filter(has_text="Gus Guest")).to_contain_text("GG")
        await guest.keyboard.press("Escape")
        await expect(guest.get_by_test_id("members-button")).to_be_focused()
        await expect(guest.get_by_test_id("conversation-list").get_by_role("listitem")).to_have_count(1)
        await expect(guest.get_by_test_id("new-conversation")).to_be_hidden()
        await guest.get_by_role("link", name="Organisation").click()
        await expect(guest.get_by_role("link", name="General")).to_be_visible()
        await expect(guest.get_by_role("link", name="Invitations")).to_be_hidden()
        await guest.goto("/organisation")
        await expect(guest.get_by_text("Guests do not see who else belongs")).to_be_visible()
        await owner.goto("/organisation")
        people = owner.get_by_test_id("people").get_by_role("listitem")
        await expect(people.filter(has_text="Ada Trader").locator("img")).to_be_visible()
        await guest.goto(hidden)
        await expect(guest.locator("main")).to_contain_text(re.compile("no such|not found|there is no", re.I))
        await expect(guest.locator("main")).not_to_contain_text("A secret of ours")
