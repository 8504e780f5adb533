"""People with a browser and a session each, brought into one organisation by real invitations."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from tests.services.auth.conftest import Browser, Desk


@dataclass
class Somebody:
    """A signed-in person: what they ask goes out with their newest access token."""

    desk: Desk
    browser: Browser
    email: str
    token: str
    id: str

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request as this person."""
        headers = {"Authorization": f"Bearer {self.token}", "X-Outcry": "1"}
        return await self.browser.http.request(method, path, headers=headers, **more)

    async def get(self, path: str) -> Any:
        """Return what an address answers."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def take(self, answer: httpx.Response) -> None:
        """Go on with the access token of an answer."""
        assert answer.status_code in (200, 201), answer.text
        self.token = answer.json()["access_token"]

    async def accept(self, token: str) -> httpx.Response:
        """Accept an invitation, and go on in its organisation where that worked."""
        answer = await self.ask("POST", "/invitations/accept", json={"token": token})
        if answer.status_code == 200:
            self.take(answer)
        return answer

    async def switch(self, organisation_id: str) -> httpx.Response:
        """Switch, and go on there where that worked."""
        answer = await self.ask("POST", "/switch", json={"organisation_id": organisation_id})
        if answer.status_code == 200:
            self.take(answer)
        return answer

    async def organisation(self) -> str:
        """Return the id of the organisation that the session is in."""
        return str((await self.get("/me"))["organisation"]["id"])

    async def role(self) -> str:
        """Return the role that the session has now."""
        return str((await self.get("/me"))["role"])


async def sign_up(desk: Desk, name: str) -> Somebody:
    """Make an account."""
    browser, email = desk.browser(), f"{name.lower()}@example.com"
    answer = await browser.register(email=email, name=name)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return Somebody(desk, browser, email, body["access_token"], body["me"]["person"]["id"])


async def invite(by: Somebody, email: str, role: str = "member", **more: Any) -> str:
    """Invite an address and return the token of the mail."""
    answer = await by.ask("POST", "/organisation/invitations", json={"email": email, "role": role, **more})
    assert answer.status_code == 201, answer.text
    message = (await by.desk.deliver())[-1]
    assert message.to == email
    found = re.search(r"http://desk\.example/invitation#(\S+)", message.text)
    assert found
    return found.group(1)


async def join(by: Somebody, name: str, role: str = "member", **more: Any) -> Somebody:
    """Make an account, invite it, and let it accept."""
    somebody = await sign_up(by.desk, name)
    answer = await somebody.accept(await invite(by, somebody.email, role, **more))
    assert answer.status_code == 200, answer.text
    return somebody


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a problem document."""
    return answer.status_code, str(answer.json()["code"])


async def put_on(by: Somebody, plan: str) -> None:
    """Put the organisation on a plan."""
    answer = await by.ask("PUT", "/organisation/plan", json={"plan": plan})
    assert answer.status_code == 200, answer.text


async def roles_of(by: Somebody) -> dict[str, str]:
    """Return everybody's role by name, as the organisation's list has it."""
    members = await by.get("/organisation/members?limit=200")
    return {entry["person"]["name"]: entry["role"] for entry in members["items"]}
