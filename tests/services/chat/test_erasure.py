"""What a person said is erased for good, everywhere, and everybody sees it at once."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, literal_column, select
from sqlalchemy import table as sql_table

from outcry.kit.errors import NotFoundError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import FORMER_NAME, Message, Room
from outcry.services.chat.erasure import STEP
from outcry.services.chat.errors import MessageErasedError, NotStreamingError, RoomNotFoundError
from tests.services.chat.conftest import Desk, as_person
from tests.services.chat.test_export import answer, export


async def erase(desk: Desk, *people: Principal, organisations: tuple[UUID, ...] = ()) -> int:
    """Erase people and organisations."""
    ids = tuple(person.user_id for person in people)
    return await desk.personal.erase_people(person_ids=ids, organisation_ids=organisations)


async def shared(
    desk: Desk, *, title: str | None = None, kind: str = "conversation"
) -> tuple[Principal, Principal, Room]:
    """Make a room of Ada's with Bob in it."""
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title=title, kind=kind)
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    return ada, bob, room


async def history(desk: Desk, person: Principal, room: Room) -> tuple[Message, ...]:
    """Return what is said in a room."""
    return (await desk.queries.history(person, room.id, cursor=None, limit=200)).items


async def dump(desk: Desk, *tables: str) -> str:
    """Return everything that stands in these of the service's tables, in all of them when none is named, as text."""
    found: list[str] = []
    async with desk.database.reading() as session:
        for table in tables or ("room", "member", "message", "outbox"):
            everything: Select[Any] = select(literal_column("*")).select_from(sql_table(table))
            found.extend(repr(tuple(row)) for row in await session.execute(everything))
    return "\n".join(found)


