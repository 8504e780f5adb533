"""Open, private, direct and group rooms, and the AI as a member of each."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select

from outcry.kit.errors import ForbiddenError, InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import ASSISTANT_ID, Room
from outcry.services.chat.errors import (
    DirectRoomError,
    GuestElsewhereError,
    PersonNotFoundError,
    RoomFullError,
    RoomNotFoundError,
)
from outcry.services.chat.models import RoomRow
from tests.services.chat.conftest import Desk


async def crew(desk: Desk) -> tuple[Principal, Principal, Principal]:
    """Return three colleagues."""
    ada = await desk.new_person("Ada")
    return ada, await desk.new_person("Bob", ada.tenant_id), await desk.new_person("Cyd", ada.tenant_id)


def called(room: Room) -> set[str]:
    """Return the names of those that a room is called by."""
    return {author.name for author in room.people}


async def test_two_people_have_one_direct_room_whoever_opens_it(desk: Desk) -> None:
    ada, bob, cyd = await crew(desk)
    first = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    again = await desk.rooms.open_direct(bob, person_id=ada.user_id)
    other = await desk.rooms.open_direct(ada, person_id=cyd.user_id)
    assert first.id == again.id != other.id
    assert (first.kind, first.title) == ("direct", "")
    assert called(first) == called(again) == {"Ada", "Bob"}
    listed = (await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=9)).items
    assert {room.id: called(room) for room in listed} == {first.id: {"Ada", "Bob"}, other.id: {"Ada", "Cyd"}}
    assert called(await desk.queries.get_room(bob, first.id)) == {"Ada", "Bob"}
    await desk.commands.post(ada, first.id, text="only for you", client_id="c" * 8)
    assert (await desk.queries.get_room(bob, first.id)).title == ""
    with pytest.raises(RoomNotFoundError):
        await desk.queries.get_room(cyd, first.id)


async def test_opened_by_both_at_once_it_is_still_one(desk: Desk) -> None:
    ada, bob, _ = await crew(desk)
    opened = await asyncio.gather(
        *(desk.rooms.open_direct(one, person_id=other.user_id) for one, other in ((ada, bob), (bob, ada)) * 3)
    )
    assert len({room.id for room in opened}) == 1
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(RoomRow)) == 1


async def test_a_direct_room_takes_in_nobody_and_lets_nobody_go_but_the_assistant(desk: Desk) -> None:
    ada, bob, cyd = await crew(desk)
    room = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    with pytest.raises(DirectRoomError):
        await desk.commands.add_member(ada, room.id, person_id=cyd.user_id)
    for user_id in (ada.user_id, bob.user_id):
        with pytest.raises(DirectRoomError):
            await desk.commands.remove_member(ada, room.id, user_id)
    with pytest.raises(DirectRoomError):
        await desk.commands.change_room(ada, room.id, title="Ours")
    with pytest.raises(DirectRoomError):
        await desk.rooms.change_role(ada, room.id, bob.user_id, role="reader")
    await desk.commands.add_member(bob, room.id, person_id=ASSISTANT_ID)
    assert len(await desk.queries.list_members(ada, room.id)) == 3
    await desk.commands.remove_member(ada, room.id, ASSISTANT_ID)
    assert len(await desk.queries.list_members(ada, room.id)) == 2


async def test_an_archived_direct_room_comes_back_when_it_is_opened(desk: Desk) -> None:
    ada, bob, _ = await crew(desk)
    room = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    await desk.rooms.keep(ada, room.id, archived=True)
    assert not (await desk.rooms.open_direct(ada, person_id=bob.user_id)).archived
    assert [each.id for each in (await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=9)).items] == [
        room.id
    ]


async def test_nobody_writes_alone_to_themselves_a_stranger_or_a_guest(desk: Desk) -> None:
    ada, bob, cyd = await crew(desk)
    stranger = await desk.new_person("Eve")
    with pytest.raises(InvalidInputError):
        await desk.rooms.open_direct(ada, person_id=ada.user_id)
    for person_id in (stranger.user_id, new_id()):
        with pytest.raises(PersonNotFoundError):
            await desk.rooms.open_direct(ada, person_id=person_id)
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    await desk.bind(guest, room.id)
    with pytest.raises(GuestElsewhereError):
        await desk.rooms.open_direct(ada, person_id=guest.user_id)
    for other in (bob, cyd):
        with pytest.raises(ForbiddenError):
            await desk.rooms.open_direct(guest, person_id=other.user_id)


async def test_a_group_is_called_by_its_people_until_it_has_a_title(desk: Desk) -> None:
    ada, bob, cyd = await crew(desk)
    people = (bob.user_id, cyd.user_id, bob.user_id, ada.user_id)
    room = await desk.commands.create_room(ada, title=None, kind="group", people=people)
    assert (room.title, called(room)) == ("", {"Ada", "Bob", "Cyd"})
    heard = await desk.follow(f"room:{room.id}")
    await desk.commands.post(cyd, room.id, text="lunch?", client_id="c" * 8)
    assert (await desk.queries.get_room(bob, room.id)).title == ""
    named = await desk.commands.change_room(bob, room.id, title="Lunch")
    assert (named.title, named.people) == ("Lunch", ())
    assert [update["room"]["title"] for update in heard if update["kind"] == "room"] == ["Lunch"]


async def test_a_group_has_a_limit_of_its_own(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    people = [(await desk.new_person(f"P{number}", ada.tenant_id)).user_id for number in range(12)]
    with pytest.raises(RoomFullError):
        await desk.commands.create_room(ada, title=None, kind="group", people=people)
    room = await desk.commands.create_room(ada, title=None, kind="group", people=people[:11])
    with pytest.raises(RoomFullError):
        await desk.commands.add_member(ada, room.id, person_id=people[11])


async def test_a_room_with_somebody_impossible_is_not_made(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    stranger = await desk.new_person("Eve")
    with pytest.raises(PersonNotFoundError):
        await desk.commands.create_room(ada, title="Desk", kind="private", people=(stranger.user_id,))
    with pytest.raises(InvalidInputError):
        await desk.commands.create_room(ada, title=" ", kind="open")
    with pytest.raises(InvalidInputError):
        await desk.commands.create_room(ada, title="Desk", kind="open", description="x" * 501)
    assert (await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=9)).items == ()


async def test_an_open_room_is_found_and_joined_by_colleagues_alone(desk: Desk) -> None:
    ada, bob, _ = await crew(desk)
    stranger = await desk.new_person("Eve")
    room = await desk.commands.create_room(ada, title="Rates", kind="open", description="Bonds and swaps")
    secret = await desk.commands.create_room(ada, title="Secret", kind="private")
    found = (await desk.found.list_open(bob, search="", cursor=None, limit=9)).items
    assert [(each.id, each.title, each.description, each.members, each.joined) for each in found] == [
        (room.id, "Rates", "Bonds and swaps", 1, False)
    ]
    assert (await desk.found.list_open(stranger, search="", cursor=None, limit=9)).items == ()
    heard = await desk.follow(f"room:{room.id}")
    joined = await desk.rooms.join(bob, room.id)
    assert await desk.rooms.join(bob, room.id) == joined
    assert joined.place is not None
    assert joined.place.role == "member"
    assert [len(update["members"]) for update in heard] == [2]
    for who, room_id in ((stranger, room.id), (bob, secret.id), (bob, new_id())):
        with pytest.raises(RoomNotFoundError):
            await desk.rooms.join(who, room_id)
    assert (await desk.found.list_open(bob, search="", cursor=None, limit=9)).items[0].joined
    await desk.commands.remove_member(bob, room.id, bob.user_id)
    assert (await desk.found.list_open(bob, search="", cursor=None, limit=9)).items[0].members == 1


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("", ["Energy", "Rates", "a 100% sure thing"]),
        ("rAtEs", ["Rates"]),
        ("swaps bonds", ["Rates"]),
        ("oil swaps", []),
        ("100%", ["a 100% sure thing"]),
        ("%", ["a 100% sure thing"]),
        ("_", []),
        ("'; DROP TABLE room", []),
    ],
)
async def test_the_directory_is_searched_by_words(desk: Desk, search: str, titles: list[str]) -> None:
    ada = await desk.new_person("Ada")
    for title, description in (("Rates", "Bonds and swaps"), ("Energy", "Oil"), ("a 100% sure thing", "")):
        await desk.commands.create_room(ada, title=title, kind="open", description=description)
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await desk.found.list_open(ada, search=search, cursor=cursor, limit=2)
        found.extend(room.title for room in page.items)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == titles


async def test_a_room_is_opened_and_closed_by_its_owner(desk: Desk) -> None:
    ada, bob, cyd = await crew(desk)
    room = await desk.commands.create_room(ada, title="Rates", kind="private", people=(bob.user_id,))
    with pytest.raises(ForbiddenError):
        await desk.commands.change_room(bob, room.id, kind="open")
    assert (await desk.commands.change_room(ada, room.id, kind="open")).kind == "open"
    assert (await desk.rooms.join(cyd, room.id)).kind == "open"
    assert (await desk.commands.change_room(ada, room.id, kind="private")).kind == "private"
    assert len(await desk.queries.list_members(cyd, room.id)) == 3
    conversation = await desk.commands.create_room(ada, title=None, kind="conversation")
    with pytest.raises(InvalidInputError):
        await desk.commands.change_room(ada, conversation.id, kind="open")


@pytest.mark.parametrize("kind", ["conversation", "open", "private", "group", "room"])
async def test_the_assistant_comes_into_any_room_and_goes(desk: Desk, kind: str) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind=kind)

    async def present() -> bool:
        return ASSISTANT_ID in {each.author.id for each in await desk.queries.list_members(ada, room.id)}

    assert await present() == (kind == "conversation")
    for _ in range(2):
        await desk.commands.add_member(ada, room.id, person_id=ASSISTANT_ID)
        assert await present()
    await desk.commands.remove_member(ada, room.id, ASSISTANT_ID)
    assert not await present()


async def test_a_description_is_told_and_taken_away_again(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="private", description="  Where we \n trade ")
    assert room.description == "Where we trade"
    heard = await desk.follow(f"room:{room.id}")
    assert (await desk.commands.change_room(ada, room.id, description="")).description == ""
    assert [update["room"]["description"] for update in heard] == [""]
    assert (await desk.queries.get_room(ada, room.id)).title == "Desk"


async def test_how_a_room_is_kept_is_each_persons_own(desk: Desk) -> None:
    ada, bob, _ = await crew(desk)
    room = await desk.commands.create_room(ada, title="Desk", kind="private", people=(bob.user_id,))
    told = await desk.follow(f"room:{room.id}")
    kept = await desk.rooms.keep(ada, room.id, favourite=True, muted=True, section=" My \n desk ")
    assert kept.place is not None
    assert (kept.place.favourite, kept.place.muted, kept.place.section) == (True, True, "My desk")
    assert (await desk.rooms.keep(ada, room.id, section="")).place == (await desk.queries.get_room(ada, room.id)).place
    others = (await desk.queries.get_room(bob, room.id)).place
    assert others is not None
    assert (others.role, others.favourite, others.muted, others.section) == ("member", False, False, "")
    assert told == []
    with pytest.raises(InvalidInputError):
        await desk.rooms.keep(ada, room.id, section="x" * 61)
    ids: list[UUID] = [room.id, new_id()]
    stranger = await desk.new_person("Eve")
    for room_id in ids:
        with pytest.raises(RoomNotFoundError):
            await desk.rooms.keep(stranger, room_id, muted=True)
