"""Invitations: sent by mail, opened by a token, accepted once by the right person."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from outcry.services.auth.commands import invitations
from outcry.services.auth.models.people import InvitationRow
from tests.services.auth.conftest import Desk, words_of
from tests.services.auth.team import Somebody, invite, join, problem, put_on, roles_of, sign_up


async def look(desk: Desk, token: str) -> httpx.Response:
    answer = await desk.browser().http.post("/invitations/look", json={"token": token})
    assert answer.status_code != 200 or answer.headers["cache-control"] == "no-store"
    return answer


async def invited(by: Somebody) -> list[str]:
    return [entry["email"] for entry in await by.get("/organisation/invitations")]


async def test_an_invitation_leads_into_the_organisation(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    own = await ben.organisation()
    token = await invite(ann, ben.email, "analyst")
    answer = await ben.browser.http.post("/invitations/look", json={"token": token})
    assert answer.json() == {
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
    assert await roles_of(ann) == {"Ann": "owner", "Ben": "analyst"}
    assert await invited(ann) == []


async def test_accepting_is_told_of(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    token = await invite(ann, ben.email)
    await ben.accept(token)
    told = await desk.events()
    assert [(event.name, event.data.get("act")) for event in told] == [
        ("auth.person_changed.v1", None),
        ("auth.invitation_changed.v1", "accepted"),
        ("auth.member_changed.v1", "joined"),
        ("auth.session_moved.v1", None),
    ]
    assert {str(event.tenant_id) for event in told[1:]} == {await ann.organisation()}
    assert told[2].data["after"] == "member"
    assert "ben@" not in str([event.data for event in told])
    assert token not in str([event.data for event in told])


async def test_every_token_that_opens_nothing_is_answered_alike(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    replaced = await invite(ann, ben.email)
    revoked = await invite(ann, ben.email)
    (entry,) = await ann.get("/organisation/invitations")
    assert (await ann.ask("DELETE", f"/organisation/invitations/{entry['id']}")).status_code == 204
    used = await invite(ann, ben.email)
    await ben.accept(used)
    expired = await invite(ann, "cas@example.com")
    desk.clock.advance(timedelta(days=7))
    ben.take(await ben.browser.refresh())
    answers = set()
    for token in (replaced, revoked, used, expired, "", "x", "x" * 1_000, expired + "x"):
        for answer in (await look(desk, token), await ben.accept(token)):
            assert problem(answer) == (404, "invitation_not_found")
            answers.add(str({**words_of(answer), "instance": ""}))
    assert len(answers) == 1
    ann.take(await ann.browser.refresh())
    assert await invited(ann) == []


async def test_only_the_invited_address_gets_in(desk: Desk) -> None:
    ann, eve = await sign_up(desk, "Ann"), await sign_up(desk, "Eve")
    token = await invite(ann, "ben@example.com", "admin")
    assert problem(await eve.accept(token)) == (403, "invitation_for_another")
    (told,) = await desk.events("auth.invitation_changed.v1")
    assert (told.data["act"], str(told.actor_id)) == ("refused", eve.id)
    assert await roles_of(ann) == {"Ann": "owner"}
    assert await eve.role() == "owner"
    ben = await sign_up(desk, "Ben")
    assert (await ben.accept(token)).status_code == 200


async def test_two_spellings_of_an_address_are_one(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    token = await invite(ann, "BEN@example.com")
    assert (await ben.accept(token)).status_code == 200
    again = {"email": "Ben@EXAMPLE.com", "role": "viewer"}
    assert problem(await ann.ask("POST", "/organisation/invitations", json=again)) == (409, "already_member")


async def test_a_new_invitation_takes_the_place_of_the_older(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    older = await invite(ann, ben.email, "admin")
    newer = await invite(ann, ben.email, "viewer")
    assert await invited(ann) == [ben.email]
    assert (await ben.accept(older)).status_code == 404
    assert (await ben.accept(newer)).json()["me"]["role"] == "viewer"


async def test_who_is_a_member_already_is_told_so(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben")
    await ann.ask("POST", f"/organisation/members/{ben.id}/disable")
    again = {"email": ben.email, "role": "member"}
    assert problem(await ann.ask("POST", "/organisation/invitations", json=again)) == (409, "already_member")
    # An address may become a member's only after it was invited.
    token = await invite(ann, "old@example.com")
    cas = await join(ann, "Cas")
    async with desk.database.transaction() as transaction:
        open_one = await transaction.session.scalar(select(InvitationRow).where(InvitationRow.accepted_at.is_(None)))
        index = select(InvitationRow.email_index).where(InvitationRow.accepted_by.is_not(None))
        newest = (await transaction.session.scalars(index.order_by(InvitationRow.id.desc()))).first()
        assert open_one
        assert newest
        open_one.email_index = newest
    assert problem(await cas.accept(token)) == (409, "already_member")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "owner"}, "role"),
        ({"role": "operator"}, "role"),
        ({"role": "guest"}, "room_id"),
        ({"room_id": str(uuid4())}, "room_id"),
        ({"role": "guest", "room_id": "main"}, "room_id"),
        ({"email": "ben"}, "email"),
        ({"email": "ben@example.com\r\nBcc: eve@example.com"}, "email"),
        ({"email": "x" * 300 + "@example.com"}, "email"),
        ({"plan": "desk"}, "plan"),
    ],
)
async def test_what_cannot_be_sent_is_refused_by_field(desk: Desk, body: dict[str, Any], field: str) -> None:
    ann = await sign_up(desk, "Ann")
    answer = await ann.ask(
        "POST", "/organisation/invitations", json={"email": "ben@example.com", "role": "member", **body}
    )
    assert answer.status_code == 422
    assert field in str(answer.json()["errors"])
    assert await invited(ann) == []
    assert await desk.deliver() == []


async def test_a_guest_comes_into_one_room(desk: Desk) -> None:
    ann, gus, room = await sign_up(desk, "Ann"), await sign_up(desk, "Gus"), str(uuid4())
    token = await invite(ann, gus.email, "guest", room_id=room)
    assert "room" not in (await look(desk, token)).text
    # Switched off between the invitation and its acceptance.
    await ann.ask("PUT", "/organisation/features/guests", json={"on": False})
    assert problem(await gus.accept(token)) == (409, "feature_off")
    refused = {"email": "max@example.com", "role": "guest", "room_id": room}
    assert problem(await ann.ask("POST", "/organisation/invitations", json=refused)) == (409, "feature_off")
    await ann.ask("PUT", "/organisation/features/guests", json={"on": None})
    assert (await gus.accept(token)).json()["me"]["role"] == "guest"
    (told,) = await desk.events("auth.member_changed.v1")
    assert (told.data["act"], told.data["room_id"], told.data["invited_by"]) == ("joined", room, ann.id)
    assert [entry["room_id"] for entry in (await ann.get("/organisation/members"))["items"]] == [None, room]
    assert (await gus.ask("GET", "/organisation/members")).status_code == 403
    assert (await gus.get("/organisation"))["quotas"]["seats"] == {"used": None, "limit": 1000}


async def test_switching_invitations_off_closes_the_open_ones(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    token = await invite(ann, ben.email)
    await ann.ask("PUT", "/organisation/features/invitations", json={"on": False})
    assert problem(await ben.accept(token)) == (409, "feature_off")
    assert problem(await ann.ask("GET", "/organisation/invitations")) == (403, "forbidden")


async def test_of_several_who_take_the_last_seat_at_once_one_gets_it(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    await join(ann, "Adam", "admin")
    people = [await sign_up(desk, name) for name in ("Ben", "Cas", "Dan", "Eve")]
    tokens = [await invite(ann, somebody.email) for somebody in people]
    await put_on(ann, "free")
    before = [(somebody.token, somebody.browser.token) for somebody in people]
    answers = await asyncio.gather(*(one.accept(token) for one, token in zip(people, tokens, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len(await roles_of(ann)) == 3
    told = [event.data["act"] for event in await desk.events("auth.invitation_changed.v1")]
    assert sorted(told) == ["accepted", "refused", "refused", "refused"]
    losers = [number for number, answer in enumerate(answers) if answer.status_code == 409]
    for number in losers:
        # Nothing was half done: not joined, still where they were, signed in, and the invitation is still open.
        assert answers[number].json()["code"] == "no_seat_left"
        assert (people[number].token, people[number].browser.token) == before[number]
        assert await people[number].role() == "owner"
        assert (await look(desk, tokens[number])).status_code == 200
    await put_on(ann, "pro")
    assert (await people[losers[0]].accept(tokens[losers[0]])).status_code == 200


async def test_of_two_who_accept_the_same_invitation_at_once_one_does(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    phone = desk.browser()
    other = Somebody(desk, phone, ben.email, (await phone.sign_in(ben.email)).json()["access_token"], ben.id)
    token = await invite(ann, ben.email)
    answers = await asyncio.gather(*(somebody.accept(token) for somebody in (ben, other, ben, other)))
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert sum(answer.status_code == 200 for answer in answers) == 1
    assert await roles_of(ann) == {"Ann": "owner", "Ben": "member"}
    joined = [event for event in await desk.events("auth.member_changed.v1") if event.data["act"] == "joined"]
    assert len(joined) == 1


async def test_guests_take_no_seat_and_have_a_number_of_their_own(desk: Desk) -> None:
    ann, room = await sign_up(desk, "Ann"), str(uuid4())
    await join(ann, "Gus", "guest", room_id=room)
    gil = await sign_up(desk, "Gil")
    token = await invite(ann, gil.email, "guest", room_id=room)
    await put_on(ann, "free")
    await ann.ask("PUT", "/organisation/features/guests", json={"on": True})
    # The smaller plan keeps the guest that is there and lets no other in; there are seats all the same.
    assert problem(await gil.accept(token)) == (409, "no_seat_left")
    await join(ann, "Ben")
    quotas = (await ann.get("/organisation"))["quotas"]
    assert (quotas["seats"], quotas["guests"]) == ({"used": 2, "limit": 3}, {"used": 1, "limit": 0})


async def test_nobody_is_flooded_with_invitations(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await sign_up(desk, "Ann")
    body = {"email": "ben@example.com", "role": "member"}
    for _ in range(invitations.MOST_TO_ONE):
        await invite(ann, "ben@example.com")
    assert problem(await ann.ask("POST", "/organisation/invitations", json=body)) == (429, "rate_limited")
    # The last one that was sent is still open: the refused act replaced nothing.
    assert await invited(ann) == ["ben@example.com"]
    monkeypatch.setattr(invitations, "MOST_OPEN", 2)
    await invite(ann, "cas@example.com")
    full = {"email": "dan@example.com", "role": "member"}
    assert problem(await ann.ask("POST", "/organisation/invitations", json=full)) == (409, "too_many_invitations")
    monkeypatch.setattr(invitations, "MOST_A_DAY", 6)
    desk.clock.advance(timedelta(minutes=4))
    assert problem(await ann.ask("POST", "/organisation/invitations", json={**full, "email": "cas@example.com"})) == (
        429,
        "rate_limited",
    )


async def test_an_address_that_never_came_is_forgotten(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    await invite(ann, "ben@example.com")
    desk.clock.advance(timedelta(days=38))
    browser = desk.browser()
    ann.take(await browser.sign_in(ann.email))
    await invite(ann, "cas@example.com")
    async with desk.database.reading() as session:
        assert len(list(await session.scalars(select(InvitationRow)))) == 1


async def test_a_token_that_was_used_up_joins_nothing_and_ends_the_session(desk: Desk) -> None:
    ann, ben = await sign_up(desk, "Ann"), await sign_up(desk, "Ben")
    token = await invite(ann, ben.email)
    old = ben.browser.token
    for _ in range(2):
        ben.take(await ben.browser.refresh())
    ben.browser.http.cookies.clear()
    ben.browser.http.cookies.set("outcry_refresh", old, domain="desk.example", path="/api/v1/auth")
    assert problem(await ben.accept(token)) == (401, "session_ended")
    assert (await ben.browser.get_me(ben.token)).status_code == 401
    assert await roles_of(ann) == {"Ann": "owner"}
    assert (await look(desk, token)).status_code == 200
    assert len(await desk.events("auth.refresh_reused.v1")) == 1


async def test_a_letter_shows_names_without_links(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    await ann.ask("PATCH", "/organisation", json={"name": "Win at https://evil.example/x now <b>"})
    await invite(ann, "ben@example.com")
    message = desk.postbox.messages[-1]
    assert "evil" not in message.text + message.subject
    assert "Ann invites you to Win at" in message.text
    assert message.text.count("http") == 1


async def test_other_organisations_invitations_are_not_there(desk: Desk) -> None:
    ann, eve = await sign_up(desk, "Ann"), await sign_up(desk, "Eve")
    token = await invite(ann, "ben@example.com")
    (entry,) = await ann.get("/organisation/invitations")
    assert await invited(eve) == []
    real = await eve.ask("DELETE", f"/organisation/invitations/{entry['id']}")
    unknown = await eve.ask("DELETE", f"/organisation/invitations/{uuid4()}")
    assert problem(real) == problem(unknown) == (404, "invitation_not_found")
    assert real.json()["detail"] == unknown.json()["detail"]
    assert (await look(desk, token)).status_code == 200


@pytest.mark.parametrize("role", ["analyst", "member", "viewer"])
async def test_who_is_no_admin_invites_nobody(desk: Desk, role: str) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben", role)
    body = {"email": "cas@example.com", "role": "viewer"}
    assert problem(await ben.ask("POST", "/organisation/invitations", json=body)) == (403, "forbidden")
    assert problem(await ben.ask("GET", "/organisation/invitations")) == (403, "forbidden")
