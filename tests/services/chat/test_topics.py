"""Topics inside a room: what is said in one, who may change it, and what moves between them."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pytest

from outcry.kit.errors import ForbiddenError, InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import ASSISTANT_ID, Answer, Message, Room
from outcry.services.chat.errors import MessageErasedError, MessageNotFoundError, RoomNotFoundError
from outcry.services.chat.events import MessagePosted
from outcry.services.chat.topics.errors import TopicArchivedError, TopicNotFoundError
from tests.services.chat.conftest import Desk
from tests.services.chat.outbox import events_of


async def room_of_two(desk: Desk) -> tuple[Principal, Principal, Room]:
    """Return a room of Ada, who owns it, and Ben."""
    ada = await desk.new_person("Ada")
    ben = await desk.new_person("Ben", ada.tenant_id)
    return ada, ben, await desk.commands.create_room(ada, title="Desk", kind="private", people=(ben.user_id,))


async def say(desk: Desk, person: Principal, room: Room, text: str, topic_id: UUID | None = None) -> Message:
    """Post."""
    return await desk.commands.post(person, room.id, text=text, client_id=new_id().hex, topic_id=topic_id)


async def said(desk: Desk, person: Principal, room: Room, topic: UUID | Literal["main"] | None) -> list[str]:
    """Return what stands in a stream."""
    page = await desk.queries.history(person, room.id, cursor=None, limit=50, topic=topic)
    return [message.text for message in page.items]


async def test_what_is_said_in_a_topic_stands_there_and_nowhere_else(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    rates, oil = [await desk.topics.start(ada, room.id, title=title) for title in ("Rates", " Oil \n now ")]
    assert (oil.title, oil.messages, oil.started_by) == ("Oil now", 0, ada.user_id)
    for text, topic_id in (("hello", None), ("bunds", rates.id), ("brent", oil.id), ("swaps", rates.id)):
        desk.clock.advance(timedelta(seconds=1))
        message = await say(desk, ben, room, text, topic_id)
        assert message.topic_id == topic_id
    assert await said(desk, ada, room, "main") == ["hello"]
    assert await said(desk, ada, room, rates.id) == ["bunds", "swaps"]
    assert await said(desk, ada, room, None) == ["hello", "bunds", "brent", "swaps"]
    page = await desk.seen_topics.list_topics(ben, room.id, archived=False, cursor=None, limit=1)
    more = await desk.seen_topics.list_topics(ben, room.id, archived=False, cursor=page.next_cursor, limit=1)
    assert [(each.title, each.messages) for each in page.items + more.items] == [("Rates", 2), ("Oil now", 1)]
    assert more.next_cursor is None


async def test_the_history_of_a_topic_has_pages_both_ways(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    topic = await desk.topics.start(ada, room.id, title="Rates")
    sequences = []
    for number in range(12):
        await say(desk, ada, room, f"beside {number}")
        sequences.append((await say(desk, ada, room, f"in {number}", topic.id)).sequence)

    async def page(**where: Any) -> tuple[list[int], str | None, bool]:
        found = await desk.queries.history(ada, room.id, **{"cursor": None, "limit": 5, "topic": topic.id} | where)
        return [message.sequence for message in found.items], found.next_cursor, found.newer

    newest, cursor, newer = await page()
    assert (newest, newer) == (sequences[7:], False)
    older, cursor, newer = await page(cursor=cursor)
    assert (older, newer) == (sequences[2:7], True)
    assert (await page(cursor=cursor))[:2] == (sequences[:2], None)
    assert await page(after=sequences[1]) == (sequences[2:7], None, True)
    assert await page(after=sequences[6]) == (sequences[7:], None, False)
    around = (await page(around=sequences[6]))[0]
    assert sequences[6] in around


async def test_a_topic_is_made_from_a_message_once(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    message = await say(desk, ben, room, "Should we roll the hedge? " + "x" * 100)
    topic = await desk.topics.start(ada, room.id, title=None, message_id=message.id)
    assert await desk.topics.start(ben, room.id, title="Another", message_id=message.id) == topic
    assert topic.title.startswith("Should we roll the hedge?")
    assert len(topic.title) <= 60
    assert topic.message_id == message.id
    assert await said(desk, ada, room, "main") == [message.text]


async def test_a_reply_stands_where_its_question_does_and_knows_only_that_stream(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="conversation")
    topic = await desk.topics.start(ada, room.id, title="Rates")
    await say(desk, ada, room, "in the main stream")
    await say(desk, ada, room, "earlier in the topic", topic.id)
    question = await say(desk, ada, room, "What now?", topic.id)
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    assert reply.topic_id == topic.id
    assert (await desk.seen_topics.get_topic(ada, room.id, topic.id)).messages == 3
    known = await desk.replies.recent_messages(
        tenant_id=ada.tenant_id, room_id=room.id, before=question.sequence, limit=9
    )
    assert [message.text for message in known] == ["earlier in the topic"]
    main = await say(desk, ada, room, "And here?")
    known = await desk.replies.recent_messages(tenant_id=ada.tenant_id, room_id=room.id, before=main.sequence, limit=9)
    assert [message.text for message in known] == ["in the main stream"]


async def test_nothing_more_is_said_in_an_archived_topic(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    topic = await desk.topics.start(ben, room.id, title="Rates")
    await desk.topics.change(ben, room.id, topic.id, title=None, archived=True)
    with pytest.raises(TopicArchivedError):
        await say(desk, ada, room, "late", topic.id)
    assert [each.id for each in await listed(desk, ada, room, archived=True)] == [topic.id]
    assert await listed(desk, ada, room, archived=False) == ()
    await desk.topics.change(ada, room.id, topic.id, title="Bonds", archived=False)
    await say(desk, ada, room, "late", topic.id)


async def listed(desk: Desk, person: Principal, room: Room, *, archived: bool) -> tuple[Any, ...]:
    """Return topics."""
    return (await desk.seen_topics.list_topics(person, room.id, archived=archived, cursor=None, limit=9)).items


async def test_who_may_do_what_with_topics(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    reader = await desk.new_person("Rea", ada.tenant_id)
    await desk.commands.add_member(ada, room.id, person_id=reader.user_id, role="reader")
    topic = await desk.topics.start(ada, room.id, title="Rates")
    message = await say(desk, ben, room, "bunds")
    for refused in (
        desk.topics.start(reader, room.id, title="Mine"),
        desk.topics.change(reader, room.id, topic.id, title="Mine", archived=None),
        desk.topics.change(ben, room.id, topic.id, title=None, archived=True),
        desk.topics.move(ben, room.id, message.id, topic_id=topic.id),
        desk.topics.move(reader, room.id, message.id, topic_id=topic.id),
        desk.commands.post(reader, room.id, text="hi", client_id="c" * 8, topic_id=topic.id),
    ):
        with pytest.raises(ForbiddenError):
            await refused
    assert await said(desk, reader, room, "main") == ["bunds"]
    assert (await desk.topics.change(ben, room.id, topic.id, title="Bonds", archived=None)).title == "Bonds"


async def test_topics_are_found_by_words_of_their_title_in_ones_own_rooms(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    other = await desk.commands.create_room(ada, title="Alone", kind="private")
    for place, title in ((room, "Réfi plans"), (other, "REFI, later"), (room, "Oil"), (room, "100% refi_")):
        await desk.topics.start(ada, place.id, title=title)
        desk.clock.advance(timedelta(minutes=1))
    found = await desk.seen_topics.find_topics(ada, words=" refi ", limit=10)
    assert [(each.title, each.room_title) for each in found] == [
        ("100% refi_", "Desk"),
        ("REFI, later", "Alone"),
        ("Réfi plans", "Desk"),
    ]
    assert len(await desk.seen_topics.find_topics(ada, words="refi", limit=2)) == 2
    assert [each.title for each in await desk.seen_topics.find_topics(ben, words="refi", limit=9)] == [
        "100% refi_",
        "Réfi plans",
    ]
    assert [each.title for each in await desk.seen_topics.find_topics(ben, words="%", limit=9)] == ["100% refi_"]
    stranger = await desk.new_person("Eve")
    assert await desk.seen_topics.find_topics(stranger, words="refi", limit=9) == ()
    await desk.commands.remove_member(ben, room.id, ben.user_id)
    assert await desk.seen_topics.find_topics(ben, words="refi", limit=9) == ()


async def test_who_is_not_in_the_room_finds_no_topic_of_it(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    colleague, stranger = await desk.new_person("Cyd", ada.tenant_id), await desk.new_person("Eve")
    topic = await desk.topics.start(ada, room.id, title="Rates")
    message = await say(desk, ada, room, "bunds")
    for other in (colleague, stranger):
        for act in (
            desk.seen_topics.list_topics(other, room.id, archived=False, cursor=None, limit=9),
            desk.seen_topics.get_topic(other, room.id, topic.id),
            desk.topics.start(other, room.id, title="Mine"),
            desk.topics.change(other, room.id, topic.id, title="Mine", archived=None),
            desk.topics.move(other, room.id, message.id, topic_id=topic.id),
            desk.queries.history(other, room.id, cursor=None, limit=9, topic=topic.id),
        ):
            with pytest.raises(RoomNotFoundError):
                await act


async def test_a_topic_of_another_room_is_none_of_this_one(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    topic = await desk.topics.start(ada, other.id, title="Rates")
    message = await say(desk, ada, room, "bunds")
    for topic_id in (topic.id, new_id()):
        for act in (
            desk.seen_topics.get_topic(ada, room.id, topic_id),
            desk.topics.change(ada, room.id, topic_id, title="Mine", archived=None),
            desk.topics.move(ada, room.id, message.id, topic_id=topic_id),
            desk.queries.history(ada, room.id, cursor=None, limit=9, topic=topic_id),
            say(desk, ada, room, "hi", topic_id),
        ):
            with pytest.raises(TopicNotFoundError):
                await act
    with pytest.raises(MessageNotFoundError):
        await desk.topics.start(ada, other.id, title=None, message_id=message.id)


async def test_a_message_moves_with_its_reply_and_topics_count_again(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    await desk.commands.add_member(ada, room.id, person_id=ASSISTANT_ID)
    topic = await desk.topics.start(ada, room.id, title="Rates")
    question = await say(desk, ben, room, "And bunds?")
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    moved = await desk.topics.move(ada, room.id, question.id, topic_id=topic.id)
    assert {(message.id, message.topic_id, message.author.name) for message in moved} == {
        (question.id, topic.id, "Ben"),
        (reply.id, topic.id, "Desk"),
    }
    assert (await desk.seen_topics.get_topic(ada, room.id, topic.id)).messages == 2
    assert await desk.replies.finish_reply(
        tenant_id=ada.tenant_id,
        message_id=reply.id,
        version=1,
        status="complete",
        text="Down.",
        answer=Answer(engine="desk"),
    )
    assert await said(desk, ada, room, topic.id) == ["And bunds?", "Down."]
    assert await desk.topics.move(ada, room.id, question.id, topic_id=topic.id) == ()
    await desk.topics.move(ada, room.id, question.id, topic_id=None)
    assert await said(desk, ada, room, "main") == ["And bunds?", "Down."]
    assert (await desk.seen_topics.get_topic(ada, room.id, topic.id)).messages == 0


@pytest.mark.parametrize("title", [None, "", "  ", "x" * 201, "\u202e"])
async def test_a_topic_needs_a_title(desk: Desk, title: str | None) -> None:
    ada, _, room = await room_of_two(desk)
    with pytest.raises(InvalidInputError):
        await desk.topics.start(ada, room.id, title=title)
    assert await listed(desk, ada, room, archived=False) == ()


async def test_words_in_titles_descriptions_and_links_go_with_their_person(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    await desk.rooms.change_role(ada, room.id, ben.user_id, role="moderator")
    await desk.commands.change_room(ben, room.id, description="My secret plan")
    message = await say(desk, ben, room, "My secret words")
    theirs = await desk.topics.start(ada, room.id, title=None, message_id=message.id)
    mine = await desk.topics.start(ada, room.id, title="Rates")
    link = await desk.links.make(ben, room.id, role="member", guests=False, hours=1, most_uses=None)
    exported = {file.path: file.text for file in await desk.personal.export_person(person_id=ben.user_id)}
    assert "My secret plan" in exported["chat/rooms.json"]
    assert "My secret words" in exported["chat/topics.json"]
    assert "Rates" not in exported["chat/topics.json"]
    assert str(link.link.id) in exported["chat/links.json"]
    assert link.token not in str(exported)
    await desk.personal.erase_people(person_ids=(ben.user_id,), organisation_ids=())
    assert (await desk.queries.get_room(ada, room.id)).description == ""
    titles = {each.id: each.title for each in await listed(desk, ada, room, archived=False)}
    assert titles == {theirs.id: "Topic", mine.id: "Rates"}
    assert await desk.seen_links.list_links(ada, room.id) == ()
    assert await desk.personal.export_person(person_id=ben.user_id) == ()
    with pytest.raises(MessageErasedError):
        await desk.topics.move(ada, room.id, message.id, topic_id=mine.id)
    await desk.personal.erase_people(person_ids=(), organisation_ids=(ada.tenant_id,))
    with pytest.raises(RoomNotFoundError):
        await listed(desk, ada, room, archived=False)


async def test_a_removed_message_leaves_no_words_in_the_title_of_its_topic(desk: Desk) -> None:
    ada, ben, room = await room_of_two(desk)
    messages = [await say(desk, ben, room, f"secret {number}") for number in range(2)]
    topics = [await desk.topics.start(ada, room.id, title=None, message_id=each.id) for each in messages]
    await desk.topics.change(ada, room.id, topics[1].id, title="Chosen", archived=None)
    heard = await desk.follow(f"room:{room.id}")
    for message in messages:
        await desk.messages.remove(ben, room.id, message.id)
    titles = {each.id: each.title for each in await listed(desk, ada, room, archived=False)}
    assert titles == {topics[0].id: "Topic", topics[1].id: "Chosen"}
    assert [update["topic"]["title"] for update in heard if update["kind"] == "topic"] == ["Topic"]


async def test_the_assistant_answers_all_of_a_conversation_and_elsewhere_what_calls_it(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    conversation = await desk.commands.create_room(ada, title=None, kind="conversation")
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    await say(desk, ada, room, "@desk without it")
    await desk.commands.add_member(ada, room.id, person_id=ASSISTANT_ID)
    await desk.commands.post(ada, conversation.id, text="What now?", client_id=new_id().hex)
    await say(desk, ada, room, "not to it")
    await say(desk, ada, room, "@desk what now?")
    await desk.commands.remove_member(ada, conversation.id, ASSISTANT_ID)
    await desk.commands.post(ada, conversation.id, text="Gone?", client_id=new_id().hex)
    wanted = [event.reply_wanted for event in await events_of(desk.database, MessagePosted)]
    assert wanted == [False, True, False, True, False]
