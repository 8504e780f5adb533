"""People with second factors, for the tests of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pyotp

from tests.adapters_support.authenticator import RIGHT, Authenticator, Held, Wrong
from tests.services.auth.conftest import Browser, Desk


def bearer(token: str) -> dict[str, str]:
    """Return the header of an access token."""
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Signed:
    """Somebody signed in with a browser."""

    desk: Desk
    browser: Browser
    token: str
    email: str = "ann@example.com"

    async def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        """Ask as this person."""
        return await self.browser.http.request(method, path, headers=bearer(self.token), json=body or None)

    async def add_totp(self) -> tuple["App", list[str]]:
        """Switch an authenticator app on; return it, and the recovery codes that came with it."""
        offer = (await self.call("POST", "/factors/totp")).json()
        app = App(self.desk, offer["secret"])
        confirmed = await self.call("POST", "/factors/totp/confirm", ticket=offer["ticket"], code=app.code())
        assert confirmed.status_code == 200, confirmed.text
        app.tick()
        return app, confirmed.json()["codes"]

    async def ask_passkey(self) -> dict[str, Any]:
        """Ask for a new passkey; return the challenge."""
        response = await self.call("POST", "/factors/passkeys/options")
        assert response.status_code == 200, response.text
        challenge: dict[str, Any] = response.json()
        return challenge

    async def add_passkey(self, device: Authenticator, name: str = "Phone", wrong: Wrong = RIGHT) -> httpx.Response:
        """Add a passkey on a device."""
        asked = await self.ask_passkey()
        credential = device.make(asked["options"], wrong)
        return await self.call("POST", "/factors/passkeys", ticket=asked["ticket"], credential=credential, name=name)


@dataclass
class App:
    """An authenticator app, whose clock is the desk's."""

    desk: Desk
    secret: str

    def code(self, *, steps: int = 0) -> str:
        """Return the code of now, or of some steps before or after."""
        return pyotp.TOTP(self.secret).at(self.desk.clock.now() + timedelta(seconds=30 * steps))

    def tick(self) -> None:
        """Wait for the next code."""
        self.desk.clock.advance(timedelta(seconds=30))

    def wrong(self) -> str:
        """Return six digits that are none of the codes around now."""
        near = {self.code(steps=step) for step in range(-3, 4)}
        return next(code for code in (f"{number:06}" for number in range(10)) if code not in near)


async def sign_up(desk: Desk, email: str = "ann@example.com", **where: Any) -> Signed:
    """Return somebody new with a password."""
    browser = desk.browser(**where)
    response = await browser.register(email=email)
    return Signed(desk=desk, browser=browser, token=response.json()["access_token"], email=email)


async def begin_sign_in(browser: Browser, email: str = "ann@example.com") -> str:
    """Show the right password and return the ticket for the second factor."""
    response = await browser.sign_in(email=email)
    assert response.status_code == 200, response.text
    assert response.json()["kind"] == "factor_needed"
    ticket: str = response.json()["ticket"]
    return ticket


async def show(browser: Browser, ticket: str, code: str, kind: str = "totp", **more: Any) -> httpx.Response:
    """Show a second factor."""
    return await browser.http.post("/sign-in/factor", json={"ticket": ticket, "kind": kind, "code": code, **more})


async def ask(browser: Browser, ticket: str | None = None) -> dict[str, Any]:
    """Ask for a challenge to sign in by passkey; return it."""
    response = await browser.http.post("/sign-in/passkey/options", json={"ticket": ticket} if ticket else {})
    assert response.status_code == 200, response.text
    challenge: dict[str, Any] = response.json()
    return challenge


async def sign_in_by(
    browser: Browser, device: Authenticator, wrong: Wrong = RIGHT, *, held: Held | None = None
) -> httpx.Response:
    """Sign in by a passkey alone."""
    asked = await ask(browser)
    credential = device.use(asked["options"], wrong, held=held)
    return await browser.http.post("/sign-in/passkey", json={"ticket": asked["ticket"], "credential": credential})


def said(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]
