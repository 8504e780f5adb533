"""Remembered devices: the password alone is enough there for a while, and nowhere else."""

from datetime import timedelta

from sqlalchemy import select

from outcry.services.auth.models.factors import DeviceRow
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.factors import App, Signed, begin_sign_in, said, show, sign_up


async def remembered(desk: Desk, app: App, address: str = "198.51.100.4") -> Browser:
    """Return a browser that is remembered."""
    browser = desk.browser(address=address)
    browser.http.headers["user-agent"] = "Phone"
    response = await show(browser, await begin_sign_in(browser), app.code(), remember=True)
    assert response.status_code == 200
    app.tick()
    return browser


async def fresh_again(ann: Signed, app: App) -> None:
    """Show the code again."""
    assert (await ann.call("POST", "/step-up", kind="totp", code=app.code())).status_code == 200
    app.tick()


async def test_a_remembered_device_need_not_show_the_code_and_is_not_fresh(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, _ = await ann.add_totp()
    phone = await remembered(desk, app)
    again = await phone.sign_in()
    assert again.json()["kind"] == "session"
    assert not (await desk.authenticate(again)).fresh
    assert (await desk.browser().sign_in()).json()["kind"] == "factor_needed"
    (device,) = (await ann.call("GET", "/factors")).json()["devices"]
    assert (device["user_agent"], device["address"]) == ("Phone", "198.51.100.4")
    assert device["last_used_at"] > device["created_at"]
    assert not device["current"]
    phones = Signed(desk=desk, browser=phone, token=again.json()["access_token"])
    assert [each["current"] for each in (await phones.call("GET", "/factors")).json()["devices"]] == [True]
    *_, mail = await desk.deliver()
    assert mail.subject == "A device is remembered for your account"
    assert "30 days" in mail.text


async def test_its_cookie_is_hidden_from_scripts_and_its_token_from_the_table(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    browser = desk.browser(scheme="https")
    response = await show(browser, await begin_sign_in(browser), app.code(), remember=True)
    (cookie,) = [value for value in response.headers.get_list("set-cookie") if value.startswith("outcry_device=")]
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/api/v1/auth", f"Max-Age={30 * 86_400}"):
        assert part in cookie
    async with desk.database.reading() as session:
        row = (await session.scalars(select(DeviceRow))).one()
    assert browser.http.cookies["outcry_device"].encode() not in row.token_hash


async def test_it_ends_after_thirty_days(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    phone = await remembered(desk, app)
    desk.clock.advance(timedelta(days=30, seconds=-31))
    assert (await phone.sign_in()).json()["kind"] == "session"
    desk.clock.advance(timedelta(seconds=1))
    assert (await phone.sign_in()).json()["kind"] == "factor_needed"


async def test_it_is_one_persons(desk: Desk) -> None:
    app, _ = await (await sign_up(desk)).add_totp()
    await (await sign_up(desk, "eve@example.com")).add_totp()
    phone = await remembered(desk, app)
    assert (await phone.sign_in("eve@example.com")).json()["kind"] == "factor_needed"


async def test_devices_are_forgotten_one_by_one_and_all_at_once(desk: Desk) -> None:
    ann, eve = await sign_up(desk), await sign_up(desk, "eve@example.com")
    app, _ = await ann.add_totp()
    phones = [await remembered(desk, app, f"198.51.100.{number}") for number in range(3)]
    first, *_ = (await ann.call("GET", "/factors")).json()["devices"]
    assert said(await eve.call("DELETE", f"/factors/devices/{first['id']}")) == (404, "device_not_found")
    assert (await eve.call("DELETE", "/factors/devices")).status_code == 204
    assert (await ann.call("DELETE", f"/factors/devices/{first['id']}")).status_code == 204
    assert said(await ann.call("DELETE", f"/factors/devices/{first['id']}")) == (404, "device_not_found")
    kinds = [(await phone.sign_in()).json()["kind"] for phone in phones]
    assert kinds == ["factor_needed", "session", "session"]
    assert (await ann.call("DELETE", "/factors/devices")).status_code == 204
    assert [(await phone.sign_in()).json()["kind"] for phone in phones] == ["factor_needed"] * 3


async def test_removing_a_factor_forgets_them(desk: Desk) -> None:
    ann = await sign_up(desk)
    app, _ = await ann.add_totp()
    phone = await remembered(desk, app)
    await fresh_again(ann, app)
    assert (await ann.call("DELETE", "/factors/totp")).status_code == 204
    await ann.add_totp()
    assert (await phone.sign_in()).json()["kind"] == "factor_needed"
