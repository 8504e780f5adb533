"""Invitations: sent by mail, opened by a token, accepted once by the right person."""

from tests.services.auth.conftest import Desk
from tests.services.auth.team import invite, sign_up


async def test_an_invitation_leads_into_the_organisation(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    own = await ben.organisation()
    token = await invite(ann, ben.email, "analyst")
    look = await ben.browser.http.post("/invitations/look", json={"token": token})
    assert look.json() == {
        "organisation": "Ann's desk",
        "role": "analyst",
        "email": "ben@example.com",
        "expires_at": "2026-01-12T12:00:00Z",
    }
    before, cookie = ben.token, ben.browser.token
    answer = await ben.accept(token)
    assert answer.status_code == 200
    me = answer.json()["me"]
    assert (me["organisation"]["name"], me["role"], me["email_verified"]) == ("Ann's desk", "analyst", True)
    assert ben.browser.token != cookie
    # The session is in the new organisation now: the token for the old one is none any more.
    assert (await ben.browser.get_me(before)).status_code == 401
    assert (await ben.browser.refresh()).json()["me"]["role"] == "analyst"
    assert {entry["id"]: entry["current"] for entry in await ben.get("/organisations")} == {
        own: False,
        await ann.organisation(): True,
    }
    members = await ann.get("/organisation/members")
    assert [(entry["person"]["name"], entry["role"]) for entry in members["items"]] == [
        ("Ann", "owner"),
        ("Ben", "analyst"),
    ]
    assert await ann.get("/organisation/invitations") == []
