"""Accounts on the pages: signing up and in by passkey, by password and code, recovery, sessions, keys, the end."""

import re
import time
import zipfile

import httpx
import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.accounts import PHONE, join, link_for, new_address, plug_in, sign_in, sign_out, visit
from tests.running import PASSWORD, RunningServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


async def test_a_passkey_is_all_it_takes(browser: Browser, desk: RunningServer) -> None:
    async with visit(browser, desk) as page:
        await plug_in(page)
        await page.goto("/sign-up")
        await page.get_by_label("Name").fill("Pia Key")
        await page.get_by_label("E-mail").fill(new_address())
        await page.get_by_role("button", name="Create account with a passkey").click()
        await page.get_by_role("button", name="I have kept them").click()
        await expect(page.get_by_test_id("composer")).to_be_focused()

        await page.goto("/settings/sign-in")
        passkeys = page.get_by_test_id("passkeys")
        await expect(passkeys.get_by_role("listitem")).to_have_count(1)
        await passkeys.get_by_role("button", name=re.compile("^Rename")).click()
        await page.get_by_label("Name of the passkey").fill("Desk key")
        await page.get_by_role("button", name="Save").click()
        await expect(passkeys).to_contain_text("Desk key")

        # Suggestions would be taken at once, before the button is pressed.
        await page.evaluate("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
        await sign_out(page)
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await expect(page.get_by_test_id("sign-out")).to_be_visible()
        await page.goto("/settings/sign-in")
        await expect(passkeys).to_contain_text("last used just now")

        # Among the suggestions of the e-mail field it is offered too; this authenticator takes it at once.
        await page.get_by_test_id("sign-out").click()
        await expect(page.get_by_test_id("new-conversation")).to_be_visible()


async def set_up_app(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """Switch an authenticator app on, after a mistyped code; return the app and the recovery codes."""
    await page.goto("/settings/sign-in")
    await page.get_by_role("button", name="Set up an app").click()
    codes = pyotp.TOTP(await page.get_by_test_id("totp-secret").input_value())
    await page.get_by_label("Code that the app shows now").fill("000 000x")
    await page.get_by_role("button", name="Switch it on").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Code that the app shows now").fill(codes.now())
    await page.get_by_role("button", name="Switch it on").click()
    recovery = (await page.get_by_test_id("recovery-codes").input_value()).split()
    assert len(set(recovery)) == 10
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="I have kept them").click()
    await expect(page.get_by_text("10 of ten are left.")).to_be_visible()
    return codes, recovery


@pytest.mark.long
async def test_a_second_factor_on_a_phone(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk, **PHONE) as page:
        await page.goto("/sign-up")
        await page.get_by_label("Name").fill("Ada Trader")
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("button", name="Use a password instead").click()
        await page.get_by_role("button", name="Generate a passphrase").click()
        passphrase = await page.get_by_label("Password", exact=True).input_value()
        await page.get_by_role("button", name="Create account", exact=True).click()
        await expect(page.get_by_test_id("composer")).to_be_visible()

        codes, recovery = await set_up_app(page)

        await sign_out(page)
        await sign_in(page, address, passphrase)
        await page.get_by_label("Remember this device").check()
        # The next step's code: the one of this step was used, and each works once.
        await page.get_by_label("Code of the app").fill(codes.at(time.time() + 30))
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("button", name="Open the menu")).to_be_visible()

        # The device is remembered: the password is enough, and what matters asks for a factor again.
        await sign_out(page)
        await sign_in(page, address, passphrase)
        await expect(page.get_by_role("button", name="Open the menu")).to_be_visible()
        await page.goto("/settings/sign-in")
        await page.get_by_role("button", name="Make new codes").click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Make new codes").click()
        dialog = page.get_by_test_id("step-up")
        await dialog.get_by_role("button", name="Use a recovery code").click()
        await dialog.get_by_label("Recovery code").fill("not-a-code")
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await dialog.get_by_label("Recovery code").fill(recovery[0])
        await dialog.get_by_role("button", name="Confirm").click()
        fresh = (await page.get_by_test_id("recovery-codes").input_value()).split()
        assert not set(fresh) & set(recovery)
        await page.get_by_test_id("devices").get_by_role("button", name="Forget").click()
        await expect(page.get_by_test_id("devices")).to_be_hidden()

        await sign_out(page)
        await sign_in(page, address, passphrase)
        await page.get_by_role("button", name="Use a recovery code").click()
        await page.get_by_label("Recovery code").fill(fresh[0])
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("button", name="Open the menu")).to_be_visible()
        await page.goto("/settings/sign-in")
        await expect(page.get_by_text("9 of ten are left.")).to_be_visible()


