"""Each topic of a room has its own mark, counts and receipts, beside those of the main stream."""

import itertools
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message, Room
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.receipts.contracts import TopicRead, Unread, UnreadTopic
from outcry.services.chat.topics.errors import TopicNotFoundError
from tests.services.chat.conftest import Desk
from tests.services.chat.receipts.test_unread import Screen, shared, unread

_numbers = itertools.count()


async def say(desk: Desk, person: Principal, room: Room, topic_id: UUID | None, whom: Principal) -> Message:
    """Post a message that names somebody, into a topic or the main stream."""
    named = (NamedPerson(label="@them", person_id=whom.user_id),)
    client_id = f"topical-{next(_numbers):06}"
    return await desk.commands.post(
        person, room.id, text="@them look", client_id=client_id, extras=Extras(mentions=named), topic_id=topic_id
    )


async def test_the_main_stream_and_each_topic_are_read_apart(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    one, two = [await desk.topics.start(ada, room.id, title=title) for title in ("One", "Two")]
    for topic in (None, one.id, two.id, one.id, None):
        await say(desk, ada, room, topic, bob)
    found = await unread(desk, bob, room)
    of_one = UnreadTopic(topic_id=one.id, unread=2, mentions=2, read=0, first=2)
    of_two = UnreadTopic(topic_id=two.id, unread=1, mentions=1, read=0, first=3)
    assert (found.unread, found.mentions, found.read, found.first) == (5, 5, 0, 1)
    assert set(found.topics) == {of_one, of_two}
    # Ada reads what she writes, where she writes it.
    assert await unread(desk, ada, room) == Unread(room_id=room.id, read=5, last=5)

    receipts = desk.attendance.receipts
    await receipts.mark_read(bob, room.id, read=3, stream=one.id)
    await receipts.mark_read(bob, room.id, read=5, stream="main")
    found = await unread(desk, bob, room)
    assert (found.unread, found.mentions, found.read, found.first) == (2, 2, 5, None)
    assert set(found.topics) == {UnreadTopic(topic_id=one.id, unread=1, mentions=1, read=3, first=4), of_two}
    # Without a stream it is the whole room.
    await receipts.mark_read(bob, room.id, read=3)
    assert [topic.topic_id for topic in (await unread(desk, bob, room)).topics] == [one.id]
    await receipts.mark_all_read(bob)
    assert await unread(desk, bob, room) == Unread(room_id=room.id, read=5, last=5)


async def test_a_topic_is_marked_unread_alone(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    topic = await desk.topics.start(ada, room.id, title="One")
    for where in (None, topic.id, topic.id, None):
        await say(desk, ada, room, where, bob)
    await say(desk, bob, room, topic.id, ada)
    receipts = desk.attendance.receipts
    await receipts.mark_all_read(bob)
    newest = UnreadTopic(topic_id=topic.id, unread=1, mentions=1, read=2, first=3)
    expected = Unread(room_id=room.id, read=5, last=5, unread=1, mentions=1, topics=(newest,))
    assert await receipts.mark_unread(bob, room.id, topic_id=topic.id) == expected == await unread(desk, bob, room)
    # A message of the topic takes what follows it in the topic along, and nothing of the main stream.
    found = await receipts.mark_unread(bob, room.id, first=2)
    assert (found.unread, found.first, [each.first for each in found.topics]) == (2, None, [2])
    found = await receipts.mark_unread(bob, room.id, first=4)
    assert (found.unread, found.first, [each.first for each in found.topics]) == (3, 4, [2])


async def test_topics_that_are_not_there_are_refused(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    empty, elsewhere = [await desk.topics.start(ada, each.id, title="Empty") for each in (room, other)]
    receipts = desk.attendance.receipts
    for topic_id in (elsewhere.id, room.id):
        with pytest.raises(TopicNotFoundError):
            await receipts.mark_read(bob, room.id, read=1, stream=topic_id)
        with pytest.raises(TopicNotFoundError):
            await receipts.mark_unread(bob, room.id, topic_id=topic_id)
        receipts.note_read(bob, room.id, read=1, stream=topic_id)
    with pytest.raises(InvalidInputError):
        await receipts.mark_unread(bob, room.id)
    await receipts.mark_read(bob, room.id, read=1, stream=empty.id)
    assert await receipts.mark_unread(bob, room.id, topic_id=empty.id) == Unread(room_id=room.id, read=0, last=0)


async def test_who_has_read_a_topic_has_not_read_the_room(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    topic = await desk.topics.start(ada, room.id, title="One")
    main, inside = [await say(desk, ada, room, where, bob) for where in (None, topic.id)]
    await desk.attendance.receipts.mark_read(bob, room.id, read=2, stream=topic.id)
    await desk.attendance.receipts.mark_read(cleo, room.id, read=2, stream="main")
    await desk.attendance.settle()
    queries = desk.attendance.receipt_queries
    seen = [await queries.list_seen(ada, room.id, each.id, cursor=None, limit=9) for each in (main, inside)]
    assert [[person.name for person in page.items] for page in seen] == [["Cleo"], ["Bob"]]
    assert [(page.seen, page.delivered) for page in seen] == [(1, 2), (1, 2)]
    receipts = {each.person_id: each for each in (await queries.get_receipts(ada, room.id)).receipts}
    assert (receipts[bob.user_id].read, receipts[bob.user_id].topics) == (0, (TopicRead(topic_id=topic.id, read=2),))
    assert (receipts[cleo.user_id].read, receipts[cleo.user_id].topics) == (2, ())


async def test_a_message_that_moves_is_counted_anew_where_it_went(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    topic = await desk.topics.start(ada, room.id, title="One")
    moved = await say(desk, ada, room, None, bob)
    await desk.attendance.receipts.mark_read(bob, room.id, read=1, stream="main")
    await desk.attendance.settle()
    heard = await desk.follow(f"user:{bob.user_id}")
    await desk.topics.move(ada, room.id, moved.id, topic_id=topic.id)
    assert "recount" in [update["kind"] for update in heard]
    assert [each.unread for each in (await unread(desk, bob, room)).topics] == [1]


async def test_marks_of_topics_are_given_out_and_erased_with_their_person(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    topic = await desk.topics.start(ada, room.id, title="One")
    await say(desk, ada, room, topic.id, bob)
    await desk.attendance.receipts.mark_read(bob, room.id, read=1, stream=topic.id)
    assert str(topic.id) in await exported(desk, bob)
    await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=())
    assert str(topic.id) not in await exported(desk, bob)


async def exported(desk: Desk, person: Principal) -> str:
    """Return what somebody is given of their presence."""
    files = await desk.personal.export_person(person_id=person.user_id)
    return "".join(each.text for each in files if each.path == "chat/presence.json")


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["post", "read", "unread", "room"]), st.integers(0, 1), st.integers(0, 2), st.integers(1, 9)
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
async def test_counts_by_topic_are_those_of_a_model(desk: Desk, acts: list[tuple[str, int, int, int]]) -> None:
    people, room = await shared(desk, *(f"{name}{next(_numbers)}" for name in ("Ada", "Bob")))
    topics = [None, *[(await desk.topics.start(people[0], room.id, title=title)).id for title in ("One", "Two")]]
    receipts, posted = desk.attendance.receipts, list[tuple[int, int]]()
    marks = [[0, 0, 0], [0, 0, 0]]
    heard = [await desk.follow(f"user:{person.user_id}") for person in people]
    screens = [Screen(person, await desk.attendance.receipt_queries.list_unread(person)) for person in people]
    for act, who, stream, place in acts:
        person, last = people[who], len(posted)
        if act == "post":
            await say(desk, person, room, topics[stream], people[0])
            posted.append((who, stream))
            marks[who][stream] = last + 1
        elif act == "read":
            await receipts.mark_read(person, room.id, read=place, stream=topics[stream] or "main")
            if stream == 0 or any(each == stream for _, each in posted):
                marks[who][stream] = max(marks[who][stream], min(place, last))
        elif act == "room":
            await receipts.mark_read(person, room.id, read=place)
            marks[who] = [max(mark, min(place, last)) for mark in marks[who]]
        else:
            # Its author's own mark is written first, as a device would say it before.
            await desk.attendance.settle()
            await receipts.mark_unread(person, room.id, first=place)
            at = posted[place - 1][1] if place <= last else 0
            marks[who][at] = min(marks[who][at], place - 1, last)
    await desk.attendance.settle()
    for who, (person, screen, updates) in enumerate(zip(people, screens, heard, strict=True)):
        for update in updates:
            screen.hear(update)
        fresh = await unread(desk, person, room)
        counts = {each.topic_id: each.unread for each in fresh.topics}
        found = [fresh.unread - sum(counts.values()), *(counts.get(each, 0) for each in topics[1:] if each)]
        expected = [
            sum(
                author != who and at == stream and number > marks[who][stream]
                for number, (author, at) in enumerate(posted, 1)
            )
            for stream in range(3)
        ]
        assert found == expected
        assert screen.count(room.id) == (fresh.unread, fresh.mentions)
