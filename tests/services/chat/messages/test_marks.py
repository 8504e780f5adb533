"""Reactions and pins."""

import asyncio
from datetime import timedelta

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.services.chat.messages import marks
from outcry.services.chat.messages.errors import (
    NotEmojiError,
    StillWrittenError,
    TooManyPinsError,
    TooManyReactionsError,
)
from tests.services.chat.conftest import Desk, as_person
from tests.services.chat.messages.rooms import history, say, start


async def test_reactions_are_counted_once_a_person_and_emoji(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, ada, room, "up")
    heard = await desk.follow(f"room:{room.id}")
    await asyncio.gather(*(desk.marks.react(who, room.id, message.id, "❤") for who in (ada, bob, ada, bob)))
    shown = await desk.marks.react(bob, room.id, message.id, "👍")
    assert [(each.emoji, each.count) for each in shown.reactions] == [("❤️", 2), ("👍", 1)]
    assert len([update for update in heard if update["kind"] == "message"]) == 3
    assert heard[-1]["message"]["revision"] == 3
    assert (await history(desk, ada, room))[-1] == shown
    people = await desk.reading.reactions(ada, room.id, message.id)
    assert {each.emoji: {author.name for author in each.people} for each in people} == {
        "❤️": {"Ada", "Bob"},
        "👍": {"Bob"},
    }
    await desk.marks.unreact(bob, room.id, message.id, "❤️")
    await desk.marks.unreact(ada, room.id, message.id, "👍")
    shown = await desk.marks.unreact(ada, room.id, message.id, "❤")
    assert [(each.emoji, each.count) for each in shown.reactions] == [("👍", 1)]


async def test_a_pin_goes_with_the_words_that_were_pinned(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    question = await say(desk, ada, room, "How is AAPL?")
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    with pytest.raises(StillWrittenError):
        await desk.marks.pin(ada, room.id, reply.id)
    await desk.commands.stop_reply(ada, room.id, reply.id)
    await desk.marks.react(ada, room.id, reply.id, "👍")
    assert (await desk.marks.pin(ada, room.id, reply.id)).pin is not None
    await desk.commands.retry_reply(ada, room.id, reply.id)
    shown = (await history(desk, ada, room))[-1]
    assert (shown.pin, shown.reactions[0].emoji) == (None, "👍")


async def test_what_is_no_reaction(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, ada, room, "up")
    for text in ("", "up", "👍👍", "<script>"):
        with pytest.raises(NotEmojiError):
            await desk.marks.react(bob, room.id, message.id, text)
    monkeypatch.setattr(marks, "MOST_KINDS", 1)
    await desk.marks.react(ada, room.id, message.id, "👍")
    with pytest.raises(TooManyReactionsError):
        await desk.marks.react(bob, room.id, message.id, "👎")
    shown = await desk.marks.react(bob, room.id, message.id, "👍")
    assert shown.reactions[0].count == 2
    viewer = as_person(bob.user_id, bob.tenant_id, "viewer")
    with pytest.raises(ForbiddenError):
        await desk.marks.unreact(viewer, room.id, message.id, "👍")


async def test_pins_are_listed_the_newest_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob, room = await start(desk)
    first, second = await say(desk, ada, room, "one"), await say(desk, ada, room, "two")
    await desk.marks.pin(bob, room.id, second.id)
    desk.clock.advance(timedelta(seconds=1))
    pinned = await desk.marks.pin(ada, room.id, first.id)
    assert pinned.pin is not None
    assert (pinned.pin.by.name, pinned.pin.at) == ("Ada", desk.clock.now())
    assert await desk.marks.pin(bob, room.id, first.id) == pinned
    assert [each.text for each in await desk.reading.pins(bob, room.id)] == ["one", "two"]
    monkeypatch.setattr(marks, "MOST_PINS", 2)
    third = await say(desk, ada, room, "three")
    with pytest.raises(TooManyPinsError):
        await desk.marks.pin(ada, room.id, third.id)
    await desk.marks.unpin(bob, room.id, first.id)
    await desk.messages.remove(ada, room.id, second.id)
    assert await desk.reading.pins(ada, room.id) == ()
