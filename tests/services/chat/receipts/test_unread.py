"""What is unread for whom: counted right, over all devices, and told so that every screen shows the same."""

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import HERE_ID, Answer, Message, Room
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.receipts.contracts import News, PersonUpdate, Unread, UnreadRooms
from outcry.services.chat.receipts.unread import MOST_COUNTED
from tests.services.chat.conftest import Desk

_numbers = itertools.count()
SECOND = timedelta(seconds=1)
UPDATE = TypeAdapter(PersonUpdate)


class Screen:
    """What a page shows of the unread: the counts as they were, then what the person's own topic tells."""

    def __init__(self, me: Principal, state: UnreadRooms) -> None:
        self._me = me.user_id
        self._states = {unread.room_id: unread for unread in state.rooms}
        self._news: dict[UUID, dict[int, News]] = {}
        self.recounts = 0

    def hear(self, body: dict[str, Any]) -> None:
        """Take over an update."""
        if body["kind"] not in ("unread", "news", "recount"):
            return
        update = UPDATE.validate_python(body)
        if update.kind == "recount":
            self.recounts += 1
        elif update.unread is not None:
            self._states[update.room_id] = update.unread
        for message in update.messages:
            self._news.setdefault(update.room_id, {})[message.sequence] = message

    def count(self, room_id: UUID) -> tuple[int, int]:
        """Return the numbers on the room's badge: unread messages, and those that name the person."""
        state = self._states[room_id]
        news = self._news.get(room_id, {})
        newer = [
            each for each in news.values() if each.sequence > max(state.last, state.read) and each.author_id != self._me
        ]
        named = sum(bool({self._me, HERE_ID} & set(each.mentions)) for each in newer)
        return state.unread + len(newer), state.mentions + named


async def shared(desk: Desk, *names: str) -> tuple[list[Principal], Room]:
    """Make a room of people."""
    first = await desk.new_person(names[0])
    people = [first, *[await desk.new_person(name, first.tenant_id) for name in names[1:]]]
    room = await desk.commands.create_room(first, title="Desk", kind="private")
    for name in names[1:]:
        await desk.commands.add_member(first, room.id, email=f"{name.lower()}@example.com")
    return people, room


async def post(desk: Desk, person: Principal, room: Room, count: int = 1) -> int:
    """Post messages; return the sequence of the last."""
    for _ in range(count):
        text, client_id = "hello", f"client-{next(_numbers):06}"
        message = await desk.commands.post(person, room.id, text=text, client_id=client_id)
    return message.sequence


async def name(desk: Desk, person: Principal, room: Room, whom: Principal, *, everybody: bool = False) -> Message:
    """Post a message that names somebody, or everybody."""
    label = "@here" if everybody else "@them"
    named = () if everybody else (NamedPerson(label=label, person_id=whom.user_id),)
    return await desk.commands.post(
        person, room.id, text=f"{label} look", client_id=f"client-{next(_numbers):06}", extras=Extras(mentions=named)
    )


async def unread(desk: Desk, person: Principal, room: Room) -> Unread:
    """Return how a room stands for somebody."""
    await desk.attendance.settle()
    state = await desk.attendance.receipt_queries.list_unread(person)
    return next(each for each in state.rooms if each.room_id == room.id)


async def read(desk: Desk, person: Principal, room: Room, sequence: int) -> None:
    """Read a room up to a message."""
    await desk.attendance.receipts.mark_read(person, room.id, read=sequence)


