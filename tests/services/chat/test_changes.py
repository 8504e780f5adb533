"""The seam of changes: written and shown together, in order, or neither."""

import asyncio
from uuid import UUID

import pytest

from outcry.services.chat.contracts import RoomUpdate
from outcry.services.chat.events import ReplyStopped
from outcry.services.chat.membership import room_of
from tests.services.chat.conftest import Desk


async def test_what_is_told_is_shown_after_the_commit_and_in_its_order(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    heard, own = await desk.follow(f"room:{room.id}"), await desk.follow(f"user:{ada.user_id}")

    async def rename(number: int) -> None:
        async with desk.changes.of(room.id) as change:
            row, _ = await room_of(change.session, ada, room.id, lock=True)
            row.title = f"{row.title}{number}"
            change.tell(RoomUpdate(kind="room", room=row.to_room(archived=False)))
            change.tell_person(ada.user_id, {"kind": "rooms", "number": number})
            assert all(update["room"]["title"] != row.title for update in heard)

    await asyncio.gather(*(rename(number) for number in range(4)))
    assert [update["room"]["title"] for update in heard] == ["Desk0", "Desk01", "Desk012", "Desk0123"]
    assert [update["number"] for update in own] == [0, 1, 2, 3]


async def test_a_change_that_raises_writes_and_shows_nothing(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    heard = await desk.follow(f"room:{room.id}")
    before = len(await desk.database.pending(after=0, limit=100))
    with pytest.raises(LookupError):
        async with desk.changes.of(room.id) as change:
            row, _ = await room_of(change.session, ada, room.id, lock=True)
            row.title = "Never"
            change.publish(ReplyStopped(room_id=room.id, message_id=room.id), tenant_id=ada.tenant_id, key="k")
            change.tell(RoomUpdate(kind="room", room=row.to_room(archived=False)))
            raise LookupError("no")
    assert heard == []
    assert len(await desk.database.pending(after=0, limit=100)) == before
    assert (await desk.queries.get_room(ada, room.id)).title == "Desk"


async def test_changes_of_several_rooms_do_not_wait_for_each_other_forever(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    one, two = [await desk.commands.create_room(ada, title=title, kind="room") for title in ("One", "Two")]
    heard = await desk.follow(f"room:{two.id}")

    async def touch(first: UUID, second: UUID) -> None:
        async with desk.changes.of(first, second) as change:
            row, _ = await room_of(change.session, ada, two.id, lock=True)
            change.tell(RoomUpdate(kind="room", room=row.to_room(archived=False)), room_id=two.id)

    async with asyncio.timeout(10):
        await asyncio.gather(*(touch(*pair) for pair in [(one.id, two.id), (two.id, one.id)] * 3))
    assert len(heard) == 6
