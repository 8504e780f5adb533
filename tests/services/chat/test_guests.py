"""Guests come into their one room; who is gone from an organisation is out of its rooms."""

from dataclasses import replace
from uuid import UUID

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.events import MemberChanged
from outcry.services.chat.contracts import ASSISTANT_ID
from outcry.services.chat.errors import GuestElsewhereError, RoomNotFoundError
from tests.services.chat.conftest import Desk, as_person


def change(person_id: UUID, organisation_id: UUID, act: str, room_id: UUID | None = None) -> MemberChanged:
    """Return what the auth service says of a change."""
    return MemberChanged(
        person_id=person_id, organisation_id=organisation_id, act=act, before="", after="guest", room_id=room_id
    )


def invited(guest: Principal, by: Principal, room_id: UUID | None) -> MemberChanged:
    """Return what the auth service says of a guest who accepted an invitation."""
    return replace(change(guest.user_id, by.tenant_id, "joined", room_id), invited_by=by.user_id)


async def test_a_guest_comes_into_their_room_once_and_everybody_sees_it(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="conversation")
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    in_room, own = await desk.follow(f"room:{room.id}"), await desk.follow(f"user:{guest.user_id}")
    joined = invited(guest, ada, room.id)
    envelope = await desk.hear(joined, ada.tenant_id)
    await desk.handlers[envelope.name](envelope)
    await desk.hear(joined, ada.tenant_id)
    assert [update["kind"] for update in in_room] == ["members"]
    assert {member["author"]["name"] for member in in_room[0]["members"]} == {"Ada", "Desk", "Gus"}
    assert own == [{"kind": "rooms"}]
    assert len(await desk.queries.list_members(guest, room.id)) == 3
    await desk.commands.post(guest, room.id, text="hello", client_id="c" * 8)


