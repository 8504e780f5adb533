"""Edits, removals, and taking back what was just sent."""

from datetime import timedelta

import pytest

from outcry.kit.errors import ForbiddenError, InvalidInputError
from outcry.services.chat.contracts import Message
from outcry.services.chat.errors import MessageErasedError, MessageNotFoundError, RoomNotFoundError
from outcry.services.chat.events import MessageEdited, MessagePosted, MessageRemoved
from outcry.services.chat.messages import commands
from outcry.services.chat.messages.errors import EditedTooOftenError, MessageGoneError, StillWrittenError, TooLateError
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import everything, history, named, say, start


async def told(desk: Desk, name: str) -> list[dict[str, object]]:
    """Return what was published under a name."""
    return [
        dict(envelope.data)
        for _, envelope, _ in await desk.database.pending(after=0, limit=500)
        if envelope.name == name
    ]


async def test_an_edit_keeps_what_was_before(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, ada, room, "buy @Bob", mentions=[named("@Bob", bob)])
    desk.clock.advance(timedelta(minutes=5))
    heard = await desk.follow(f"room:{room.id}")
    edited = await desk.messages.edit(ada, room.id, message.id, text="sell\u202e $AAPL @desk")
    assert (edited.text, edited.edited_at, edited.revision) == ("sell $AAPL @desk", desk.clock.now(), 1)
    assert [each.kind for each in edited.mentions] == ["symbol", "desk"]
    assert (await history(desk, bob, room))[-1] == edited
    assert [update["message"]["text"] for update in heard if update["kind"] == "message"] == ["sell $AAPL @desk"]
    versions = await desk.reading.versions(bob, room.id, message.id)
    assert [(each.number, each.text, each.written_at) for each in versions] == [
        (1, "buy @Bob", message.created_at),
        (2, "sell $AAPL @desk", edited.edited_at),
    ]
    assert [each.name for each in versions[0].mentions] == ["Bob"]
    (event,) = await told(desk, MessageEdited.name)
    assert (event["mentions"], event["addressed"]) == ([], True)
    assert await desk.messages.edit(ada, room.id, message.id, text="sell $AAPL @desk ") == edited
    assert (await desk.queries.get_room(bob, room.id)).last_text == "sell $AAPL @desk"
    await desk.indexer.catch_up()
    assert (await desk.search.search(bob, query="buy", cursor=None, limit=5)).items == ()
    assert len((await desk.search.search(bob, query="sell", cursor=None, limit=5)).items) == 1


async def test_only_ones_own_words_are_edited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, bob, room, "mine")
    with pytest.raises(ForbiddenError):
        await desk.messages.edit(ada, room.id, message.id, text="yours")
    with pytest.raises(InvalidInputError):
        await desk.messages.edit(bob, room.id, message.id, text=" \u200b ")
    with pytest.raises(InvalidInputError):
        await desk.messages.edit(bob, room.id, message.id, text="x" * 8_001)
    eve = await desk.new_person("Eve")
    with pytest.raises(RoomNotFoundError):
        await desk.messages.edit(eve, room.id, message.id, text="mine now")
    other = await desk.commands.create_room(bob, title="Other", kind="private")
    with pytest.raises(MessageNotFoundError):
        await desk.messages.edit(bob, other.id, message.id, text="elsewhere")
    monkeypatch.setattr(commands, "MOST_VERSIONS", 1)
    await desk.messages.edit(bob, room.id, message.id, text="once")
    with pytest.raises(EditedTooOftenError):
        await desk.messages.edit(bob, room.id, message.id, text="twice")
    assert (await history(desk, ada, room))[-1].text == "once"


