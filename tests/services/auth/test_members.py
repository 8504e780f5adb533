"""Who may change whose place in an organisation, and what follows."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from outcry.services.auth.models.access import SessionRow
from outcry.services.auth.models.people import MembershipRow, PersonKeyRow
from outcry.services.auth.permissions import ROLES
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.team import Somebody, invite, join, problem, put_on, roles_of, sign_up


def path(somebody: Somebody, act: str = "") -> str:
    return f"/organisation/members/{somebody.id}{act}"


async def make_key(by: Somebody) -> tuple[Somebody, str]:
    """Return somebody who asks with a key of this person's, and the key."""
    answer = await by.ask("POST", "/api-keys", json={"name": "Notebook", "scopes": ["auth:member:read"]})
    token = answer.json()["token"]
    return Somebody(by.desk, by.desk.browser(), by.email, token, by.id), token


async def holder_of(desk: Desk, somebody: Somebody) -> str:
    """Return the organisation whose key wraps a person's data key."""
    query = select(PersonKeyRow.organisation_id).where(PersonKeyRow.person_id == UUID(somebody.id))
    async with desk.database.reading() as session:
        return str(await session.scalar(query))


async def acts(desk: Desk, somebody: Somebody) -> list[str]:
    told = await desk.events("auth.member_changed.v1")
    return [event.data["act"] for event in told if event.data["person_id"] == somebody.id]


async def test_an_admin_changes_the_role_of_who_is_below_owner(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    adam, ben = await join(ann, "Adam", "admin"), await join(ann, "Ben")
    heard: list[str] = []
    await desk.realtime.follow_log(f"user:{ben.id}", None, lambda update: heard.append(update.data))
    answer = await adam.ask("PATCH", path(ben), json={"role": "viewer"})
    assert (answer.status_code, answer.json()["role"]) == (200, "viewer")
    assert answer.json()["person"] == {"id": ben.id, "name": "Ben", "email": "ben@example.com", "picture": None}
    # At once, with the same access token, and open sockets hear of it.
    assert await ben.role() == "viewer"
    assert heard == ['{"kind":"standing"}']
    told = (await desk.events("auth.member_changed.v1"))[-1]
    assert (told.data["before"], told.data["after"], str(told.actor_id)) == ("member", "viewer", adam.id)
    again = await adam.ask("PATCH", path(ben), json={"role": "viewer"})
    assert again.status_code == 200
    assert (await acts(desk, ben)).count("role") == 1


async def test_what_an_admin_may_not(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    adam, ben = await join(ann, "Adam", "admin"), await join(ann, "Ben")
    for method, where, body in (
        ("PATCH", "", {"role": "viewer"}),
        ("POST", "/disable", None),
        ("POST", "/enable", None),
        ("DELETE", "", None),
    ):
        assert problem(await adam.ask(method, path(ann, where), json=body)) == (403, "owner_protected")
        assert problem(await adam.ask(method, path(adam, where), json=body)) == (403, "own_membership")
        assert problem(await ann.ask(method, path(ann, where), json=body)) == (403, "own_membership")
    for role in ("owner", "guest", "operator", ""):
        assert problem(await adam.ask("PATCH", path(ben), json={"role": role})) == (422, "invalid_input")
    refused = await adam.ask("POST", "/organisation/transfer", json={"person_id": adam.id})
    assert problem(refused) == (403, "forbidden")
    assert await roles_of(ann) == {"Ann": "owner", "Adam": "admin", "Ben": "member"}


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("owner", "admin")])
async def test_nobody_below_admin_manages_members(desk: Desk, role: str) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben", role, **({"room_id": str(uuid4())} if role == "guest" else {}))
    cas = await join(ann, "Cas")
    for method, where, body in (
        ("PATCH", path(cas), {"role": "viewer"}),
        ("POST", path(cas, "/disable"), None),
        ("DELETE", path(cas), None),
        ("PATCH", "/organisation", {"name": "Ours"}),
        ("PUT", "/organisation/plan", {"plan": "pro"}),
        ("PUT", "/organisation/features/guests", {"on": True}),
        ("POST", "/organisation/transfer", {"person_id": cas.id}),
    ):
        assert problem(await ben.ask(method, where, json=body)) == (403, "forbidden"), where
    assert await cas.role() == "member"


