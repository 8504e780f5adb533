"""Who has seen what: shown to those who show it too, and told as one state, however many readers there are."""

import json
from dataclasses import replace
from typing import Any

import pytest

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Room
from outcry.services.chat.presence.contracts import Standing
from outcry.services.chat.receipts.contracts import ReadCount, Receipts
from outcry.services.chat.receipts.queries import receipts_topic
from tests.services.chat.conftest import Desk
from tests.services.chat.receipts.test_unread import post, read, shared, unread


async def receipts(desk: Desk, person: Principal, room: Room) -> dict[Any, tuple[int, int]]:
    """Return what somebody sees of a room's receipts: read and delivered by person."""
    await desk.attendance.settle()
    found = await desk.attendance.receipt_queries.get_receipts(person, room.id)
    return {each.person_id: (each.read, each.delivered) for each in found.receipts}


async def test_everybody_sees_how_far_the_others_have_read_and_have_it(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    last = await post(desk, ada, room, 4)
    phone, desktop = bob, replace(bob, session_id=new_id())
    await desk.attendance.receipts.mark_read(phone, room.id, read=1, delivered=2)
    await desk.attendance.receipts.mark_read(desktop, room.id, read=0, delivered=4)
    await desk.attendance.receipts.mark_read(phone, room.id, read=0, delivered=3)
    for person in (ada, bob, cleo):
        assert await receipts(desk, person, room) == {ada.user_id: (last, last), bob.user_id: (1, 4)}
    with pytest.raises(NotFoundError):
        await receipts(desk, await desk.new_person("Eve"), room)


async def test_a_thousand_reads_of_a_room_are_one_state_told_after_another(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    last = await post(desk, ada, room, 3)
    await desk.attendance.settle()
    log, told = await desk.follow(f"room:{room.id}"), []
    topic = receipts_topic(ada.tenant_id, room.id)
    await desk.realtime.follow_latest(topic, lambda update: told.append(json.loads(update.data)))
    for _ in range(500):
        for person in (ada, bob):
            desk.attendance.receipts.note_read(person, room.id, read=last)
    await desk.attendance.settle()
    assert log == []
    assert 1 <= len(told) <= 3
    fresh = await desk.attendance.receipt_queries.get_receipts(ada, room.id)
    assert Receipts(**{**told[-1], "receipts": fresh.receipts, "counts": (), "room_id": room.id}) == fresh
    assert {each["person_id"] for each in told[-1]["receipts"]} == {str(ada.user_id), str(bob.user_id)}


async def test_who_has_seen_a_message_is_listed_by_name_page_by_page(desk: Desk) -> None:
    (ada, bob, cleo, dan), room = await shared(desk, "Ada", "Bob", "Cleo", "Dan")
    message = await desk.commands.post(ada, room.id, text="hello", client_id="c" * 8)
    await read(desk, bob, room, 1)
    await read(desk, cleo, room, 1)
    await desk.attendance.receipts.mark_read(dan, room.id, read=0, delivered=1)
    queries = desk.attendance.receipt_queries
    page = await queries.list_seen(ada, room.id, message.id, cursor=None, limit=1)
    assert (page.people, page.seen, page.delivered, page.items[0].name) == (3, 2, 3, "Bob")
    rest = await queries.list_seen(ada, room.id, message.id, cursor=page.next_cursor, limit=1)
    assert ([each.name for each in rest.items], rest.next_cursor) == (["Cleo"], None)
    with pytest.raises(NotFoundError):
        await queries.list_seen(ada, room.id, new_id(), cursor=None, limit=1)
    with pytest.raises(InvalidInputError):
        await queries.list_seen(ada, room.id, message.id, cursor="WyJ4Il0", limit=1)


async def test_who_shows_no_receipts_is_told_of_none_and_nothing_of_theirs_is_shown(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    message = await desk.commands.post(ada, room.id, text="hello", client_id="c" * 8)
    await read(desk, bob, room, 1)
    own = await desk.follow(f"user:{bob.user_id}")
    await desk.attendance.presence.choose(bob, Standing(receipts=False))
    # His open sockets let go of the topics that they follow.
    assert {"kind": "ended", "topics": "receipts:"} in own
    assert await receipts(desk, ada, room) == {ada.user_id: (1, 1)}
    queries = desk.attendance.receipt_queries
    seen = await queries.list_seen(ada, room.id, message.id, cursor=None, limit=9)
    assert (seen.items, seen.seen, seen.delivered) == ((), 0, 0)
    hidden = await queries.get_receipts(bob, room.id)
    assert (hidden.hidden, hidden.receipts, hidden.counts) == (True, (), ())
    place = f"{ada.tenant_id}:{room.id}"
    assert await queries.may_listen(ada, place)
    assert not await queries.may_listen(bob, place)
    assert (await queries.list_seen(bob, room.id, message.id, cursor=None, limit=9)).seen == 0
    # Their own counts go on.
    await post(desk, ada, room)
    await read(desk, bob, room, 2)
    assert (await unread(desk, bob, room)).read == 2


async def test_what_somebody_reads_while_invisible_is_not_shown_also_later(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await post(desk, ada, room, 2)
    await read(desk, bob, room, 1)
    await desk.attendance.presence.choose(bob, Standing(state="invisible"))
    await read(desk, bob, room, 2)
    assert (await receipts(desk, ada, room))[bob.user_id] == (1, 1)
    await desk.attendance.presence.choose(bob, Standing())
    assert (await receipts(desk, ada, room))[bob.user_id] == (1, 1)
    await post(desk, ada, room)
    await read(desk, bob, room, 3)
    assert (await receipts(desk, ada, room))[bob.user_id] == (3, 3)


async def test_in_large_rooms_readers_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.services.chat.receipts.queries.MOST_FACES", 2)
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    await post(desk, ada, room, 3)
    for person, place in ((bob, 1), (cleo, 3)):
        await read(desk, person, room, place)
    await desk.attendance.settle()
    found = await desk.attendance.receipt_queries.get_receipts(ada, room.id)
    assert (found.people, found.receipts) == (3, ())
    assert found.counts == (ReadCount(sequence=3, people=2), ReadCount(sequence=1, people=1))


async def test_only_members_may_follow_receipts(desk: Desk) -> None:
    (ada, _), room = await shared(desk, "Ada", "Bob")
    queries = desk.attendance.receipt_queries
    eve = await desk.new_person("Eve")
    assert not await queries.may_listen(eve, f"{eve.tenant_id}:{room.id}")
    assert not await queries.may_listen(ada, "nonsense")
    assert not await queries.may_listen(replace(ada, scopes=frozenset()), f"{ada.tenant_id}:{room.id}")


async def test_the_traces_of_a_person_are_given_out_and_erased(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await post(desk, ada, room)
    await read(desk, bob, room, 1)
    await desk.attendance.presence.choose(bob, Standing(text="At lunch", emoji="🥪"))
    files = {file.path: file.text for file in await desk.personal.export_person(person_id=bob.user_id)}
    held = json.loads(files["chat/presence.json"])
    assert held["chosen"][0]["text"] == "At lunch"
    assert held["read"] == [{"room_id": str(room.id), "up_to": 1, "shown": 1}]
    assert held["delivered"][0]["session_id"] == str(bob.session_id)
    await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=())
    await desk.attendance.settle()
    assert "chat/presence.json" not in {f.path for f in await desk.personal.export_person(person_id=bob.user_id)}
    assert await desk.attendance.presence_queries.get_standing(bob) == Standing()
    assert bob.user_id not in await receipts(desk, ada, room)
