"""Who sees whom, and what a role gives at this moment."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from outcry.kit.errors import UnauthenticatedError
from outcry.kit.facade import check_facade, loopback
from outcry.kit.ids import new_id
from outcry.services.auth.contracts import AuthFacade, Colleague, Person
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.permissions import OPERATE, ROLES, TABLE, scopes_of
from tests.services.auth.conftest import Desk


async def register(desk: Desk, name: str) -> tuple[UUID, UUID]:
    """Register somebody; return their id and their organisation's."""
    response = await desk.browser().register(email=f"{name.lower()}@example.com", name=name)
    me = response.json()["me"]
    return UUID(me["person"]["id"]), UUID(me["organisation"]["id"])


async def join(desk: Desk, person_id: UUID, tenant_id: UUID, role: str = "member") -> None:
    values = {"person_id": person_id, "organisation_id": tenant_id, "role": role, "joined_at": desk.clock.now()}
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(insert(MembershipRow).values(values))


async def test_only_colleagues_are_seen(desk: Desk) -> None:
    ann, desk_a = await register(desk, "Ann")
    bob, desk_b = await register(desk, "Bob")
    eve, desk_e = await register(desk, "Eve")
    await join(desk, bob, desk_a)
    everybody = (ann, bob, eve, new_id(), ann)
    seen = await desk.facade.list_people(tenant_id=desk_a, ids=everybody)
    assert sorted(person.name for person in seen) == ["Ann", "Bob"]
    assert [p.name for p in await desk.facade.list_people(tenant_id=desk_e, ids=everybody)] == ["Eve"]
    assert [p.name for p in await desk.facade.list_people(tenant_id=desk_b, ids=everybody)] == ["Bob"]
    assert await desk.facade.list_people(tenant_id=new_id(), ids=everybody) == ()
    assert await desk.facade.list_people(tenant_id=desk_a, ids=()) == ()


async def test_an_organisation_is_found_until_it_is_erased(desk: Desk) -> None:
    _, desk_a = await register(desk, "Ann")
    found = await desk.facade.find_organisation(tenant_id=desk_a)
    assert found is not None
    assert (found.id, found.name) == (desk_a, "Ann's desk")
    assert await desk.facade.find_organisation(tenant_id=new_id()) is None
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(OrganisationRow).values(erased_at=desk.clock.now()))
    assert await desk.facade.find_organisation(tenant_id=desk_a) is None


async def test_a_colleague_is_found_by_any_spelling(desk: Desk) -> None:
    ann, desk_a = await register(desk, "Ann")
    _, desk_b = await register(desk, "Bob")
    expected = Colleague(person=Person(id=ann, name="Ann", email="ann@example.com"))
    for spelling in ("ann@example.com", " ANN@Example.COM "):
        assert await desk.facade.find_person(tenant_id=desk_a, email=spelling) == expected
        assert await desk.facade.find_person(tenant_id=desk_b, email=spelling) is None
    for text in ("", "ann", "%@example.com", "_nn@example.com", "x" * 10_000, "bob@example.com", "\ud800@example.com"):
        assert await desk.facade.find_person(tenant_id=desk_a, email=text) is None


async def test_a_disabled_colleague_keeps_a_name_and_cannot_be_added(desk: Desk) -> None:
    ann, desk_a = await register(desk, "Ann")
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(PersonRow).values(disabled_at=desk.clock.now()))
    assert [p.name for p in await desk.facade.list_people(tenant_id=desk_a, ids=(ann,))] == ["Ann"]
    assert await desk.facade.find_person(tenant_id=desk_a, email="ann@example.com") is None


async def test_many_people_are_listed(desk: Desk) -> None:
    ann, tenant_id = await register(desk, "Ann")
    ids = [new_id() for _ in range(1_200)]
    async with desk.database.transaction() as transaction:
        rows = [
            {"id": i, "email": f"{i}@x.test", "email_key": f"{i}@x.test", "name": "P", "created_at": desk.clock.now()}
            for i in ids
        ]
        await transaction.session.execute(insert(PersonRow), rows)
        seats = [
            {"person_id": i, "organisation_id": tenant_id, "role": "member", "joined_at": desk.clock.now()} for i in ids
        ]
        await transaction.session.execute(insert(MembershipRow), seats)
    people = await desk.facade.list_people(tenant_id=tenant_id, ids=(ann, *ids))
    assert {person.id for person in people} == {ann, *ids}


async def test_who_is_in_two_organisations_signs_in_to_the_first(desk: Desk) -> None:
    _, desk_a = await register(desk, "Ann")
    desk.clock.advance(timedelta(minutes=1))
    bob, desk_b = await register(desk, "Bob")
    desk.clock.advance(timedelta(minutes=1))
    await join(desk, bob, desk_a)
    response = await desk.browser().sign_in(email="bob@example.com")
    assert response.json()["me"]["organisation"]["id"] == str(desk_b)
    assert (await desk.authenticate(response)).tenant_id == desk_b