async def test_others_messages_are_unread_until_they_are_read(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    last = await post(desk, ada, room, 3)
    found = await unread(desk, bob, room)
    assert (found.unread, found.first, found.last, found.read) == (3, 1, last, 0)
    assert (await unread(desk, ada, room)).unread == 0
    await read(desk, bob, room, 2)
    assert await unread(desk, bob, room) == Unread(room_id=room.id, read=2, last=3, unread=1, first=3)
    await read(desk, bob, room, 1)
    await read(desk, bob, room, 1_000)
    assert await unread(desk, bob, room) == Unread(room_id=room.id, read=3, last=3)


async def test_what_was_said_before_somebody_came_is_not_unread(desk: Desk) -> None:
    (ada,), room = await shared(desk, "Ada")
    await post(desk, ada, room, 2)
    await desk.new_person("Bob", ada.tenant_id)
    desk.clock.advance(SECOND)
    member = await desk.commands.add_member(ada, room.id, email="bob@example.com")
    bob = replace(ada, user_id=member.author.id)
    assert (await unread(desk, bob, room)).unread == 0
    desk.clock.advance(SECOND)
    await post(desk, ada, room)
    assert (await unread(desk, bob, room)).unread == 1


async def test_who_comes_back_begins_anew(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await read(desk, bob, room, await post(desk, ada, room))
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    with pytest.raises(RoomNotFoundError):
        await read(desk, bob, room, 1)
    desk.clock.advance(SECOND)
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    assert await unread(desk, bob, room) == Unread(room_id=room.id, read=0, last=1)


async def test_the_answer_of_the_assistant_is_unread_for_the_others(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    question = await desk.commands.post(ada, room.id, text="RSI?", client_id="c" * 8)
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    await desk.replies.finish_reply(
        tenant_id=ada.tenant_id,
        message_id=reply.id,
        version=1,
        status="complete",
        text="70",
        answer=Answer(engine="desk"),
    )
    assert await unread(desk, ada, room) == Unread(room_id=room.id, read=1, last=2, unread=1, first=2)


async def test_a_room_can_be_marked_unread_from_a_message_on(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await read(desk, bob, room, await post(desk, ada, room, 5))
    found = await desk.attendance.receipts.mark_unread(bob, room.id, first=4)
    assert found == await unread(desk, bob, room) == Unread(room_id=room.id, read=3, last=5, unread=2, first=4)
    # It never marks as read what is not.
    assert await desk.attendance.receipts.mark_unread(bob, room.id, first=5) == found
    # Ada keeps seeing that Bob has seen it.
    (receipt,) = [
        each
        for each in (await desk.attendance.receipt_queries.get_receipts(ada, room.id)).receipts
        if each.person_id == bob.user_id
    ]
    assert receipt.read == 5


async def test_a_mark_that_another_device_set_a_moment_before_does_not_undo_it(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    last = await post(desk, ada, room, 3)
    await read(desk, bob, room, last)
    desk.attendance.receipts.note_read(bob, room.id, read=last)
    await desk.attendance.receipts.mark_unread(bob, room.id, first=2)
    assert (await unread(desk, bob, room)).unread == 2


async def test_everything_can_be_marked_read(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    await desk.commands.add_member(ada, other.id, email="bob@example.com")
    await post(desk, ada, room, 2)
    await post(desk, ada, other, 2)
    await desk.attendance.receipts.mark_all_read(bob)
    assert [each.unread for each in (await desk.attendance.receipt_queries.list_unread(bob)).rooms] == [0, 0]


async def test_messages_that_name_somebody_are_counted_apart(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    await name(desk, ada, room, bob)
    await name(desk, ada, room, cleo)
    await name(desk, ada, room, bob, everybody=True)
    assert [(each.unread, each.mentions) for each in [await unread(desk, who, room) for who in (ada, bob, cleo)]] == [
        (0, 0),
        (3, 2),
        (3, 2),
    ]
    await read(desk, bob, room, 2)
    assert (await unread(desk, bob, room)).mentions == 1


async def test_what_was_taken_back_or_removed_is_nothing_to_read_and_told_to_who_counted_it(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    taken = await name(desk, ada, room, bob)
    await read(desk, cleo, room, 1)
    await desk.attendance.settle()
    his, hers = [await desk.follow(f"user:{who.user_id}") for who in (bob, cleo)]
    await desk.messages.remove(ada, room.id, taken.id)
    assert (await unread(desk, bob, room)) == Unread(room_id=room.id, read=0, last=1)
    assert "recount" in [update["kind"] for update in his]
    assert "recount" not in [update["kind"] for update in hers]


async def test_marks_of_another_organisation_change_nothing(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await post(desk, ada, room)
    elsewhere = replace(bob, tenant_id=new_id())
    with pytest.raises(RoomNotFoundError):
        await read(desk, elsewhere, room, 1)
    assert (await unread(desk, bob, room)).unread == 1
    assert (await desk.attendance.receipt_queries.list_unread(elsewhere)).rooms == ()


async def test_of_very_many_only_the_newest_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.services.chat.receipts.unread.MOST_COUNTED", 4)
    assert MOST_COUNTED == 1_000
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await post(desk, ada, room, 6)
    assert (await unread(desk, bob, room)).unread == 4


async def test_an_erased_message_is_nothing_to_read(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    await post(desk, ada, room, 2)
    await post(desk, cleo, room)
    heard = await desk.follow(f"user:{bob.user_id}")
    await desk.personal.erase_people(person_ids=(ada.user_id,), organisation_ids=())
    assert (await unread(desk, bob, room)).unread == 1
    assert "recount" in [update["kind"] for update in heard]


async def test_a_thousand_marks_are_a_few_writings(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    last = await post(desk, ada, room, 5)
    await desk.attendance.settle()
    marks, written = desk.attendance.receipt_teller._marks, []
    write = marks._write

    async def counted(some: Any) -> Any:
        written.append(len(some))
        return await write(some)

    monkeypatch.setattr(marks, "_write", counted)
    for number in range(1_000):
        desk.attendance.receipts.note_read(bob, room.id, read=1 + number % last, delivered=last)
    await asyncio.gather(*(read(desk, each, room, last) for each in (ada, bob)))
    assert len(written) <= 2
    assert (await unread(desk, bob, room)).read == last


async def test_one_failing_writing_is_told_to_whoever_waits_and_harms_no_later_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    last = await post(desk, ada, room)
    await desk.attendance.settle()
    marks = desk.attendance.receipt_teller._marks
    with monkeypatch.context() as patch:

        async def full(_: Any) -> Any:
            raise OSError("the disk is full")

        patch.setattr(marks, "_write", full)
        with pytest.raises(OSError, match="full"):
            await read(desk, bob, room, last)
    await read(desk, bob, room, last)
    assert (await unread(desk, bob, room)).unread == 0


ACTS = st.lists(
    st.tuples(st.sampled_from(["post", "name", "read", "unread", "all"]), st.integers(0, 2), st.integers(1, 12)),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, looks_at=st.integers(0, 5))
async def test_counts_then_updates_are_the_counts_of_a_fresh_look(
    desk: Desk, acts: list[tuple[str, int, int]], looks_at: int
) -> None:
    people, room = await shared(desk, *(f"{name}{next(_numbers)}" for name in ("Ada", "Bob", "Cleo")))
    receipts = desk.attendance.receipts
    screens: list[Screen] = []
    for number, (act, who, place) in enumerate(acts):
        if number == min(looks_at, len(acts) - 1):
            # Followed before the look, as what lies between the two is in both.
            heard = [await desk.follow(f"user:{person.user_id}") for person in people]
            screens = [Screen(person, await desk.attendance.receipt_queries.list_unread(person)) for person in people]
        person = people[who]
        if act == "post":
            await post(desk, person, room)
        elif act == "name":
            await name(desk, person, room, people[place % 3], everybody=place > 9)
        elif act == "read":
            receipts.note_read(person, room.id, read=place)
        elif act == "unread":
            await receipts.mark_unread(person, room.id, first=place)
        else:
            await receipts.mark_all_read(person)
    await desk.attendance.settle()
    for person, screen, updates in zip(people, screens, heard, strict=True):
        for update in updates:
            screen.hear(update)
        fresh = await unread(desk, person, room)
        assert screen.count(room.id) == (fresh.unread, fresh.mentions)
        assert screen.recounts == 0
