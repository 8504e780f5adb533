"""Colleagues are found by how their name or address begins; nobody else is."""

from datetime import timedelta

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.services.chat.errors import RoomNotFoundError
from tests.services.chat.conftest import Desk


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ("be", ["Ben"]),
        ("BEN@", ["Ben"]),
        ("ben@example.com", ["Ben"]),
        ("c", ["Carla", "Cyd"]),
        ("example", []),
        ("en", []),
        ("zoe", []),
        ("gus", []),
        ("eve", []),
        ("%", []),
        ("   ", []),
        ("\u0000", []),
    ],
)
async def test_who_is_found(desk: Desk, start: str, names: list[str]) -> None:
    ada = await desk.new_person("Ada")
    for name in ("Ben", "Cyd", "Carla"):
        await desk.new_person(name, ada.tenant_id)
    zoe = await desk.new_person("Zoe", ada.tenant_id)
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    await desk.bind(guest, (await desk.commands.create_room(ada, title="Desk", kind="private")).id)
    await desk.leave(zoe)
    await desk.new_person("Eve")
    found = await desk.found.find_people(ada, start=start, room_id=None)
    assert [person.author.name for person in found] == names


async def test_accents_and_every_word_of_a_name_count(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ben = await desk.new_person("Ben", ada.tenant_id)
    await desk.rename(ben, "José María Ñuñez")
    for start in ("jose", "Marí", "nun", "nunez jo"):
        found = await desk.found.find_people(ada, start=start, room_id=None)
        assert [person.author.id for person in found] == [ben.user_id], start


async def test_a_new_colleague_is_found_half_a_minute_later_at_most(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    assert await desk.found.find_people(ada, start="ben", room_id=None) == ()
    await desk.new_person("Ben", ada.tenant_id)
    desk.clock.advance(timedelta(seconds=31))
    assert len(await desk.found.find_people(ada, start="ben", room_id=None)) == 1


async def test_it_is_said_who_is_in_the_room_already_to_those_in_it(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ben = await desk.new_person("Ben", ada.tenant_id)
    await desk.new_person("Bea", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Desk", kind="private", people=(ben.user_id,))
    found = await desk.found.find_people(ada, start="b", room_id=room.id)
    assert {person.author.name: person.present for person in found} == {"Bea": False, "Ben": True}
    stranger = await desk.new_person("Eve")
    with pytest.raises(RoomNotFoundError):
        await desk.found.find_people(stranger, start="b", room_id=room.id)


async def test_a_guest_and_a_viewer_search_nobody(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    for role in ("guest", "viewer"):
        person = await desk.new_person(role.title(), ada.tenant_id, role=role)
        with pytest.raises(ForbiddenError):
            await desk.found.find_people(person, start="a", room_id=None)


async def test_at_most_twenty_are_found(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    for number in range(22):
        await desk.new_person(f"Bob{number:02}", ada.tenant_id)
    found = await desk.found.find_people(ada, start="bob", room_id=None)
    assert [person.author.name for person in found] == [f"Bob{number:02}" for number in range(20)]
