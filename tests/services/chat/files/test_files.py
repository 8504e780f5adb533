"""Files come with messages, are had by who is in their room, and go with their message."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from outcry.kit.errors import ForbiddenError, InvalidInputError, TooLargeError, UnavailableError
from outcry.kit.ids import new_id
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.files import commands
from outcry.services.chat.files.commands import FileCommands
from outcry.services.chat.files.errors import FileMissingError, StorageFullError, TooManyWaitingError
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.models import MessageRow
from outcry.services.chat.settings import ChatSettings
from tests.services.chat.conftest import Desk
from tests.services.chat.files.samples import SECRET, make_picture
from tests.services.chat.files.sending import ON_ONE_ENGINE, PDF, had, keys, parts_of, post, room_of_two, send


async def test_a_file_is_posted_and_goes_with_its_message(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    picture = await send(desk, ada, room, make_picture("JPEG"), "desk.jpg")
    paper = await send(desk, ada, room)
    # Nobody else has it before it is posted.
    with pytest.raises(FileMissingError):
        await desk.filing.queries.get(bob, picture.id)
    message = await post(desk, ada, room, picture, paper, picture)
    assert message.files == (picture, paper)
    assert (picture.kind, picture.cleaned, picture.width, picture.height) == ("image", True, 60, 40)
    assert SECRET.encode() not in await had(desk, bob, picture.id)
    assert await had(desk, bob, paper.id) == PDF
    assert (await desk.queries.get_room(bob, room.id)).last_text == "desk.jpg, figures.pdf"
    shown = await desk.queries.history(bob, room.id, cursor=None, limit=5)
    assert shown.items[-1].files == message.files
    assert len(await keys(desk)) == 3
    assert all(key.startswith(f"{ada.tenant_id}/chat/") for key in await keys(desk))

    gone = await desk.messages.remove(ada, room.id, message.id)
    assert gone.files == ()
    for person in (ada, bob):
        with pytest.raises(FileMissingError):
            await desk.filing.queries.get(person, paper.id)
    assert await desk.filing.sweeper.sweep() == 2
    assert await keys(desk) == []
    assert (await desk.queries.get_room(bob, room.id)).last_text == ""


async def test_the_same_bytes_are_kept_once_until_the_last_one_goes(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    first = await post(desk, ada, room, await send(desk, ada, room))
    second = await post(desk, bob, room, await send(desk, bob, room, name="again.pdf"))
    assert len(await keys(desk)) == 1
    await desk.messages.remove(ada, room.id, first.id)
    assert await desk.filing.sweeper.sweep() == 0
    assert await had(desk, ada, second.files[0].id) == PDF
    # Sent anew between the message's end and the sweeping.
    await desk.messages.remove(bob, room.id, second.id)
    third = await send(desk, bob, room)
    assert await desk.filing.sweeper.sweep() == 0
    assert await had(desk, bob, third.id) == PDF
    await desk.filing.commands.discard(bob, third.id)
    assert await desk.filing.sweeper.sweep() == 1
    assert await keys(desk) == []


async def test_sending_and_sweeping_at_once_loses_nothing(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    for _ in range(5):
        old = await send(desk, ada, room)
        await desk.filing.commands.discard(ada, old.id)
        new, *_ = await asyncio.gather(send(desk, ada, room), desk.filing.sweeper.sweep(), desk.filing.sweeper.sweep())
        await desk.filing.sweeper.sweep()
        assert await had(desk, ada, new.id) == PDF
        await desk.filing.commands.discard(ada, new.id)


@ON_ONE_ENGINE
async def test_only_the_room_has_it_and_only_while_they_are_in_it(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    message = await post(desk, ada, room, await send(desk, ada, room))
    colleague = await desk.new_person("Cleo", ada.tenant_id)
    eve = await desk.new_person("Eve")
    for stranger in (colleague, eve):
        with pytest.raises(FileMissingError):
            await desk.filing.queries.get(stranger, message.files[0].id)
        with pytest.raises(RoomNotFoundError):
            await desk.filing.queries.list_in_room(stranger, room.id, which="all", cursor=None, limit=5)
        with pytest.raises(RoomNotFoundError):
            await send(desk, stranger, room)
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    with pytest.raises(FileMissingError):
        await desk.filing.queries.get(bob, message.files[0].id)


@ON_ONE_ENGINE
async def test_who_only_reads_sends_nothing(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    await desk.rooms.change_role(ada, room.id, bob.user_id, role="reader")
    with pytest.raises(ForbiddenError):
        await send(desk, bob, room)
    assert await keys(desk) == []


@ON_ONE_ENGINE
async def test_files_of_others_and_of_other_rooms_are_posted_by_nobody(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    file = await send(desk, ada, room)
    for person, place, wanted in ((bob, room, file.id), (ada, other, file.id), (ada, room, new_id())):
        extras = Extras(file_ids=[wanted])
        with pytest.raises(FileMissingError):
            await desk.commands.post(person, place.id, text="mine", client_id=new_id().hex, extras=extras)
    await post(desk, ada, room, file)
    with pytest.raises(FileMissingError):
        await post(desk, ada, room, file)
    with pytest.raises(FileMissingError):
        await desk.filing.commands.discard(ada, file.id)
    with pytest.raises(InvalidInputError):
        await post(desk, ada, room)


@ON_ONE_ENGINE
async def test_posting_again_gives_the_first_and_two_at_once_share_no_file(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    file = await send(desk, ada, room)
    extras, name = Extras(file_ids=[file.id]), new_id().hex
    first = await desk.commands.post(ada, room.id, text="", client_id=name, extras=extras)
    assert await desk.commands.post(ada, room.id, text="", client_id=name, extras=extras) == first
    file = await send(desk, ada, room)
    tries = await asyncio.gather(*(post(desk, ada, room, file) for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in tries) == ["FileMissingError"] * 3 + ["Message"]


@ON_ONE_ENGINE
async def test_a_message_of_files_can_have_words_and_lose_them(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    message = await post(desk, ada, room, await send(desk, ada, room), text="See this")
    edited = await desk.messages.edit(ada, room.id, message.id, text="")
    assert (edited.text, edited.files) == ("", message.files)
    words = await desk.commands.post(ada, room.id, text="Words", client_id=new_id().hex)
    with pytest.raises(InvalidInputError):
        await desk.messages.edit(ada, room.id, words.id, text=" ")


@ON_ONE_ENGINE
async def test_the_desk_is_asked_nothing_by_a_file_alone(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    await post(desk, ada, room, await send(desk, ada, room))
    assert (await desk.queries.get_room(ada, room.id)).title == "New conversation"


@ON_ONE_ENGINE
async def test_limits_are_told_and_nothing_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, _, room = await room_of_two(desk)
    settings = ChatSettings(largest_file=5_000, organisation_files=6_000)
    small = FileCommands(database=desk.database, store=FileStore(desk.blobs), clock=desk.clock, settings=settings)
    with pytest.raises(TooLargeError):
        await small.upload(ada, room.id, name="a", body=parts_of(b"x" * 5_001))
    assert await keys(desk) == []
    await small.upload(ada, room.id, name="a", body=parts_of(b"x" * 5_000))
    # The same bytes take no more room; others do.
    await small.upload(ada, room.id, name="b", body=parts_of(b"x" * 5_000))
    with pytest.raises(StorageFullError):
        await small.upload(ada, room.id, name="c", body=parts_of(b"y" * 2_000))
    assert len(await keys(desk)) == 1
    monkeypatch.setattr(commands, "MOST_UNPOSTED", 2)
    with pytest.raises(TooManyWaitingError):
        await small.upload(ada, room.id, name="d", body=parts_of(b"z"))


@ON_ONE_ENGINE
async def test_what_is_not_posted_goes_after_a_day_and_what_is_stays(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    kept = await post(desk, ada, room, await send(desk, ada, room))
    left = await send(desk, ada, room, b"forgotten")
    desk.clock.advance(timedelta(hours=23))
    await desk.filing.sweeper.drop_old()
    assert await had(desk, ada, left.id) == b"forgotten"
    desk.clock.advance(timedelta(hours=2))
    await desk.filing.sweeper.drop_old()
    await desk.filing.sweeper.sweep()
    with pytest.raises(FileMissingError):
        await desk.filing.queries.get(ada, left.id)
    assert len(await keys(desk)) == 1
    # Somebody deletes the message and says nothing of files.
    async with desk.database.transaction() as transaction:
        await transaction.session.delete(await transaction.session.get_one(MessageRow, kept.id))
    await desk.filing.sweeper.drop_old()
    await desk.filing.sweeper.sweep()
    assert await keys(desk) == []


@ON_ONE_ENGINE
async def test_an_upload_that_cannot_be_kept_leaves_nothing_that_can_be_posted(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)

    class Broken(FileStore):
        async def put(self, tenant_id: UUID, digest: str, data: bytes, thumbnail: bytes | None) -> None:
            raise UnavailableError("The file could not be stored.")

    broken = FileCommands(database=desk.database, store=Broken(desk.blobs), clock=desk.clock, settings=ChatSettings())
    with pytest.raises(UnavailableError):
        await broken.upload(ada, room.id, name="a", body=parts_of(PDF))
    async with desk.database.reading() as session:
        (row,) = list(await session.scalars(select(FileRow)))
    with pytest.raises(FileMissingError):
        await desk.commands.post(ada, room.id, text="", client_id=new_id().hex, extras=Extras(file_ids=[row.id]))
    desk.clock.advance(timedelta(days=2))
    await desk.filing.sweeper.drop_old()
    assert await desk.filing.sweeper.sweep() == 1


@ON_ONE_ENGINE
async def test_a_room_lists_its_files_and_search_finds_them(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    for number in range(3):
        files = [await send(desk, ada, room, f"{number}{letter}".encode(), f"{number}{letter}.txt") for letter in "ab"]
        await post(desk, ada, room, *files, text=f"number {number}")
    picture = await post(desk, bob, room, await send(desk, bob, room, make_picture("PNG"), "yield curve.png"))

    async def listed(which: Any) -> list[str]:
        names: list[str] = []
        cursor = None
        while True:
            page = await desk.filing.queries.list_in_room(bob, room.id, which=which, cursor=cursor, limit=2)
            names += [each.file.name for each in page.items]
            if (cursor := page.next_cursor) is None:
                return names

    assert await listed("others") == ["2b.txt", "2a.txt", "1b.txt", "1a.txt", "0b.txt", "0a.txt"]
    assert await listed("images") == ["yield curve.png"]
    assert (await listed("all"))[0] == "yield curve.png"
    await desk.indexer.catch_up()

    async def found(query: str) -> int:
        return len((await desk.search.search(bob, query=query, cursor=None, limit=20)).items)

    assert [await found(query) for query in ("has:file", "has:image", "has:file number", "yield", "1b.txt")] == [
        4, 1, 3, 1, 1
    ]  # fmt: skip
    await desk.messages.remove(bob, room.id, picture.id)
    await desk.indexer.catch_up()
    assert await found("has:image") == 0


@ON_ONE_ENGINE
async def test_erasing_somebody_takes_their_files_and_nobody_elses(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    theirs = await post(desk, bob, room, await send(desk, bob, room, make_picture("PNG"), "me.png"))
    await send(desk, bob, room, b"not posted", "draft.txt")
    mine = await post(desk, ada, room, await send(desk, ada, room))
    (listed,) = [file for file in await desk.personal.export_person(person_id=bob.user_id) if "files" in file.path]
    assert '"name": "me.png"' in listed.text
    assert "figures.pdf" not in listed.text
    await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=())
    assert len(await keys(desk)) == 1
    with pytest.raises(FileMissingError):
        await desk.filing.queries.get(ada, theirs.files[0].id)
    assert await had(desk, ada, mine.files[0].id) == PDF
    await desk.personal.erase_people(person_ids=(), organisation_ids=(ada.tenant_id,))
    assert await keys(desk) == []
