"""Which messages the AI is asked to answer."""

import pytest

from outcry.kit.errors import ConflictError, ForbiddenError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import ASSISTANT_ID, Answer, ChartCard, Message, Room
from outcry.services.chat.errors import NotStreamingError
from outcry.services.chat.events import MessagePosted
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import say, start


async def wanted(desk: Desk, message: Message) -> bool:
    """Say whether a reply was asked for."""
    envelopes = [envelope for _, envelope, _ in await desk.database.pending(after=0, limit=500)]
    events = [envelope.open(MessagePosted) for envelope in envelopes if envelope.name == MessagePosted.name]
    return next(event.reply_wanted for event in events if event.message_id == message.id)


async def answer(desk: Desk, person: Principal, room: Room, question: Message) -> Message:
    """Answer a question."""
    reply = await desk.replies.begin_reply(tenant_id=person.tenant_id, room_id=room.id, reply_to=question.id)
    assert await desk.replies.finish_reply(
        tenant_id=person.tenant_id,
        message_id=reply.id,
        version=1,
        status="complete",
        text="Up.",
        answer=Answer(engine="desk"),
    )
    return reply


async def test_in_a_room_it_is_asked_by_name_or_by_a_reply_to_it(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    assert not await wanted(desk, await say(desk, ada, room, "@desk are you there?"))
    await desk.commands.add_member(ada, room.id, person_id=ASSISTANT_ID)
    chatter = await say(desk, bob, room, "desk, `@desk` and me@desk.example")
    assert not await wanted(desk, chatter)
    asked = await say(desk, bob, room, "@Desk, AAPL?")
    assert await wanted(desk, asked)
    reply = await answer(desk, ada, room, asked)
    assert await wanted(desk, await say(desk, ada, room, "and KO?", quote_id=reply.id))
    assert not await wanted(desk, await say(desk, ada, room, "so they say", quote_id=asked.id))
    elsewhere = await desk.commands.create_room(ada, title="Else", kind="private")
    await desk.commands.add_member(ada, elsewhere.id, person_id=ASSISTANT_ID)
    assert not await wanted(desk, await say(desk, ada, elsewhere, "look", quote_id=reply.id))
    await desk.commands.remove_member(ada, room.id, ASSISTANT_ID)
    assert not await wanted(desk, await say(desk, ada, room, "@desk and KO?", quote_id=reply.id))


async def test_in_a_conversation_everything_is_a_question_but_what_is_shown(desk: Desk) -> None:
    ada, _, _ = await start(desk)
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    assert await wanted(desk, await say(desk, ada, room, "AAPL?"))
    cards = (ChartCard(symbols=("AAPL",), timeframe="1d", start=None, end=None),)
    for text, expected in (("look", False), ("@desk what is this?", True)):
        shown = await desk.replies.post_charts(
            tenant_id=ada.tenant_id, room_id=room.id, person_id=ada.user_id, text=text, cards=cards, client_id=text
        )
        assert await wanted(desk, shown) is expected
    await desk.commands.remove_member(ada, room.id, ASSISTANT_ID)
    assert not await wanted(desk, await say(desk, ada, room, "still there?"))


async def test_whoever_may_post_stops_a_reply_and_a_reader_does_not(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await desk.commands.add_member(ada, room.id, person_id=ASSISTANT_ID)
    cyd = await desk.new_person("Cyd", ada.tenant_id)
    await desk.commands.add_member(ada, room.id, person_id=cyd.user_id, role="reader")
    asked = await say(desk, ada, room, "@desk AAPL?")
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=asked.id)
    for act in (desk.commands.stop_reply, desk.commands.retry_reply):
        with pytest.raises(ForbiddenError):
            await act(cyd, room.id, reply.id)
    assert (await desk.commands.stop_reply(bob, room.id, reply.id)).status == "stopped"
    with pytest.raises(NotStreamingError):
        await desk.commands.stop_reply(bob, room.id, reply.id)
    await desk.commands.remove_member(ada, room.id, ASSISTANT_ID)
    with pytest.raises(ConflictError):
        await desk.commands.retry_reply(bob, room.id, reply.id)
