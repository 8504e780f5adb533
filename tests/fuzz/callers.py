"""Who calls while the interface is fuzzed: an owner, a guest, and somebody without an account.

A call may end what the caller had: their session, their role, their organisation. Then they become somebody new.
"""

import re
import time
from email import message_from_bytes, policy
from pathlib import Path
from threading import Event
from typing import Any, Protocol, Self
from uuid import uuid4

import requests

from tests.running import PASSWORD, RunningServer

Things = dict[str, str]


class Caller(Protocol):
    """Somebody who calls: their browser (with its cookies), their token, and ids of things to call with."""

    browser: requests.Session
    token: str
    things: Things

    def renew(self) -> None:
        """Become somebody new of the same role."""

    def stands(self) -> bool:
        """Say whether the token still lets in somebody of this role whose factor is fresh."""


class Nobody:
    """Somebody without an account, who has heard of others' ids, and may show a token that is none."""

    def __init__(self, things: Things, token: str = "") -> None:
        self.browser = requests.Session()
        self.token, self.things = token, things

    def renew(self) -> None:
        """Stay nobody."""

    def stands(self) -> bool:
        """Say yes: nobody has nothing that could end."""
        return True


class Owner:
    """The owner of an organisation of their own."""

    role = "owner"

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self.browser = requests.Session()
        self.token, self.email = "", ""
        self.me: dict[str, Any] = {}
        self.things: Things = {}
        self.renew()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()

    def renew(self) -> None:
        """Sign up, and make one thing of each kind that paths name."""
        self.sign_up()
        self.things = self._make_things()

    def stands(self) -> bool:
        """Say whether the token still lets in this person, as owner with a fresh factor."""
        me = self.ask("GET", "/auth/me")
        if me.status_code != 200 or me.json()["role"] != self.role:
            return False
        # Changes nothing, but asks for a fresh factor: the end of a session that nobody has.
        return self.ask("DELETE", f"/auth/sessions/{uuid4()}").status_code == 404

    def sign_up(self) -> None:
        """Make an account and sign in."""
        self.browser.cookies.clear()
        self.token, self.email = "", f"{uuid4().hex}@example.com"
        self.keep(self.post("/auth/register", {"email": self.email, "password": PASSWORD, "name": "Ada"}))

    def keep(self, session: dict[str, Any]) -> None:
        """Go on as a session says."""
        self.token, self.me = session["access_token"], session["me"]

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Call an endpoint as the web application does."""
        headers = {"X-Outcry": "1"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        return self.browser.request(method, f"{self._server.url}/api/v1{path}", json=body, headers=headers, timeout=30)

    def post(self, path: str, body: Any) -> Any:
        """Post, and return the answer; raises unless it is a good one."""
        answer = self.ask("POST", path, body)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _make_things(self) -> Things:
        room = self.post("/rooms", {"kind": "room"})["id"]
        message = self.post(f"/rooms/{room}/messages", {"text": "hello", "client_id": uuid4().hex})["id"]
        key = self.post("/auth/api-keys", {"name": "k", "scopes": ["charts:bars:read"]})["key"]["id"]
        invited = self.post("/auth/organisation/invitations", {"email": "ben@example.com", "role": "member"})["id"]
        person = self.me["person"]["id"]
        points = [{"time": 0, "price": 1.0}, {"time": 60_000, "price": 2.0}]
        drawing = self.post("/instruments/AAPL/drawings", {"kind": "trend_line", "points": points})["id"]
        layout = {"name": "Mine", "chart": {"symbol": "AAPL", "timeframe": "1d"}}
        return {
            "share_id": self.post("/shares", {"chart": layout["chart"], "audience": "organisation"})["share"]["id"],
            "layout_id": self.post("/layouts", layout)["id"],
            "watchlist_id": self.post("/watchlists", {"name": "Mine", "symbols": ["AAPL"]})["id"],
            "room_id": room,
            "message_id": message,
            "key_id": key,
            "invitation_id": invited,
            "user_id": person,
            "person_id": person,
            "session_id": self.ask("GET", "/auth/sessions").json()[0]["id"],
            "drawing_id": drawing,
            "entry": "0",
            "object_type": "room",
            "object_id": room,
            "symbol": "AAPL",
            "name": "rsi",
            "feature": "guests",
        }


class Guest(Owner):
    """The guest of one room of somebody else's organisation, with that organisation's ids."""

    role = "guest"

    def renew(self) -> None:
        """Sign up, be invited by a new owner, and accept."""
        self.sign_up()
        with Owner(self._server) as host:
            invitation = {"email": self.email, "role": "guest", "room_id": host.things["room_id"]}
            host.post("/auth/organisation/invitations", invitation)
            self.things = host.things
        self.keep(self.post("/auth/invitations/accept", {"token": _token_in_mail(self._server.data, self.email)}))


def _token_in_mail(data: Path, email: str) -> str:
    """Wait until an invitation is written, and return its token."""
    end, pause = time.monotonic() + 30, Event()
    while time.monotonic() < end:
        # Their names begin with the time.
        for path in sorted(data.glob("**/*.eml"), reverse=True)[:50]:
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            found = re.search(r"/invitation#(\S+)", message.get_content())
            if found and message["to"] == email:
                return found[1]
        pause.wait(0.02)
    raise AssertionError("the invitation was not mailed")