async def test_recovery_by_mail_signs_out_everywhere_else(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk) as there, visit(browser, desk, **PHONE) as page:
        await join(there, desk, address)
        await page.goto("/sign-in")
        await page.get_by_role("link", name="Forgot your password?").click()
        await expect(page.get_by_role("heading", name="Recover your account")).to_be_visible()
        await page.get_by_label("E-mail").fill(address)
        await page.get_by_role("button", name="Send the link").click()
        await expect(page.get_by_test_id("mail-sent")).to_contain_text(address)

        await page.goto(await link_for(desk, address, "/recover"))
        await expect(page).not_to_have_url(re.compile("#"))
        await page.get_by_label("New password").fill("short")
        await page.get_by_role("button", name="Save and sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("15 characters")
        await page.get_by_label("New password").fill("nine green kettles hum at dawn")
        await page.get_by_role("button", name="Save and sign in").click()
        await expect(page.get_by_role("button", name="Open the menu")).to_be_visible()
        await expect(there).to_have_url(re.compile("/sign-in"), timeout=2_000)


async def test_a_password_is_changed_with_the_present_one(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk) as page:
        await join(page, desk, address)
        await page.goto("/settings/sign-in")
        await page.get_by_role("button", name="Change the password").click()
        await page.get_by_label("New password").fill("nine green kettles hum at dawn")
        await page.get_by_label("Present password").fill("not the present one at all")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("This is not your present password.")).to_be_visible()
        await page.get_by_label("Present password").fill(PASSWORD)
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("The password is saved.")).to_be_visible()
        await sign_out(page)
        await sign_in(page, address, "nine green kettles hum at dawn")
        await expect(page.get_by_test_id("sign-out")).to_be_visible()


async def test_a_session_that_is_ended_elsewhere_is_over_at_once(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk) as lost, visit(browser, desk) as page:
        await join(lost, desk, address)
        await sign_in(page, address)
        await expect(page.get_by_test_id("sign-out")).to_be_visible()
        await page.goto("/settings/sessions")
        rows = page.get_by_test_id("sessions").get_by_role("listitem")
        await expect(rows).to_have_count(2)
        await expect(rows.filter(has_text="This one")).to_contain_text("Chrome on Linux")
        await rows.get_by_role("button", name="End").click()
        await expect(lost).to_have_url(re.compile("/sign-in"), timeout=2_000)
        await expect(rows).to_have_count(1)
        await expect(page.get_by_test_id("sign-out")).to_be_visible()


async def test_a_key_opens_the_api_until_it_is_revoked(browser: Browser, desk: RunningServer) -> None:
    async with visit(browser, desk) as page, httpx.AsyncClient(base_url=desk.url) as program:
        await join(page, desk, new_address())
        await page.goto("/settings/keys")
        await page.get_by_role("button", name="Make a key").click()
        await page.get_by_label("Name", exact=True).fill("Nightly report")
        await page.get_by_role("button", name="Make the key").click()
        key = await page.get_by_test_id("new-key").input_value()
        allowed = {"authorization": f"Bearer {key}"}
        assert (await program.get("/api/v1/instruments", headers=allowed)).status_code == 200
        assert (await program.get("/api/v1/rooms", headers=allowed)).status_code == 403
        await page.reload()
        row = page.get_by_test_id("keys").get_by_role("listitem")
        await expect(row).to_contain_text("last used just now")
        assert key not in await page.content()
        await row.get_by_role("button", name="Revoke").click()
        await page.get_by_test_id("confirm").get_by_role("button", name="Revoke the key").click()
        await expect(page.get_by_text("There are none yet.")).to_be_visible()
        assert (await program.get("/api/v1/instruments", headers=allowed)).status_code == 401


async def test_everything_is_downloaded_and_the_account_erased(browser: Browser, desk: RunningServer) -> None:
    address = new_address()
    async with visit(browser, desk) as page:
        await join(page, desk, address)
        await page.goto("/settings/privacy")
        async with page.expect_download() as downloading:
            await page.get_by_role("button", name="Download everything").click()
        packed = zipfile.ZipFile(await (await downloading.value).path())
        assert any(address in packed.read(name).decode(errors="replace") for name in packed.namelist())

        await page.get_by_role("button", name="Erase the account…").click()
        forever = page.get_by_role("button", name="Erase my account for good")
        await page.get_by_label(re.compile("to confirm")).fill("somebody@example.com")
        await expect(forever).to_be_disabled()
        await page.get_by_label(re.compile("to confirm")).fill(address)
        await forever.click()
        await expect(page).to_have_url(re.compile("/sign-in"))
        await sign_in(page, address)
        await expect(page.get_by_role("alert")).to_be_visible()
