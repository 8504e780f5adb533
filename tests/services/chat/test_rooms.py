"""Rooms and their members."""

from datetime import timedelta
from uuid import UUID

import pytest

from outcry.kit.errors import ConflictError, ForbiddenError, InvalidInputError
from outcry.kit.ids import new_id
from outcry.services.chat.contracts import ASSISTANT_ID
from outcry.services.chat.errors import OwnerStaysError, PersonNotFoundError, RoomNotFoundError
from tests.services.chat.conftest import Desk


async def test_a_conversation_has_the_assistant_and_takes_its_first_words_as_title(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    members = await desk.queries.list_members(ada, room.id)
    assert {(member.author.kind, member.author.id) for member in members} == {
        ("person", ada.user_id),
        ("assistant", ASSISTANT_ID),
    }
    await desk.commands.post(ada, room.id, text="What is the RSI of AAPL?\nAnd of MSFT?", client_id="c" * 8)
    await desk.commands.post(ada, room.id, text="Something else", client_id="d" * 8)
    found = await desk.queries.get_room(ada, room.id)
    assert found.title == "What is the RSI of AAPL? And of MSFT?"
    assert found.last_text == "Something else"


async def test_a_chosen_title_stays(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="  My \n desk ", kind="room")
    assert room.title == "My desk"
    await desk.commands.post(ada, room.id, text="hello", client_id="c" * 8)
    renamed = await desk.commands.change_room(ada, room.id, title="Morning call", archived=None)
    assert renamed.title == "Morning call"
    assert (await desk.queries.get_room(ada, room.id)).title == "Morning call"


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "\u202e\u0000"])
async def test_an_impossible_title_changes_nothing(desk: Desk, title: str) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    with pytest.raises(InvalidInputError):
        await desk.commands.change_room(ada, room.id, title=title, archived=True)
    found = await desk.queries.get_room(ada, room.id)
    assert (found.title, found.archived) == ("Desk", False)


async def test_rooms_are_listed_by_newest_activity_in_pages(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    rooms = []
    for number in range(5):
        rooms.append(await desk.commands.create_room(ada, title=f"Room {number}", kind="room"))
        desk.clock.advance(timedelta(seconds=1))
    await desk.commands.post(ada, rooms[0].id, text="newest", client_id="c" * 8)
    first = await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=3)
    second = await desk.queries.list_rooms(ada, archived=False, cursor=first.next_cursor, limit=3)
    assert [room.title for room in first.items + second.items] == ["Room 0", "Room 4", "Room 3", "Room 2", "Room 1"]
    assert second.next_cursor is None


async def test_archiving_is_each_persons_own(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    await desk.commands.change_room(ada, room.id, title=None, archived=True)
    assert (await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=10)).items == ()
    assert len((await desk.queries.list_rooms(ada, archived=True, cursor=None, limit=10)).items) == 1
    assert len((await desk.queries.list_rooms(bob, archived=False, cursor=None, limit=10)).items) == 1
    await desk.commands.change_room(ada, room.id, title=None, archived=False)
    assert len((await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=10)).items) == 1


async def test_nobody_else_sees_or_touches_a_room(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    colleague = await desk.new_person("Bob", ada.tenant_id)
    stranger = await desk.new_person("Eve")
    room = await desk.commands.create_room(ada, title="Desk", kind="conversation")
    posted = await desk.commands.post(ada, room.id, text="secret", client_id="c" * 8)
    for other in (colleague, stranger):
        for room_id in (room.id, new_id()):
            with pytest.raises(RoomNotFoundError):
                await desk.queries.get_room(other, room_id)
            with pytest.raises(RoomNotFoundError):
                await desk.queries.history(other, room_id, cursor=None, limit=10)
            with pytest.raises(RoomNotFoundError):
                await desk.queries.list_members(other, room_id)
            with pytest.raises(RoomNotFoundError):
                await desk.commands.post(other, room_id, text="hi", client_id="c" * 8)
            with pytest.raises(RoomNotFoundError):
                await desk.commands.change_room(other, room_id, title="Mine", archived=None)
            with pytest.raises(RoomNotFoundError):
                await desk.commands.add_member(other, room_id, email="eve@example.com")
            with pytest.raises(RoomNotFoundError):
                await desk.commands.stop_reply(other, room_id, posted.id)
            assert not await desk.queries.may_listen_to_room(other, str(room_id))
        assert not await desk.queries.may_listen_to_user(other, str(ada.user_id))
    assert await desk.queries.may_listen_to_room(ada, str(room.id))
    assert not await desk.queries.may_listen_to_room(ada, "not-an-id")


async def test_people_of_another_organisation_cannot_be_added(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    await desk.new_person("Eve")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    for email in ("eve@example.com", "nobody@example.com"):
        with pytest.raises(PersonNotFoundError):
            await desk.commands.add_member(ada, room.id, email=email)


async def test_members_come_and_go(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    cyd = await desk.new_person("Cyd", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    for name in ("bob", "cyd", "bob"):
        await desk.commands.add_member(ada, room.id, email=f"{name}@example.com")
    assert len(await desk.queries.list_members(bob, room.id)) == 3
    with pytest.raises(ForbiddenError):
        await desk.commands.remove_member(bob, room.id, cyd.user_id)
    with pytest.raises(OwnerStaysError):
        await desk.commands.remove_member(ada, room.id, ada.user_id)
    heard: list[str] = []
    await desk.realtime.follow_log(f"user:{cyd.user_id}", None, lambda update: heard.append(update.data))
    await desk.commands.remove_member(ada, room.id, cyd.user_id)
    await desk.commands.remove_member(bob, room.id, bob.user_id)
    assert [member.author.id for member in await desk.queries.list_members(ada, room.id)] == [ada.user_id]
    assert any('"removed"' in said for said in heard)
    with pytest.raises(RoomNotFoundError):
        await desk.queries.get_room(cyd, room.id)


async def test_a_full_room_takes_nobody(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    for name in ("B", "C", "D", "E"):
        await desk.new_person(name, ada.tenant_id)
    for name in ("b", "c", "d"):
        await desk.commands.add_member(ada, room.id, email=f"{name}@example.com")
    with pytest.raises(ConflictError):
        await desk.commands.add_member(ada, room.id, email="e@example.com")
    assert len(await desk.queries.list_members(ada, room.id)) == 4


@pytest.mark.parametrize(
    "cursor", ["", "x", "bnVsbA", "WzFd", "WzEsICJ4Il0", "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAsICJ4Il0"]
)
async def test_a_made_up_cursor_is_refused(desk: Desk, cursor: str) -> None:
    ada = await desk.new_person("Ada")
    if cursor:
        with pytest.raises(InvalidInputError):
            await desk.queries.list_rooms(ada, archived=False, cursor=cursor, limit=3)
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    if cursor and cursor != "WzFd":
        with pytest.raises(InvalidInputError):
            await desk.queries.history(ada, room.id, cursor=cursor, limit=3)


async def test_the_same_name_twice_is_two_rooms(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ids: set[UUID] = set()
    for _ in range(2):
        ids.add((await desk.commands.create_room(ada, title="Desk", kind="room")).id)
    assert len(ids) == 2