async def test_what_another_organisation_asks_about_members_is_answered_like_nonsense(desk: Desk) -> None:
    ann, eve = await sign_up(desk, "Ann"), await sign_up(desk, "Eve")
    ben = await join(ann, "Ben")
    nobody = Somebody(desk, desk.browser(), "", "", str(uuid4()))
    for method, where, body in (
        ("PATCH", "", {"role": "admin"}),
        ("POST", "/disable", None),
        ("POST", "/enable", None),
        ("DELETE", "", None),
    ):
        real = await eve.ask(method, path(ben, where), json=body)
        unknown = await eve.ask(method, path(nobody, where), json=body)
        assert problem(real) == problem(unknown) == (404, "member_not_found")
        assert real.json()["detail"] == unknown.json()["detail"]
    for somebody in (ben, nobody):
        refused = await eve.ask("POST", "/organisation/transfer", json={"person_id": somebody.id})
        assert problem(refused) == (404, "member_not_found")
    assert await roles_of(eve) == {"Eve": "owner"}
    assert await ben.role() == "member"


async def test_changing_roles_and_owners_needs_a_fresh_factor(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben")
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(SessionRow).values(fresh_at=None))
    desk.clock.advance(timedelta(seconds=1))
    for answer in (
        await ann.ask("PATCH", path(ben), json={"role": "admin"}),
        await ann.ask("POST", "/organisation/transfer", json={"person_id": ben.id}),
        await ann.ask("DELETE", path(ben)),
        await ann.ask("POST", path(ben, "/disable")),
        await ann.ask("POST", path(ben, "/enable")),
    ):
        assert problem(answer) == (403, "step_up_required")


