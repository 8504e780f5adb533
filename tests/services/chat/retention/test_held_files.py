"""Files of messages that were taken away under a hold: kept for administrators alone, and let go after it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Request

from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message, Room
from outcry.services.chat.events import HeldFileRead
from outcry.services.chat.files.errors import FileMissingError
from outcry.services.chat.retention.contracts import HeldMessage
from tests.services.chat.conftest import Desk
from tests.services.chat.files.samples import make_picture
from tests.services.chat.files.sending import ON_ONE_ENGINE, PDF, had, keys, post, room_of_two, send
from tests.services.chat.messages.rooms import say
from tests.services.chat.outbox import events_of

TakingAway = Callable[[Desk, Principal, Message], Awaitable[object]]


async def remove(desk: Desk, author: Principal, message: Message) -> None:
    await desk.messages.remove(author, message.room_id, message.id)


async def withdraw(desk: Desk, author: Principal, message: Message) -> None:
    await desk.messages.withdraw(author, message.room_id, message.id)


async def erase(desk: Desk, author: Principal, message: Message) -> None:
    await desk.personal.erase_people(person_ids=(author.user_id,), organisation_ids=())


async def erase_removed(desk: Desk, author: Principal, message: Message) -> None:
    await remove(desk, author, message)
    await erase(desk, author, message)


async def held_room(desk: Desk) -> tuple[Principal, Principal, Principal, Room]:
    """Make a room of two under a hold, and the administrator who placed it and is not in the room."""
    ada, bob, room = await room_of_two(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    await desk.retention.commands.hold(boss, room.id, reason="Case 7")
    return boss, ada, bob, room


async def held_in(desk: Desk, person: Principal, room_id: UUID) -> tuple[HeldMessage, ...]:
    return (await desk.retention.queries.list_held(person, room_id, cursor=None, limit=50)).items


async def held_bytes(desk: Desk, person: Principal, file_id: UUID) -> bytes:
    row = await desk.retention.queries.held_file(person, file_id)
    store = desk.retention.queries.store
    return b"".join([part async for part in store.parts(row.tenant_id, row.digest, 0, row.size)])


@pytest.mark.parametrize("take_away", [withdraw, erase, erase_removed])
async def test_files_of_what_was_taken_away_are_the_administrators_until_the_hold_is_lifted(
    desk: Desk, take_away: TakingAway
) -> None:
    boss, ada, bob, room = await held_room(desk)
    picture = await send(desk, bob, room, make_picture("PNG"), "desk.png")
    message = await post(desk, bob, room, await send(desk, bob, room), picture)
    await desk.marks.react(ada, room.id, message.id, "👍")
    paper = message.files[0]
    await take_away(desk, bob, message)
    await desk.filing.sweeper.drop_old()
    assert await desk.filing.sweeper.sweep() == 0

    # Nobody in the room has them, whoever it is, and neither has the administrator but as what is held.
    stranger = await desk.new_person("Eve", role="admin")
    for person in (ada, bob, boss, stranger):
        for get in (desk.filing.queries.get, desk.filing.queries.thumbnail):
            with pytest.raises(FileMissingError):
                await get(person, picture.id)
    listed = await desk.filing.queries.list_in_room(ada, room.id, which="all", cursor=None, limit=5)
    assert listed.items == ()
    assert (await desk.search.search(ada, query="has:file", cursor=None, limit=5)).items == ()
    (held,) = await held_in(desk, boss, room.id)
    assert (held.text, held.files, held.record) == ("", (paper, picture), {})
    assert [(each.emoji, each.person.name) for each in held.reactions] == [("👍", "Ada")]
    assert await held_bytes(desk, boss, paper.id) == PDF
    with pytest.raises(FileMissingError):
        await held_bytes(desk, stranger, paper.id)
    (told,) = await events_of(desk.database, HeldFileRead)
    assert (told.room_id, told.message_id, told.file_id) == (room.id, message.id, paper.id)

    await desk.retention.commands.release(boss, room.id)
    with pytest.raises(FileMissingError):
        await held_bytes(desk, boss, paper.id)
    assert await desk.filing.sweeper.sweep() == 2
    assert await keys(desk) == []


async def test_two_rooms_share_the_bytes_and_each_lets_go_of_its_own(desk: Desk) -> None:
    boss, ada, bob, room = await held_room(desk)
    free = await desk.commands.create_room(ada, title="Free", kind="private")
    there = await post(desk, bob, room, await send(desk, bob, room))
    here = await post(desk, ada, free, await send(desk, ada, free))
    assert len(await keys(desk)) == 1
    await remove(desk, bob, there)
    await remove(desk, ada, here)
    with pytest.raises(FileMissingError):
        await held_bytes(desk, boss, here.files[0].id)
    assert await desk.filing.sweeper.sweep() == 0
    assert await held_bytes(desk, boss, there.files[0].id) == PDF
    # Lifted while somebody has the same bytes on a message: these stay theirs.
    again = await post(desk, ada, room, await send(desk, ada, room))
    await desk.retention.commands.release(boss, room.id)
    assert await desk.filing.sweeper.sweep() == 0
    assert await had(desk, ada, again.files[0].id) == PDF
    await remove(desk, ada, again)
    assert await desk.filing.sweeper.sweep() == 1


async def test_the_hold_of_the_organisation_keeps_what_that_of_the_room_lets_go(desk: Desk) -> None:
    boss, _, bob, room = await held_room(desk)
    message = await post(desk, bob, room, await send(desk, bob, room))
    await remove(desk, bob, message)
    await desk.retention.commands.hold(boss, None, reason="All of it")
    await desk.retention.commands.release(boss, room.id)
    await desk.filing.sweeper.drop_old()
    assert await desk.filing.sweeper.sweep() == 0
    assert await held_bytes(desk, boss, message.files[0].id) == PDF
    # Only the organisation itself outranks its hold.
    await desk.personal.erase_people(person_ids=(), organisation_ids=(boss.tenant_id,))
    assert await keys(desk) == []


async def test_lifting_a_hold_while_something_is_taken_away_leaves_nothing_behind(desk: Desk) -> None:
    boss, _, bob, room = await held_room(desk)
    for _ in range(8):
        message = await post(desk, bob, room, await send(desk, bob, room))
        await asyncio.gather(remove(desk, bob, message), desk.retention.commands.release(boss, room.id))
        assert await held_in(desk, boss, room.id) == ()
        await desk.filing.sweeper.sweep()
        assert await keys(desk) == []
        await desk.retention.commands.hold(boss, room.id, reason="Again")


@ON_ONE_ENGINE
async def test_what_was_not_posted_goes_under_a_hold_too(desk: Desk) -> None:
    _, ada, bob, room = await held_room(desk)
    thrown = await send(desk, bob, room)
    await desk.filing.commands.discard(bob, thrown.id)
    assert await desk.filing.sweeper.sweep() == 1
    await send(desk, bob, room)
    desk.clock.advance(timedelta(days=2))
    await desk.filing.sweeper.drop_old()
    assert await desk.filing.sweeper.sweep() == 1
    await send(desk, ada, room)
    await erase(desk, ada, await say(desk, bob, room, "hello"))
    assert await keys(desk) == []


@ON_ONE_ENGINE
async def test_what_is_there_is_no_held_file(desk: Desk) -> None:
    boss, _, bob, room = await held_room(desk)
    message = await post(desk, bob, room, await send(desk, bob, room))
    for file_id in (message.files[0].id, (await send(desk, bob, room)).id, new_id()):
        with pytest.raises(FileMissingError):
            await desk.retention.queries.held_file(boss, file_id)
    assert await events_of(desk.database, HeldFileRead) == []


@ON_ONE_ENGINE
async def test_exports_tell_of_what_is_held_and_not_of_others(desk: Desk) -> None:
    _, ada, bob, room = await held_room(desk)
    message = await post(desk, bob, room, await send(desk, bob, room), text="words")
    await desk.marks.react(ada, room.id, message.id, "👍")
    await remove(desk, bob, message)
    his, hers = [
        {file.path: file.text for file in await desk.personal.export_person(person_id=person.user_id)}
        for person in (bob, ada)
    ]
    assert "figures.pdf" in his["chat/holds.json"]
    assert '"path": null' in his["chat/files.json"]
    assert str(ada.user_id) not in his["chat/holds.json"]
    assert "👍" in hers["chat/holds.json"]
    assert "words" not in hers["chat/holds.json"]


async def test_rooms_with_something_held_are_listed_by_pages(desk: Desk) -> None:
    boss, ada, bob, room = await held_room(desk)
    await desk.retention.commands.hold(boss, None, reason="All of it")
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    for person, place, text in ((bob, room, "one"), (ada, room, "two"), (ada, other, "three")):
        await remove(desk, person, await say(desk, person, place, text))
    await say(desk, ada, await desk.commands.create_room(ada, title="Untouched", kind="private"), "stays")
    queries = desk.retention.queries
    first = await queries.list_held_rooms(boss, cursor=None, limit=1)
    rest = await queries.list_held_rooms(boss, cursor=first.next_cursor, limit=5)
    assert [(each.title, each.messages) for each in (*first.items, *rest.items)] == [("Rates", 2), ("Other", 1)]
    assert rest.next_cursor is None
    stranger = await desk.new_person("Eve", role="admin")
    assert (await queries.list_held_rooms(stranger, cursor=None, limit=5)).items == ()
    with pytest.raises(InvalidInputError):
        await queries.list_held_rooms(boss, cursor="WyJ4Il0", limit=5)


@ON_ONE_ENGINE
async def test_bytes_go_out_to_be_saved_and_nothing_else(desk: Desk) -> None:
    boss, _, bob, room = await held_room(desk)
    message = await post(desk, bob, room, await send(desk, bob, room, make_picture("PNG"), "desk.png"))
    await remove(desk, bob, message)
    app = FastAPI()
    app.include_router(desk.retention.router())

    async def authenticate(request: Request) -> Principal:
        return boss

    app.state.authenticate = authenticate
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test/api/v1") as http:
        answer = await http.get(f"/holds/files/{message.files[0].id}", headers={"range": "bytes=0-1"})
    assert answer.status_code == 200
    assert len(answer.content) == message.files[0].size
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert (answer.headers["cache-control"], answer.headers["accept-ranges"]) == ("no-store", "none")
