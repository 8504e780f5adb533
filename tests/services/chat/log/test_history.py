"""What who was away is told: all of it as it is now, or to load the room anew."""

import json
from datetime import timedelta
from typing import get_args, get_type_hints

import pytest
from sqlalchemy import delete

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.message_log import NewEntry
from outcry.services.chat.contracts import Room, RoomUpdate
from outcry.services.chat.log import history
from outcry.services.chat.log.states import STATES
from outcry.services.chat.log.trimming import LogTrimmer
from outcry.services.chat.models import MessageRow
from outcry.services.chat.settings import ChatSettings
from tests.services.chat.conftest import Desk


async def make_room(desk: Desk, posts: int = 3) -> tuple[Principal, Room]:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    for number in range(posts):
        await desk.commands.post(ada, room.id, text=f"message {number}", client_id=f"{number:08}")
    return ada, room


def test_every_kind_that_a_room_tells_can_be_read_later() -> None:
    kinds = set(get_args(get_type_hints(RoomUpdate)["kind"]))
    # The pieces of a reply are read as its whole message.
    assert kinds - {"delta", "activity"} == set(STATES)


async def test_nothing_missed_is_nothing(desk: Desk) -> None:
    _, room = await make_room(desk)
    here = await desk.history.position(str(room.id))
    past = await desk.history.since(str(room.id), here)
    assert past is not None
    assert (past.position, past.updates) == (here, ())


async def test_what_is_gone_is_left_out_and_the_end_is_reached(desk: Desk) -> None:
    ada, room = await make_room(desk, posts=0)
    start = await desk.history.position(str(room.id))
    for number in range(3):
        await desk.commands.post(ada, room.id, text=f"message {number}", client_id=f"{number:08}")
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(delete(MessageRow).where(MessageRow.sequence == 3))
    past = await desk.history.since(str(room.id), start)
    assert past is not None
    told = [(offset, json.loads(data)["kind"]) for offset, data in past.updates]
    assert told == [(1, "message"), (2, "message"), (3, "room")]
    assert past.position.offset == 3


async def test_too_much_and_a_kind_of_another_version_are_loaded_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, room = await make_room(desk, posts=0)
    start = await desk.history.position(str(room.id))
    await desk.commands.post(ada, room.id, text="one", client_id="a" * 8)
    await desk.commands.post(ada, room.id, text="two", client_id="b" * 8)
    monkeypatch.setattr(history, "MOST_MISSED", 1)
    assert await desk.history.since(str(room.id), start) is None
    monkeypatch.undo()
    assert await desk.history.since(str(room.id), start) is not None
    async with desk.database.transaction() as transaction:
        await desk.log.append(transaction, [NewEntry(log_id=room.id, kind="holograms", subject_id=new_id())])
    assert await desk.history.since(str(room.id), start) is None


async def test_of_a_room_that_is_deleted_nothing_is_read(desk: Desk) -> None:
    ada, room = await make_room(desk)
    here = await desk.history.position(str(room.id))
    assert here.offset == 3
    await desk.personal.erase_people(person_ids=(), organisation_ids=(ada.tenant_id,))
    assert await desk.history.since(str(room.id), here) is None
    assert (await desk.history.position(str(room.id))).offset == 0


async def test_old_ends_are_cut_as_the_settings_say(desk: Desk) -> None:
    ada, room = await make_room(desk, posts=0)
    start = await desk.history.position(str(room.id))
    await desk.commands.post(ada, room.id, text="old", client_id="a" * 8)
    trimmer = LogTrimmer(log=desk.log, clock=desk.clock, settings=ChatSettings(log_days=2))
    desk.clock.advance(timedelta(days=1))
    assert await trimmer.trim() == 0
    desk.clock.advance(timedelta(days=2))
    await desk.commands.post(ada, room.id, text="new", client_id="b" * 8)
    assert await trimmer.trim() == 1
    assert await desk.history.since(str(room.id), start) is None