async def test_an_event_that_comes_again_does_not_bring_back_who_left(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    envelope = await desk.hear(invited(guest, ada, room.id), ada.tenant_id)
    await desk.commands.remove_member(guest, room.id, guest.user_id)
    await desk.handlers[envelope.name](envelope)
    with pytest.raises(RoomNotFoundError):
        await desk.queries.get_room(guest, room.id)


async def test_a_room_of_another_organisation_or_of_none_lets_nobody_in(desk: Desk) -> None:
    ada, eve = await desk.new_person("Ada"), await desk.new_person("Eve")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    for room_id in (room.id, new_id(), None):
        await desk.hear(invited(eve, eve, room_id), eve.tenant_id)
        await desk.hear(replace(invited(eve, ada, room_id), organisation_id=eve.tenant_id), eve.tenant_id)
    assert [member.author.id for member in await desk.queries.list_members(ada, room.id)] == [ada.user_id]


async def test_a_guest_adds_nobody_removes_nobody_and_makes_no_room(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    await desk.hear(invited(guest, ada, room.id), ada.tenant_id)
    for email in ("ada@example.com", "nobody@example.com"):
        with pytest.raises(ForbiddenError):
            await desk.commands.add_member(guest, room.id, email=email)
    with pytest.raises(ForbiddenError):
        await desk.commands.create_room(guest, title="Mine", kind="room")
    with pytest.raises(ForbiddenError):
        await desk.commands.remove_member(guest, room.id, ada.user_id)
    bob = await desk.new_person("Bob", ada.tenant_id, role="guest")
    await desk.hear(invited(bob, ada, room.id), ada.tenant_id)
    await desk.leave(ada)
    await desk.hear(change(ada.user_id, ada.tenant_id, "left"), ada.tenant_id)
    with pytest.raises(ForbiddenError):
        await desk.commands.remove_member(guest, room.id, bob.user_id)


async def test_only_who_is_in_the_room_lets_a_guest_in(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    admin = await desk.new_person("Adm", ada.tenant_id, role="admin")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    enabled = change(guest.user_id, ada.tenant_id, "enabled", room.id)
    for event in (invited(guest, admin, room.id), replace(invited(guest, admin, room.id), invited_by=None), enabled):
        await desk.hear(event, ada.tenant_id, actor_id=admin.user_id)
    assert len(await desk.queries.list_members(ada, room.id)) == 1
    await desk.hear(invited(guest, ada, room.id), ada.tenant_id)
    await desk.hear(change(guest.user_id, ada.tenant_id, "disabled", room.id), ada.tenant_id, actor_id=admin.user_id)
    assert len(await desk.queries.list_members(ada, room.id)) == 1
    await desk.hear(enabled, ada.tenant_id, actor_id=ada.user_id)
    assert len(await desk.queries.list_members(guest, room.id)) == 2


async def test_a_guest_of_one_room_is_added_to_no_other(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    rooms = [await desk.commands.create_room(ada, title="Desk", kind="room") for _ in range(2)]
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    await desk.bind(guest, rooms[0].id)
    with pytest.raises(GuestElsewhereError):
        await desk.commands.add_member(ada, rooms[1].id, email="gus@example.com")
    added = await desk.commands.add_member(ada, rooms[0].id, email="gus@example.com")
    assert added.author.id == guest.user_id
    assert (await desk.queries.list_rooms(guest, archived=False, cursor=None, limit=9)).items[0].id == rooms[0].id
    assert len(await desk.queries.list_members(ada, rooms[1].id)) == 1


@pytest.mark.parametrize("act", ["left", "removed", "disabled"])
async def test_who_is_gone_is_out_of_all_rooms_and_the_longest_there_owns_them(desk: Desk, act: str) -> None:
    ada = await desk.new_person("Ada")
    bob, cyd = await desk.new_person("Bob", ada.tenant_id), await desk.new_person("Cyd", ada.tenant_id)
    rooms = [await desk.commands.create_room(ada, title=None, kind="conversation") for _ in range(3)]
    for room in rooms[:2]:
        for name in ("bob", "cyd"):
            await desk.commands.add_member(ada, room.id, email=f"{name}@example.com")
    heard, own = await desk.follow(f"room:{rooms[0].id}"), await desk.follow(f"user:{ada.user_id}")
    envelope = await desk.hear(change(ada.user_id, ada.tenant_id, act), ada.tenant_id)
    await desk.handlers[envelope.name](envelope)
    for room in rooms:
        with pytest.raises(RoomNotFoundError):
            await desk.queries.get_room(ada, room.id)
        assert not await desk.queries.may_listen_to_room(ada, str(room.id))
    for room in rooms[:2]:
        members = await desk.queries.list_members(cyd, room.id)
        roles = {member.author.id: member.role for member in members}
        assert roles == {bob.user_id: "owner", cyd.user_id: "member", ASSISTANT_ID: "member"}
    assert [update["kind"] for update in heard] == ["members"]
    assert {update["room_id"] for update in own if update["kind"] == "removed"} == {str(room.id) for room in rooms}
    assert len(own) == 4


async def test_leaving_one_organisation_leaves_the_rooms_of_another(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    other = await desk.crowd.new_organisation()
    elsewhere = as_person(ada.user_id, other, "member")
    here = await desk.commands.create_room(ada, title="Here", kind="room")
    there = await desk.commands.create_room(elsewhere, title="There", kind="room")
    await desk.hear(change(ada.user_id, ada.tenant_id, "left"), ada.tenant_id)
    assert (await desk.queries.get_room(elsewhere, there.id)).title == "There"
    with pytest.raises(RoomNotFoundError):
        await desk.queries.get_room(ada, here.id)


@pytest.mark.parametrize("act", ["role", "enabled", "ownership", "joined"])
async def test_other_changes_move_nobody(desk: Desk, act: str) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    await desk.hear(change(ada.user_id, ada.tenant_id, act), ada.tenant_id)
    assert len(await desk.queries.list_members(ada, room.id)) == 1
