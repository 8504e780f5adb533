"""Who is what in a room, and who may make somebody something else."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from outcry.kit.errors import ForbiddenError, OutcryError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import ASSISTANT_ID, RoomRole
from outcry.services.chat.errors import MemberNotFoundError, OwnerStaysError, RoleError, RoomNotFoundError
from outcry.services.chat.events import RoomChanged
from tests.services.chat.conftest import Desk
from tests.services.chat.outbox import events_of

ROLES: tuple[RoomRole, ...] = ("owner", "moderator", "member", "reader")


@dataclass
class Cast:
    """A room, its people by their role in it, and somebody of the same organisation who is not in it."""

    room_id: UUID
    people: dict[str, Principal]
    outsider: Principal


async def cast(desk: Desk) -> Cast:
    """Make a room with everybody in their role."""
    owner = await desk.new_person("Owner")
    room = await desk.commands.create_room(owner, title="Desk", kind="private")
    people = {"owner": owner}
    for role in ROLES[1:]:
        people[role] = await desk.new_person(role.title(), owner.tenant_id)
        await desk.commands.add_member(owner, room.id, person_id=people[role].user_id)
        await desk.rooms.change_role(owner, room.id, people[role].user_id, role=role)
    return Cast(room.id, people, await desk.new_person("Out", owner.tenant_id))


async def roles_in(desk: Desk, here: Cast) -> dict[UUID, str]:
    """Return everybody's role."""
    members = await desk.queries.list_members(here.people["owner"], here.room_id)
    return {member.author.id: member.role for member in members}


# Who makes whom what: by actor, those changes that work, as "of>to" with o, d (moderator), m and r.
MAY = {
    "owner": {"d>o", "d>m", "d>r", "m>o", "m>d", "m>r", "r>o", "r>d", "r>m"},
    "moderator": {"m>r", "r>m"},
    "member": set(),
    "reader": set(),
}
LETTERS = dict(zip(ROLES, "odmr", strict=True))


@pytest.mark.parametrize("actor", ROLES)
async def test_each_role_gives_the_roles_of_the_table_and_no_others(desk: Desk, actor: RoomRole) -> None:
    here = await cast(desk)
    owner = here.people["owner"]
    done: set[str] = set()
    for target in ROLES:
        for wanted in ROLES:
            if target in (actor, wanted):
                continue
            person = here.people[target]
            try:
                given = await desk.rooms.change_role(here.people[actor], here.room_id, person.user_id, role=wanted)
            except OutcryError:
                assert (await roles_in(desk, here))[person.user_id] == target
                continue
            assert given.role == wanted
            done.add(f"{LETTERS[target]}>{LETTERS[wanted]}")
            if wanted == "owner":
                await desk.rooms.change_role(person, here.room_id, owner.user_id, role="owner")
            await desk.rooms.change_role(owner, here.room_id, person.user_id, role=target)
    assert done == MAY[actor]


async def test_a_room_that_is_handed_over_keeps_one_owner(desk: Desk) -> None:
    here = await cast(desk)
    owner, heir = here.people["owner"], here.people["member"]
    heard = await desk.follow(f"room:{here.room_id}")
    await desk.rooms.change_role(owner, here.room_id, heir.user_id, role="owner")
    roles = await roles_in(desk, here)
    assert (roles[owner.user_id], roles[heir.user_id]) == ("moderator", "owner")
    assert [update["kind"] for update in heard] == ["members"]
    told = [event for event in await events_of(desk.database, RoomChanged) if event.role][-2:]
    assert [(event.act, event.person_id, event.was, event.role) for event in told] == [
        ("role", owner.user_id, "owner", "moderator"),
        ("handed_over", heir.user_id, "member", "owner"),
    ]
    await desk.commands.remove_member(owner, here.room_id, owner.user_id)
    with pytest.raises(OwnerStaysError):
        await desk.commands.remove_member(heir, here.room_id, heir.user_id)


async def test_an_owner_does_not_step_down_and_nobody_raises_themselves(desk: Desk) -> None:
    here = await cast(desk)
    for role in ROLES[1:]:
        owner = here.people["owner"]
        with pytest.raises(OwnerStaysError):
            await desk.rooms.change_role(owner, here.room_id, owner.user_id, role=role)
    for actor, wanted in (("moderator", "owner"), ("member", "moderator"), ("reader", "member")):
        with pytest.raises(ForbiddenError):
            me = here.people[actor]
            await desk.rooms.change_role(me, here.room_id, me.user_id, role=wanted)  # type: ignore[arg-type]  # a role


async def test_the_same_role_again_changes_and_tells_nothing(desk: Desk) -> None:
    here = await cast(desk)
    heard = await desk.follow(f"room:{here.room_id}")
    reader = here.people["reader"].user_id
    assert (await desk.rooms.change_role(here.people["owner"], here.room_id, reader, role="reader")).role == "reader"
    assert heard == []