async def test_who_may_remove_what(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    of_ada, of_bob = await say(desk, ada, room, "by Ada"), await say(desk, bob, room, "by Bob")
    with pytest.raises(ForbiddenError):
        await desk.messages.remove(bob, room.id, of_ada.id)
    removed = await desk.messages.remove(ada, room.id, of_bob.id, reason="  off\ntopic ")
    assert removed.removal is not None
    assert (removed.status, removed.text, removed.removal.by.name) == ("removed", "", "Ada")
    assert removed.removal.reason == "off topic"
    for act in (desk.messages.remove, desk.messages.withdraw, desk.marks.pin):
        with pytest.raises(MessageGoneError):
            await act(ada, room.id, of_bob.id)
    events = await told(desk, MessageRemoved.name)
    assert [(event["act"], event["moderated"]) for event in events] == [("removed", True)]


async def test_no_word_of_a_removed_message_is_left(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    message = await say(desk, ada, room, "zanzibar @Ada", mentions=[named("@Ada", ada)])
    await desk.messages.edit(ada, room.id, message.id, text="zanzibar twice")
    answer = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=message.id)
    with pytest.raises(StillWrittenError):
        await desk.messages.remove(ada, room.id, answer.id)
    await desk.commands.stop_reply(ada, room.id, answer.id)
    await desk.messages.edit(ada, room.id, message.id, text="zanzibar")
    await desk.marks.react(ada, room.id, message.id, "👍")
    removed = await desk.messages.remove(ada, room.id, message.id)
    assert "zanzibar" not in await everything(desk)
    assert (removed.mentions, removed.reactions, removed.edited_at) == ((), (), None)
    assert await desk.reading.versions(ada, room.id, message.id) == ()
    seen = await desk.queries.get_room(ada, room.id)
    assert (seen.title, seen.last_text) == ("New conversation", "")
    with pytest.raises(MessageErasedError):
        await desk.commands.retry_reply(ada, room.id, answer.id)
    # The answer that hangs on it stays, and its place in the order.
    assert [(each.sequence, each.status) for each in await history(desk, ada, room)] == [(1, "removed"), (2, "stopped")]
    late = await desk.follow(f"room:{room.id}")
    assert not [update for update in late if "zanzibar" in str(update)]
    assert (await desk.search.search(ada, query="zanzibar", cursor=None, limit=5)).items == ()


async def test_what_was_just_sent_can_be_taken_back(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, ada, room, "quagmire")
    heard = await desk.follow(f"room:{room.id}")
    with pytest.raises(ForbiddenError):
        await desk.messages.withdraw(bob, room.id, message.id)
    desk.clock.advance(timedelta(seconds=10))
    withdrawn = await desk.messages.withdraw(ada, room.id, message.id)
    assert (withdrawn.status, withdrawn.text, withdrawn.removal) == ("withdrawn", "", None)
    assert [update["message"]["status"] for update in heard if update["kind"] == "message"] == ["withdrawn"]
    assert "quagmire" not in await everything(desk)
    # Sending it again, as an outbox might, does not bring it back.
    again = await desk.commands.post(ada, room.id, text="quagmire", client_id=message.client_id or "")
    assert (again.id, again.status) == (message.id, "withdrawn")
    late = await say(desk, ada, room, "too late")
    desk.clock.advance(timedelta(seconds=14))
    with pytest.raises(TooLateError):
        await desk.messages.withdraw(ada, room.id, late.id)
    assert [each.sequence for each in await history(desk, bob, room)] == [1, 2]


async def test_a_reply_goes_with_the_question_that_is_taken_back(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    question = await say(desk, ada, room, "How is AAPL?")
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    await desk.messages.withdraw(ada, room.id, question.id)
    more = await desk.replies.append_reply(
        tenant_id=ada.tenant_id, message_id=reply.id, version=reply.version, at=0, text="Well", activity=""
    )
    assert not more
    with pytest.raises(MessageNotFoundError):
        await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    assert [(each.status, each.text) for each in await history(desk, ada, room)] == [("withdrawn", "")] * 2


async def test_a_quote_refers_to_what_its_author_may_read(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    first = await say(desk, bob, room, "the first")
    private = await desk.commands.create_room(ada, title="Own", kind="private")
    secret = await say(desk, ada, private, "secret")
    answer = await say(desk, ada, room, "yes", quote_id=first.id)
    assert answer.quote is not None
    assert (answer.quote.message_id, answer.quote.sequence, answer.reply_to) == (first.id, first.sequence, None)
    elsewhere = await say(desk, ada, room, "see there", quote_id=secret.id)
    assert elsewhere.quote is not None
    assert "secret" not in str(elsewhere)
    with pytest.raises(RoomNotFoundError):
        await desk.reading.get(bob, elsewhere.quote.room_id, secret.id)
    with pytest.raises(MessageNotFoundError):
        await say(desk, bob, room, "I saw", quote_id=secret.id)
    await desk.messages.remove(bob, room.id, first.id)
    with pytest.raises(MessageNotFoundError):
        await say(desk, ada, room, "again", quote_id=first.id)
    assert (await desk.reading.get(ada, room.id, first.id)).status == "removed"


async def test_mentions_are_told_and_called_by_the_name_of_now(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await say(desk, ada, room, "@Bob @here", mentions=[named("@Bob", bob)])
    event = (await told(desk, MessagePosted.name))[-1]
    assert event["mentions"] == [str(bob.user_id), "00000000-0000-0000-0000-000000000000"]
    assert event["addressed"] is False
    await desk.rename(bob, "Robert")
    desk.clock.advance(timedelta(minutes=1))

    def name(message: Message) -> str:
        return message.mentions[0].name

    assert [name(each) for each in await history(desk, ada, room)] == ["Robert"]