async def test_who_is_disabled_is_out_until_enabled_again(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben")
    theirs = await ann.organisation()
    program, _ = await make_key(ben)
    assert (await program.ask("GET", "/organisation/members")).status_code == 200
    answer = await ann.ask("POST", path(ben, "/disable"))
    assert (answer.status_code, answer.json()["disabled"]) == (200, True)
    assert (await ben.browser.get_me(ben.token)).status_code == 401
    assert problem(await ben.browser.refresh()) == (401, "session_ended")
    assert (await program.ask("GET", "/organisation/members")).status_code == 401
    # They go on in an organisation of their own, and cannot go back.
    ben.take(await ben.browser.sign_in(ben.email))
    assert await ben.role() == "owner"
    assert problem(await ben.switch(theirs)) == (404, "organisation_not_found")
    assert theirs not in str(await ben.get("/organisations"))
    assert (await ann.ask("POST", path(ben, "/disable"))).status_code == 200
    assert (await ann.ask("POST", path(ben, "/enable"))).json()["disabled"] is False
    assert (await program.ask("GET", "/organisation/members")).status_code == 200
    assert (await ben.switch(theirs)).status_code == 200
    assert await acts(desk, ben) == ["joined", "disabled", "enabled"]


async def test_who_is_removed_keeps_nothing_there(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await sign_up(desk, "Ben")
    own = await ben.organisation()
    await ben.accept(await invite(ann, ben.email))
    program, _ = await make_key(ben)
    assert (await ann.ask("DELETE", path(ben))).status_code == 204
    assert (await ben.browser.get_me(ben.token)).status_code == 401
    assert problem(await ben.browser.refresh()) == (401, "session_ended")
    assert await roles_of(ann) == {"Ann": "owner"}
    assert problem(await ann.ask("DELETE", path(ben))) == (404, "member_not_found")
    assert (await acts(desk, ben))[-1] == "removed"
    assert [event.data["reason"] for event in await desk.events("auth.session_ended.v1")] == ["removed"]
    # Back by another invitation, they begin anew: the key of before stays revoked.
    ben.take(await ben.browser.sign_in(ben.email))
    assert await ben.organisation() == own
    assert (await ben.accept(await invite(ann, ben.email, "viewer"))).status_code == 200
    assert (await program.ask("GET", "/organisation/members")).status_code == 401


async def give_up_own(ben: Somebody) -> None:
    """Leave somebody with the organisation that they are in now, and no other."""
    theirs = await ben.organisation()
    (own,) = [entry["id"] for entry in await ben.get("/organisations") if entry["id"] != theirs]
    await ben.switch(own)
    dan = await join(ben, f"Dan{ben.id[-6:]}")
    assert (await ben.ask("POST", "/organisation/transfer", json={"person_id": dan.id})).status_code == 204
    assert await ben.role() == "admin"
    assert (await ben.ask("POST", "/organisation/leave")).status_code == 204
    ben.take(await ben.browser.sign_in(ben.email))
    assert await ben.organisation() == theirs


async def test_an_account_is_never_without_an_organisation(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben")
    theirs = await ann.organisation()
    await give_up_own(ben)
    # What names them is sealed under a key of the organisation that is left to them.
    assert await holder_of(desk, ben) == theirs
    assert problem(await ben.ask("POST", "/organisation/leave")) == (409, "last_organisation")
    assert (await ann.ask("DELETE", path(ben))).status_code == 204
    ben.take(await ben.browser.sign_in(ben.email))
    me = await ben.get("/me")
    assert (me["organisation"]["name"], me["role"], me["person"]["name"]) == ("Ben's desk", "owner", "Ben")
    assert me["organisation"]["id"] != theirs
    assert await holder_of(desk, ben) == me["organisation"]["id"]
    # With the keys as they are in the database, and not only as they are remembered.
    again = await desk.open_again()
    assert (await again.browser().sign_in(ben.email)).json()["me"]["person"]["name"] == "Ben"


async def test_an_owner_cannot_leave(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    alone = await ann.ask("POST", "/organisation/leave")
    assert problem(alone) == (409, "owner_cannot_leave")
    assert "erase your account" in alone.json()["detail"]
    await join(ann, "Ben")
    with_others = await ann.ask("POST", "/organisation/leave")
    assert problem(with_others) == (409, "owner_cannot_leave")
    assert "Hand the organisation to another member" in with_others.json()["detail"]


async def test_leaving_ends_what_one_has_there(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await sign_up(desk, "Ben")
    own = await ben.organisation()
    elsewhere = Browser(desk.app)
    other = (await elsewhere.sign_in(ben.email)).json()["access_token"]
    await ben.accept(await invite(ann, ben.email))
    program, _ = await make_key(ben)
    assert (await ben.ask("POST", "/organisation/leave")).status_code == 204
    assert (await ben.browser.get_me(ben.token)).status_code == 401
    assert (await program.ask("GET", "/organisation/members")).status_code == 401
    # A session in another organisation goes on.
    assert (await elsewhere.get_me(other)).json()["organisation"]["id"] == own
    assert await roles_of(ann) == {"Ann": "owner"}
    assert (await acts(desk, ben))[-1] == "left"


async def test_an_organisation_is_handed_on(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben = await join(ann, "Ben")
    assert (await ann.ask("POST", "/organisation/transfer", json={"person_id": ben.id})).status_code == 204
    assert await roles_of(ben) == {"Ann": "admin", "Ben": "owner"}
    assert (await ann.role(), await ben.role()) == ("admin", "owner")
    told = [event.data for event in await desk.events("auth.member_changed.v1") if event.data["act"] == "ownership"]
    assert [(one["person_id"], one["before"], one["after"]) for one in told] == [
        (ben.id, "member", "owner"),
        (ann.id, "owner", "admin"),
    ]
    assert problem(await ann.ask("POST", "/organisation/transfer", json={"person_id": ben.id})) == (403, "forbidden")
    assert problem(await ann.ask("DELETE", path(ben))) == (403, "owner_protected")
    assert (await ann.ask("POST", "/organisation/leave")).status_code == 409
    assert (await ben.ask("DELETE", path(ann))).status_code == 204


async def test_who_cannot_own_an_organisation(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    gus, ben = await join(ann, "Gus", "guest", room_id=str(uuid4())), await join(ann, "Ben")
    await ann.ask("POST", path(ben, "/disable"))
    for somebody, expected in ((gus, (409, "cannot_own")), (ben, (409, "cannot_own")), (ann, (403, "own_membership"))):
        answer = await ann.ask("POST", "/organisation/transfer", json={"person_id": somebody.id})
        assert problem(answer) == expected
    assert await ann.role() == "owner"


async def owners_of(desk: Desk, organisation_id: str) -> int:
    query = select(func.count()).where(
        MembershipRow.organisation_id == UUID(organisation_id), MembershipRow.role == "owner"
    )
    async with desk.database.reading() as session:
        return await session.scalar(query) or 0


async def test_of_two_transfers_at_once_one_happens(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    ben, cas = await join(ann, "Ben"), await join(ann, "Cas")
    answers = await asyncio.gather(
        *(ann.ask("POST", "/organisation/transfer", json={"person_id": somebody.id}) for somebody in (ben, cas) * 2)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 403, 403, 403]
    assert await owners_of(desk, await ann.organisation()) == 1
    assert await ann.role() == "admin"


async def test_a_transfer_while_the_receiver_leaves(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    theirs = await ann.organisation()
    for name in ("Ben", "Cas", "Dan"):
        ben = await join(ann, name)
        handed, left = await asyncio.gather(
            ann.ask("POST", "/organisation/transfer", json={"person_id": ben.id}),
            ben.ask("POST", "/organisation/leave"),
        )
        assert await owners_of(desk, theirs) == 1
        # One of the two came first, and the other was told that it is too late.
        assert (handed.status_code, left.status_code) in ((204, 409), (404, 204))
        if handed.status_code == 204:
            assert (await ben.ask("POST", "/organisation/transfer", json={"person_id": ann.id})).status_code == 204


async def test_who_leaves_all_organisations_at_once_stays_in_one(desk: Desk) -> None:
    ben = await join(await sign_up(desk, "Ann"), "Ben")
    await give_up_own(ben)
    sessions = [ben]
    for name in ("Eve", "Fay", "Gil"):
        phone = Browser(desk.app)
        token = (await phone.sign_in(ben.email)).json()["access_token"]
        sessions.append(Somebody(desk, phone, ben.email, token, ben.id))
        await sessions[-1].accept(await invite(await sign_up(desk, name), ben.email))
    answers = await asyncio.gather(*(one.ask("POST", "/organisation/leave") for one in sessions))
    assert sorted(answer.status_code for answer in answers) == [204, 204, 204, 409]
    assert (await Browser(desk.app).sign_in(ben.email)).status_code == 200


async def test_an_admin_who_was_just_made_less_does_nothing_more(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    adam, ben = await join(ann, "Adam", "admin"), await join(ann, "Ben")
    # Another process remembers for half a second that Adam is an admin.
    elsewhere = await desk.open_again()
    adam.browser = elsewhere.browser()
    assert await adam.role() == "admin"
    await ann.ask("PATCH", path(adam), json={"role": "viewer"})
    body = {"email": "dan@example.com", "role": "admin"}
    for answer in (
        await adam.ask("PATCH", path(ben), json={"role": "admin"}),
        await adam.ask("DELETE", path(ben)),
        await adam.ask("POST", "/organisation/invitations", json=body),
        await adam.ask("PUT", "/organisation/plan", json={"plan": "pro"}),
    ):
        assert problem(answer) == (403, "forbidden")
    desk.clock.advance(timedelta(seconds=1))
    assert await adam.role() == "viewer"
    assert await ben.role() == "member"


async def test_an_admin_ends_a_members_sessions(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    adam, ben = await join(ann, "Adam", "admin"), await join(ann, "Ben")
    assert problem(await ben.ask("DELETE", path(adam, "/sessions"))) == (403, "forbidden")
    assert problem(await adam.ask("DELETE", path(ann, "/sessions")))[0] == 403
    assert (await adam.ask("DELETE", path(ben, "/sessions"))).status_code == 204
    assert problem(await ben.ask("GET", "/me")) == (401, "unauthenticated")
    assert (await Browser(desk.app).sign_in(ben.email)).status_code == 200
    ended = (await desk.events("auth.session_ended.v1"))[-1]
    assert (ended.data["reason"], str(ended.actor_id)) == ("ended_by_admin", adam.id)


async def test_a_guest_who_becomes_a_member_takes_a_seat(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    gus = await join(ann, "Gus", "guest", room_id=str(uuid4()))
    await join(ann, "Ben")
    await join(ann, "Cas")
    await put_on(ann, "free")
    assert problem(await ann.ask("PATCH", path(gus), json={"role": "member"})) == (409, "no_seat_left")
    assert await gus.role() == "guest"
    await put_on(ann, "pro")
    answer = await ann.ask("PATCH", path(gus), json={"role": "member"})
    assert (answer.json()["role"], answer.json()["room_id"]) == ("member", None)


async def test_members_are_listed_by_pages(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    names = ["Zoë", "李小龙", "Ben", "Адам"]
    for number, name in enumerate(names):
        desk.clock.advance(timedelta(seconds=number % 2))
        somebody = desk.browser()
        token = (await somebody.register(email=f"p{number}@example.com", name=name)).json()["access_token"]
        one = Somebody(desk, somebody, f"p{number}@example.com", token, "")
        await one.accept(await invite(ann, one.email))
    found: list[str] = []
    cursor = ""
    while True:
        page = await ann.get(f"/organisation/members?limit=2{cursor}")
        assert len(page["items"]) <= 2
        found += [entry["person"]["name"] for entry in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(found) == sorted(["Ann", *names])
    for wrong in ("x", "W10", "WzEsMl0", "WzEsIngiXQ", "WzkyMjMzNzIwMzY4NTQ3NzU4MDcsIngiXQ"):
        answer = await ann.ask("GET", f"/organisation/members?cursor={wrong}")
        assert problem(answer) == (422, "invalid_input"), wrong
    assert (await ann.ask("GET", "/organisation/members?limit=0")).status_code == 422