async def test_their_words_and_the_replies_to_them_are_gone_and_others_stay(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    await answer(desk, ada, room, "zebra question", "about the zebra")
    await answer(desk, bob, room, "lion question", "about the lion")
    await desk.commands.post(ada, room.id, text="zebra again", client_id="c" * 8)
    heard = await desk.follow(f"room:{room.id}")
    assert await erase(desk, ada) == 5
    assert "zebra" not in await dump(desk)
    messages = await history(desk, bob, room)
    assert [(message.status, message.text) for message in messages] == [
        ("erased", ""),
        ("erased", ""),
        ("posted", "lion question"),
        ("complete", "about the lion"),
        ("erased", ""),
    ]
    assert [message.author.name for message in messages] == [FORMER_NAME, "Desk", "Bob", "Desk", FORMER_NAME]
    assert [message.version for message in messages] == [2, 2, 1, 1, 2]
    assert messages[1].answer is None
    shown = [update["message"] for update in heard if update["kind"] == "message"]
    assert [(one["sequence"], one["status"], one["text"]) for one in shown] == [
        (sequence, "erased", "") for sequence in (1, 2, 5)
    ]
    found = await desk.queries.get_room(bob, room.id)
    assert (found.title, found.last_text) == ("New conversation", "about the lion")
    assert [update["room"]["title"] for update in heard if update["kind"] == "room"][-1] == "New conversation"
    members = await desk.queries.list_members(bob, room.id)
    assert {(member.author.id, member.role) for member in members if member.author.kind == "person"} == {
        (bob.user_id, "owner")
    }
    assert await export(desk, ada) == {}


async def test_erasing_again_changes_nothing(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    await answer(desk, ada, room, "zebra question", "about the zebra")
    assert await erase(desk, ada) > 0
    before = await history(desk, bob, room)
    heard = await desk.follow(f"room:{room.id}")
    assert await erase(desk, ada) == 0
    assert await erase(desk, ada, organisations=(new_id(),)) == 0
    assert (await history(desk, bob, room), heard) == (before, [])


async def test_who_comes_back_to_the_socket_is_not_sent_the_words(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    left = await desk.realtime.position(f"room:{room.id}")
    await desk.commands.post(ada, room.id, text="zebra", client_id="c" * 8)
    await erase(desk, ada)
    assert (await history(desk, bob, room))[0].status == "erased"
    back = await desk.realtime.follow_log(f"room:{room.id}", left, lambda update: None)
    assert (back.reset, back.missed) == (True, ())


async def test_a_room_with_nobody_else_goes_whole(desk: Desk) -> None:
    ada, bob, room = await shared(desk, title="zebra plans", kind="room")
    await desk.commands.post(bob, room.id, text="lion", client_id="c" * 8)
    alone = await desk.commands.create_room(ada, title=None, kind="conversation")
    await answer(desk, ada, alone, "zebra", "zebra")
    await desk.commands.remove_member(bob, room.id, bob.user_id)
    own = await desk.follow(f"user:{ada.user_id}")
    await erase(desk, ada)
    assert {update["room_id"] for update in own if update["kind"] == "removed"} == {str(room.id), str(alone.id)}
    assert await dump(desk, "room", "member", "message") == ""
    assert "zebra" not in await dump(desk)
    with pytest.raises(RoomNotFoundError):
        await desk.queries.get_room(ada, alone.id)


async def test_what_they_said_in_a_room_since_left_goes_too(desk: Desk) -> None:
    ada, bob, room = await shared(desk, title="Plans", kind="room")
    await desk.commands.post(bob, room.id, text="zebra", client_id="c" * 8)
    await desk.commands.change_room(bob, room.id, title="zebra plans", archived=None)
    await desk.commands.remove_member(bob, room.id, bob.user_id)
    await erase(desk, bob)
    found = await desk.queries.get_room(ada, room.id)
    assert (found.title, found.last_text) == ("New room", "")
    assert "zebra" not in await dump(desk)


async def test_a_title_that_another_chose_stays(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    await desk.commands.post(ada, room.id, text="zebra", client_id="c" * 8)
    await desk.commands.change_room(bob, room.id, title="Lions", archived=None)
    await erase(desk, ada)
    assert (await desk.queries.get_room(bob, room.id)).title == "Lions"


async def test_a_reply_that_is_being_written_ends_and_cannot_be_had_again(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    asked = await desk.commands.post(ada, room.id, text="zebra", client_id="c" * 8)
    begin = partial(desk.replies.begin_reply, tenant_id=ada.tenant_id, room_id=room.id, reply_to=asked.id)
    reply = await begin()
    append = partial(
        desk.replies.append_reply, tenant_id=ada.tenant_id, message_id=reply.id, version=reply.version, activity=""
    )
    assert await append(at=0, text="The zebra")
    await erase(desk, ada)
    assert not await append(at=9, text=" runs")
    with pytest.raises(NotFoundError):
        await begin()
    with pytest.raises(MessageErasedError):
        await desk.commands.retry_reply(bob, room.id, reply.id)
    with pytest.raises(NotStreamingError):
        await desk.commands.stop_reply(bob, room.id, reply.id)
    assert await desk.replies.unfinished_replies() == ()
    said = await desk.replies.recent_messages(tenant_id=ada.tenant_id, room_id=room.id, before=99, limit=9)
    assert said == ()


async def test_many_messages_go_in_steps_while_others_post(desk: Desk) -> None:
    ada, bob, room = await shared(desk, kind="room")
    count = 2 * STEP + 5
    for number in range(count):
        await desk.commands.post(ada, room.id, text=f"zebra {number}", client_id=f"client-{number}")
    posts = (desk.commands.post(bob, room.id, text=f"lion {n}", client_id=f"client-{n}") for n in range(5))
    done, *_ = await asyncio.gather(erase(desk, ada), *posts)
    assert done == count + 2
    assert "zebra" not in await dump(desk)
    newest = await history(desk, bob, room)
    assert [message.text for message in newest if message.author.id == bob.user_id] == [f"lion {n}" for n in range(5)]


async def test_an_organisation_goes_whole_and_no_other(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    await answer(desk, ada, room, "zebra", "zebra")
    await desk.commands.post(bob, room.id, text="zebra", client_id="c" * 8)
    elsewhere = as_person(ada.user_id, await desk.crowd.new_organisation(), "member")
    kept = await desk.commands.create_room(elsewhere, title="Lions", kind="room")
    await desk.commands.post(elsewhere, kept.id, text="lion", client_id="c" * 8)
    own = await desk.follow(f"user:{bob.user_id}")
    assert await erase(desk, organisations=(ada.tenant_id,)) == 1 + 3 + 3
    assert {"kind": "removed", "room_id": str(room.id)} in own
    assert "zebra" not in await dump(desk)
    assert [message.text for message in await history(desk, elsewhere, kept)] == ["lion"]
    assert await erase(desk, organisations=(ada.tenant_id,)) == 0


async def test_others_are_never_touched(desk: Desk) -> None:
    ada, bob, room = await shared(desk)
    await answer(desk, ada, room, "lion", "lion")
    eve = await desk.new_person("Eve")
    before = await dump(desk)
    assert await erase(desk, eve, organisations=(eve.tenant_id,)) == 0
    assert await erase(desk) == 0
    assert await dump(desk) == before
    assert len(await history(desk, bob, room)) == 2
