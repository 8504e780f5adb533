"""Links that let somebody into a room: who makes them, who uses them, and what ends them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from outcry.kit.errors import ConflictError, ForbiddenError, NotFoundError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.events import MemberChanged
from outcry.services.auth.models.people import MembershipRow, OrganisationRow
from outcry.services.chat.errors import DirectRoomError, GuestElsewhereError, RoomFullError, RoomNotFoundError
from outcry.services.chat.events import RoomLinkChanged
from outcry.services.chat.links.contracts import NewLink
from outcry.services.chat.links.errors import LinkForMembersError, LinkNotFoundError, TooManyLinksError
from outcry.services.chat.links.models import LinkRow
from tests.services.chat.conftest import Desk
from tests.services.chat.outbox import events_of


async def make(desk: Desk, person: Principal, room_id: UUID, **wish: Any) -> NewLink:
    """Make a link as most are."""
    usual: dict[str, Any] = {"role": "member", "guests": False, "hours": 24, "most_uses": None}
    return await desk.links.make(person, room_id, **usual | wish)


async def room_of(desk: Desk) -> tuple[Principal, UUID]:
    """Return somebody with a private room."""
    ada = await desk.new_person("Ada", role="admin")
    return ada, (await desk.commands.create_room(ada, title="Desk", kind="private")).id


async def role_of(desk: Desk, person: Principal, room_id: UUID) -> str:
    """Return what somebody is in a room."""
    place = (await desk.queries.get_room(person, room_id)).place
    return place.role if place else ""


async def test_a_colleague_comes_in_with_the_role_of_the_link_once(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    bob = await desk.new_person("Bob", ada.tenant_id)
    new = await make(desk, ada, room_id, role="reader", most_uses=5)
    heard = await desk.follow(f"room:{room_id}")
    for _ in range(2):
        joined = await desk.links.join(bob, token=new.token)
        assert (joined.room_id, joined.organisation_id, joined.guest) == (room_id, ada.tenant_id, False)
    assert await role_of(desk, bob, room_id) == "reader"
    assert [update["kind"] for update in heard] == ["members"]
    (shown,) = await desk.seen_links.list_links(ada, room_id)
    assert (shown.id, shown.uses, shown.most_uses, shown.made_by.name) == (new.link.id, 1, 5, "Ada")
    told = await events_of(desk.database, RoomLinkChanged)
    assert [(event.act, event.person_id, event.role) for event in told] == [
        ("made", None, "reader"),
        ("used", bob.user_id, "reader"),
    ]


async def test_the_token_is_kept_nowhere(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    new = await make(desk, ada, room_id)
    assert len(new.token) >= 43
    assert new.token not in repr(new)
    async with desk.database.reading() as session:
        row = await session.scalar(select(LinkRow))
        events = (await session.execute(text("SELECT CAST(data AS TEXT) FROM outbox"))).all()
    assert row is not None
    assert new.token.encode() not in row.token_hash
    assert new.token not in str(events)


async def test_a_look_tells_where_it_leads_and_nothing_else(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    new = await make(desk, ada, room_id, guests=True)
    look = await desk.seen_links.look(new.token)
    assert (look.room, look.organisation, look.role, look.guests) == ("Desk", "Desk", "member", True)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 101, "\ud800", "'; DROP TABLE room_link"])
async def test_a_token_that_nobody_gave_opens_nothing(desk: Desk, token: str) -> None:
    ada, room_id = await room_of(desk)
    await make(desk, ada, room_id)
    with pytest.raises(LinkNotFoundError):
        await desk.seen_links.look(token)
    with pytest.raises(LinkNotFoundError):
        await desk.links.join(ada, token=token)


async def test_a_link_ends_by_time_by_use_and_by_hand(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    bob, cyd = await desk.new_person("Bob", ada.tenant_id), await desk.new_person("Cyd", ada.tenant_id)
    once, revoked, short = [await make(desk, ada, room_id, **wish) for wish in ({"most_uses": 1}, {}, {"hours": 1})]
    await desk.links.join(bob, token=once.token)
    await desk.links.revoke(ada, room_id, revoked.link.id)
    desk.clock.advance(timedelta(hours=1))
    for link in (once, revoked, short):
        with pytest.raises(LinkNotFoundError):
            await desk.links.join(cyd, token=link.token)
        with pytest.raises(LinkNotFoundError):
            await desk.seen_links.look(link.token)
        with pytest.raises(LinkNotFoundError):
            await desk.links.revoke(ada, room_id, link.link.id)
    assert await desk.seen_links.list_links(ada, room_id) == ()
    assert [event.act for event in await events_of(desk.database, RoomLinkChanged)] == ["made"] * 3 + [
        "used",
        "revoked",
    ]


async def test_of_two_who_take_the_last_use_one_comes_in(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    people = [await desk.new_person(name, ada.tenant_id) for name in ("Bob", "Cyd")]
    new = await make(desk, ada, room_id, most_uses=1)
    done = await asyncio.gather(*(desk.links.join(each, token=new.token) for each in people), return_exceptions=True)
    assert sorted(isinstance(each, LinkNotFoundError) for each in done) == [False, True]
    assert len(await desk.queries.list_members(ada, room_id)) == 2


async def test_a_link_lives_as_long_as_its_maker_may_make_one(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    bob, cyd = await desk.new_person("Bob", ada.tenant_id), await desk.new_person("Cyd", ada.tenant_id)
    await desk.commands.add_member(ada, room_id, person_id=bob.user_id)
    with pytest.raises(ForbiddenError):
        await make(desk, bob, room_id)
    await desk.rooms.change_role(ada, room_id, bob.user_id, role="moderator")
    new = await make(desk, bob, room_id)
    await desk.rooms.change_role(ada, room_id, bob.user_id, role="member")
    with pytest.raises(LinkNotFoundError):
        await desk.links.join(cyd, token=new.token)
    for act in (desk.seen_links.list_links(bob, room_id), desk.links.revoke(bob, room_id, new.link.id)):
        with pytest.raises(ForbiddenError):
            await act
    await desk.rooms.change_role(ada, room_id, bob.user_id, role="moderator")
    await desk.links.join(cyd, token=new.token)


async def test_nobody_else_sees_makes_or_ends_links(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    colleague, stranger = await desk.new_person("Bob", ada.tenant_id), await desk.new_person("Eve")
    new = await make(desk, ada, room_id)
    for other in (colleague, stranger):
        for act in (
            make(desk, other, room_id),
            desk.seen_links.list_links(other, room_id),
            desk.links.revoke(other, room_id, new.link.id),
        ):
            with pytest.raises(RoomNotFoundError):
                await act
    another = (await desk.commands.create_room(ada, title="Another", kind="private")).id
    for link_id in (new.link.id, new_id()):
        with pytest.raises(LinkNotFoundError):
            await desk.links.revoke(ada, another, link_id)
    with pytest.raises(LinkForMembersError):
        await desk.links.join(stranger, token=new.token)


async def test_there_are_no_links_to_direct_rooms_nor_too_many_to_others(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    bob = await desk.new_person("Bob", ada.tenant_id)
    direct = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    with pytest.raises(DirectRoomError):
        await make(desk, ada, direct.id)
    for _ in range(20):
        await make(desk, ada, room_id)
    with pytest.raises(TooManyLinksError):
        await make(desk, ada, room_id)


async def test_a_full_room_and_a_guest_of_another_are_refused_and_use_nothing_up(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    new = await make(desk, ada, room_id, most_uses=5)
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    await desk.bind(guest, other.id)
    with pytest.raises(GuestElsewhereError):
        await desk.links.join(guest, token=new.token)
    for name in ("B", "C", "D"):
        person = await desk.new_person(name, ada.tenant_id)
        await desk.commands.add_member(ada, room_id, person_id=person.user_id)
    late = await desk.new_person("E", ada.tenant_id)
    with pytest.raises(RoomFullError):
        await desk.links.join(late, token=new.token)
    assert (await desk.seen_links.list_links(ada, room_id))[0].uses == 0


async def heard_of(desk: Desk) -> MemberChanged:
    """Return what the auth service told of the newest guest."""
    return (await events_of(desk.crowd.database, MemberChanged))[-1]  # type: ignore[arg-type]  # a real database


async def test_somebody_from_outside_becomes_a_guest_of_the_one_room(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    eve = await desk.new_person("Eve")
    new = await make(desk, ada, room_id, guests=True, role="reader", most_uses=1)
    joined = await desk.links.join(eve, token=new.token)
    assert (joined.room_id, joined.organisation_id, joined.guest) == (room_id, ada.tenant_id, True)
    event = await heard_of(desk)
    assert (event.act, event.after, event.room_id, event.invited_by) == ("joined", "guest", room_id, ada.user_id)
    await desk.hear(event, ada.tenant_id, actor_id=eve.user_id)
    members = {each.author.id: each.role for each in await desk.queries.list_members(ada, room_id)}
    assert members == {ada.user_id: "owner", eve.user_id: "reader"}
    assert [each.act for each in await events_of(desk.database, RoomLinkChanged)] == ["made", "used"]
    with pytest.raises(LinkNotFoundError):
        await desk.links.join(await desk.new_person("Fay"), token=new.token)


async def test_only_who_may_invite_into_the_organisation_makes_links_for_guests(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    with pytest.raises(ForbiddenError):
        await make(desk, ada, room.id, guests=True)


@pytest.mark.parametrize("what", ["guests", "maker", "erased"])
async def test_what_the_auth_service_refuses_uses_nothing_up(desk: Desk, what: str) -> None:
    ada, room_id = await room_of(desk)
    eve = await desk.new_person("Eve")
    new = await make(desk, ada, room_id, guests=True, most_uses=1)
    statements = {
        "guests": update(OrganisationRow).values(flags={"guests": False}),
        "maker": update(MembershipRow)
        .where(MembershipRow.person_id == ada.user_id)
        .values(disabled_at=desk.clock.now()),
        "erased": update(OrganisationRow).values(erased_at=desk.clock.now()),
    }
    async with desk.crowd.database.transaction() as transaction:
        await transaction.session.execute(statements[what])
    with pytest.raises((ConflictError, NotFoundError)):
        await desk.links.join(eve, token=new.token)
    (shown,) = await desk.seen_links.list_links(ada, room_id)
    assert shown.uses == 0
    assert len(await desk.queries.list_members(ada, room_id)) == 1


async def test_a_member_of_the_organisation_who_is_in_another_one_now_is_told_to_go_there(desk: Desk) -> None:
    ada, room_id = await room_of(desk)
    new = await make(desk, ada, room_id, guests=True, most_uses=1)
    elsewhere = Principal(
        user_id=ada.user_id,
        tenant_id=await desk.crowd.new_organisation(),
        role="owner",
        scopes=ada.scopes,
        session_id=ada.session_id,
    )
    with pytest.raises(ConflictError):
        await desk.links.join(elsewhere, token=new.token)
    assert (await desk.seen_links.list_links(ada, room_id))[0].uses == 0