@pytest.mark.parametrize("role", [*ROLES, "unheard-of"])
async def test_a_changed_role_takes_hold_within_a_second(desk: Desk, role: str) -> None:
    await desk.browser().register(email="operator@example.com")
    browser = desk.browser()
    response = await browser.register()
    assert (await desk.authenticate(response)).role == "owner"
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(MembershipRow).values(role=role))
    desk.clock.advance(timedelta(seconds=1))
    principal = await desk.authenticate(response)
    assert (principal.role, principal.scopes) == (role, scopes_of(role, operator=False))
    me = await browser.get_me(response.json()["access_token"])
    if role == "unheard-of":
        assert me.status_code == 403
    else:
        assert me.json()["permissions"] == sorted(principal.scopes)


async def test_me_needs_a_session(desk: Desk) -> None:
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic YTpi"}, {"Cookie": "outcry_refresh=x"}):
        response = await desk.browser().http.get("/me", headers=header)
        assert response.status_code == 401
        assert response.json()["code"] == "unauthenticated"


async def test_the_facade_travels(desk: Desk) -> None:
    check_facade(AuthFacade)
    response = await desk.browser().register()
    far = loopback(AuthFacade, desk.facade)
    token = response.json()["access_token"]
    principal = await far.authenticate(access_token=token)
    assert principal == await desk.facade.authenticate(access_token=token)
    people = await far.list_people(tenant_id=principal.tenant_id, ids=(principal.user_id,))
    assert [person.email for person in people] == ["ann@example.com"]
    assert await far.find_person(tenant_id=principal.tenant_id, email="nobody@example.com") is None
    with pytest.raises(UnauthenticatedError):
        await far.authenticate(access_token="x")


# What each role may beyond the one before it: whoever gives a permission says here that the step is meant.
STEPS = {
    "viewer": "auth:me:read charts:instrument:read charts:bars:read charts:indicator:read charts:fundamentals:read "
    "charts:formula:evaluate charts:drawing:read charts:drawing:change charts:feed:read charts:layout:read "
    "charts:layout:change charts:watchlist:read charts:watchlist:change charts:picture:read charts:share:read "
    "charts:replay:read chat:presence:read chat:presence:change chat:receipt:read chat:receipt:change "
    "chat:notice:read chat:notice:change chat:file:read chat:message:report ai:duty:read "
    "chat:topic:read chat:room:read chat:room:join chat:room:keep chat:directory:read chat:link:use chat:member:read "
    "chat:member:leave chat:message:read ai:mode:read realtime:socket:open",
    "member": "charts:replay:control charts:layout:share charts:watchlist:share charts:share:create charts:share:post "
    "charts:share:revoke ai:duty:change chat:file:upload "
    # In a room its roles decide besides: only owners and moderators of it do these.
    "chat:moderation:manage chat:retention:manage chat:review:manage "
    "chat:topic:change chat:message:react chat:message:remove chat:message:edit chat:message:pin "
    "chat:room:create chat:room:update chat:room:export chat:person:search chat:link:manage chat:member:manage "
    "chat:message:post chat:reply:stop chat:reply:retry",
    "analyst": "charts:instrument:manage charts:import:read charts:import:create charts:fundamentals:refresh "
    "charts:share:publish",
    "admin": "charts:layout:manage charts:watchlist:manage charts:share:manage ai:model_server:read "
    "ai:model_server:manage audit:entry:read audit:export:create audit:report:read chat:export:oversee "
    "chat:hold:manage chat:preview:manage chat:retention:default chat:review:all chat:words:manage",
    "owner": "",
}


def test_what_each_role_may_beyond_the_one_before_it() -> None:
    before: set[str] = set()
    for role, step in STEPS.items():
        now = set(scopes_of(role, operator=False))
        others = {scope for scope in now if scope == "auth:me:read" or not scope.startswith("auth:")}
        assert before <= now, role
        assert others - before == set(step.split()), role
        assert scopes_of(role, operator=True) == now | {OPERATE}
        before = now


@pytest.mark.parametrize("role", ["", "Owner"])
def test_what_is_no_role_may_nothing(role: str) -> None:
    assert scopes_of(role, operator=False) == set()


def test_every_permission_is_named_alike_and_given_to_known_roles() -> None:
    for permission, roles in TABLE.items():
        service, resource, action = permission.split(":")
        assert service in ("auth", "charts", "chat", "ai", "audit", "realtime")
        assert resource
        assert action
        assert roles <= set(ROLES)