async def test_neither_the_assistant_nor_a_guest_is_above_members(desk: Desk) -> None:
    here = await cast(desk)
    owner = here.people["owner"]
    # One may go for the room to have a place.
    await desk.commands.remove_member(owner, here.room_id, here.people["member"].user_id)
    await desk.commands.add_member(owner, here.room_id, person_id=ASSISTANT_ID)
    with pytest.raises(RoleError):
        await desk.rooms.change_role(owner, here.room_id, ASSISTANT_ID, role="reader")
    await desk.bind(here.people["reader"], here.room_id)
    for role in ("owner", "moderator"):
        with pytest.raises(RoleError):
            guest = here.people["reader"].user_id
            await desk.rooms.change_role(owner, here.room_id, guest, role=role)


async def test_only_who_is_in_the_room_has_a_role_there(desk: Desk) -> None:
    here = await cast(desk)
    stranger = await desk.new_person("Eve")
    with pytest.raises(MemberNotFoundError):
        await desk.rooms.change_role(here.people["owner"], here.room_id, here.outsider.user_id, role="reader")
    for other in (here.outsider, stranger):
        with pytest.raises(RoomNotFoundError):
            await desk.rooms.change_role(other, here.room_id, here.people["member"].user_id, role="reader")


# What each role may do: a letter for each, as above.
DOORS = {
    "post": "odm",
    "rename": "odm",
    "describe": "odm",
    "add": "odm",
    "add the assistant": "odm",
    "take out a member": "od",
    "take out a reader": "od",
    "take out a moderator": "o",
    "open": "o",
    "leave": "dmr",
    "keep": "odmr",
    "read": "odmr",
}


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_gets_through_the_doors_of_the_table(desk: Desk, role: RoomRole) -> None:
    opened = set()
    here = await cast(desk)
    for door in DOORS:
        try:
            await go_through(desk, here, here.people[role], door)
        except (ForbiddenError, OwnerStaysError):
            continue
        opened.add(door)
        await restore(desk, here)
    expected = {door for door, letters in DOORS.items() if LETTERS[role] in letters}
    # Nobody takes themselves out of a room in the name of the room: that is leaving it.
    own = {"member": {"take out a member"}, "reader": {"take out a reader"}, "moderator": {"take out a moderator"}}
    assert opened - own.get(role, set()) == expected - own.get(role, set())


async def go_through(desk: Desk, here: Cast, me: Principal, door: str) -> None:
    """Do one thing."""
    room_id, commands = here.room_id, desk.commands
    if door == "post":
        await commands.post(me, room_id, text="hello", client_id="c" * 8)
    elif door == "rename":
        await commands.change_room(me, room_id, title="Another")
    elif door == "describe":
        await commands.change_room(me, room_id, description="Another")
    elif door == "open":
        await commands.change_room(me, room_id, kind="open")
    elif door == "add":
        # The room has four places: one is made free first.
        spare = next(each for name, each in here.people.items() if each != me and name in ("member", "reader"))
        await commands.remove_member(here.people["owner"], room_id, spare.user_id)
        await commands.add_member(me, room_id, person_id=here.outsider.user_id)
    elif door == "add the assistant":
        await commands.add_member(me, room_id, person_id=ASSISTANT_ID)
    elif door.startswith("take out"):
        await commands.remove_member(me, room_id, here.people[door.rsplit(" ", 1)[1]].user_id)
    elif door == "leave":
        await commands.remove_member(me, room_id, me.user_id)
    elif door == "keep":
        await desk.rooms.keep(me, room_id, favourite=True)
    else:
        await desk.queries.history(me, room_id, cursor=None, limit=9)


async def restore(desk: Desk, here: Cast) -> None:
    """Bring everybody back into the room, in their role."""
    owner = here.people["owner"]
    for user_id in set(await roles_in(desk, here)) - {each.user_id for each in here.people.values()}:
        await desk.commands.remove_member(owner, here.room_id, user_id)
    for role in ROLES[1:]:
        await desk.commands.add_member(owner, here.room_id, person_id=here.people[role].user_id)
        await desk.rooms.change_role(owner, here.room_id, here.people[role].user_id, role=role)
    if (await desk.queries.get_room(owner, here.room_id)).kind == "open":
        await desk.commands.change_room(owner, here.room_id, kind="private")


async def test_the_highest_that_stays_owns_a_room_whose_owner_is_gone(desk: Desk) -> None:
    here = await cast(desk)
    owner = here.people["owner"]
    await desk.rooms.change_role(owner, here.room_id, here.people["moderator"].user_id, role="reader")
    await desk.rooms.change_role(owner, here.room_id, here.people["reader"].user_id, role="moderator")
    await desk.personal.erase_people(person_ids=(owner.user_id,), organisation_ids=())
    members = await desk.queries.list_members(here.people["reader"], here.room_id)
    roles = {member.author.id: member.role for member in members}
    assert roles[here.people["reader"].user_id] == "owner"
    assert sorted(roles.values()) == ["member", "owner", "reader"]


async def test_a_room_says_to_each_whether_they_may_say_something_in_it(desk: Desk) -> None:
    here = await cast(desk)
    rooms = {role: await desk.queries.get_room(person, here.room_id) for role, person in here.people.items()}
    assert {role: room.place and room.place.posts for role, room in rooms.items()} == {
        "owner": True,
        "moderator": True,
        "member": True,
        "reader": False,
    }
