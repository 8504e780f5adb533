"""Messages and the assistant's replies."""

import asyncio
import json
from typing import Any

import pytest

from outcry.kit.errors import ConflictError, InvalidInputError
from outcry.kit.events import Envelope
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Answer, Figure, Message, Room, Source
from outcry.services.chat.errors import MessageNotFoundError, NotStreamingError, RoomNotFoundError, StillStreamingError
from outcry.services.chat.events import MessagePosted, ReplyRetried, ReplyStopped
from tests.services.chat.conftest import Desk

ANSWER = Answer(
    engine="desk",
    sources=(Source(id="s1", tool="quote", title="AAPL", arguments={"symbol": "AAPL"}, result={"price": 1.5}),),
    figures=(Figure(start=0, end=3, source_id="s1", path="/price"), Figure(start=4, end=5, source_id=None, path=None)),
)


async def start(desk: Desk, name: str = "Ada") -> tuple[Principal, Room]:
    """Make a person with a conversation."""
    person = await desk.new_person(name)
    return person, await desk.commands.create_room(person, title=None, kind="conversation")


async def begin(desk: Desk, person: Principal, room: Room) -> tuple[Message, Message]:
    """Post a question and begin its reply."""
    question = await desk.commands.post(person, room.id, text="How is AAPL?", client_id=new_id().hex)
    reply = await desk.replies.begin_reply(tenant_id=person.tenant_id, room_id=room.id, reply_to=question.id)
    return question, reply


async def append(desk: Desk, person: Principal, reply: Message, at: int, text: str, activity: str = "") -> bool:
    """Continue a reply."""
    return await desk.replies.append_reply(
        tenant_id=person.tenant_id,
        message_id=reply.id,
        version=reply.version,
        at=at,
        text=text,
        activity=activity,
    )


async def finish(desk: Desk, person: Principal, reply: Message, text: str) -> bool:
    """End a reply."""
    return await desk.replies.finish_reply(
        tenant_id=person.tenant_id,
        message_id=reply.id,
        version=reply.version,
        status="complete",
        text=text,
        answer=ANSWER,
    )


async def posts_told(desk: Desk) -> list[Envelope]:
    """Return the events of posted messages that wait to be delivered."""
    waiting = await desk.database.pending(after=0, limit=100)
    return [envelope for _, envelope, _ in waiting if envelope.name == MessagePosted.name]


async def test_posting_writes_the_message_and_its_event_and_shows_it(desk: Desk) -> None:
    ada, room = await start(desk)
    page = await desk.queries.history(ada, room.id, cursor=None, limit=10)
    posted = await desk.commands.post(ada, room.id, text=" Hello <b>desk</b>\r\n ", client_id="c" * 8)
    assert posted.text == "Hello <b>desk</b>"
    (envelope,) = await posts_told(desk)
    event = envelope.open(MessagePosted)
    assert (event.message_id, event.reply_wanted, envelope.key) == (posted.id, True, str(room.id))
    after = await desk.queries.history(ada, room.id, cursor=None, limit=10)
    assert after.items == (posted,)
    assert (after.epoch, after.offset) == (page.epoch, page.offset + 2)


async def test_the_same_client_id_posts_once(desk: Desk) -> None:
    ada, room = await start(desk)
    tries = (desk.commands.post(ada, room.id, text=f"try {n}", client_id="same-one") for n in range(5))
    posted = await asyncio.gather(*tries)
    assert len({message.id for message in posted}) == 1
    assert len((await desk.queries.history(ada, room.id, cursor=None, limit=10)).items) == 1
    assert len(await posts_told(desk)) == 1


@pytest.mark.parametrize("text", ["", "  \n ", "\u0000\u202e", "x" * 8001])
async def test_an_impossible_message_leaves_nothing(desk: Desk, text: str) -> None:
    ada, room = await start(desk)
    with pytest.raises(InvalidInputError):
        await desk.commands.post(ada, room.id, text=text, client_id="c" * 8)
    assert (await desk.queries.history(ada, room.id, cursor=None, limit=10)).items == ()
    assert (await desk.commands.post(ada, room.id, text="fine", client_id="d" * 8)).sequence == 1


async def test_posts_at_once_have_one_order_without_gaps(desk: Desk) -> None:
    ada, room = await start(desk)
    seen: list[dict[str, Any]] = []
    await desk.realtime.follow_log(f"room:{room.id}", None, lambda update: seen.append(json.loads(update.data)))
    await asyncio.gather(*(desk.commands.post(ada, room.id, text=f"m{n}", client_id=f"client-{n}") for n in range(20)))
    shown = [update["message"]["sequence"] for update in seen if update["kind"] == "message"]
    assert shown == list(range(1, 21))


async def test_history_goes_back_page_by_page(desk: Desk) -> None:
    ada, room = await start(desk)
    for number in range(7):
        await desk.commands.post(ada, room.id, text=f"m{number}", client_id=f"client-{number}")
    texts: list[list[str]] = []
    cursor: str | None = None
    while True:
        page = await desk.queries.history(ada, room.id, cursor=cursor, limit=3)
        texts.append([message.text for message in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert texts == [["m4", "m5", "m6"], ["m1", "m2", "m3"], ["m0"]]


async def test_a_reply_streams_is_stored_before_it_is_shown_and_ends(desk: Desk) -> None:
    ada, room = await start(desk)
    _, reply = await begin(desk, ada, room)
    seen: list[dict[str, Any]] = []
    await desk.realtime.follow_log(f"room:{room.id}", None, lambda update: seen.append(json.loads(update.data)))
    assert await append(desk, ada, reply, 0, "", "Looking up AAPL")
    assert await append(desk, ada, reply, 0, "AAPL is ", "")
    assert await append(desk, ada, reply, 8, "at 1.50.")
    assert await append(desk, ada, reply, 8, "at 1.50.")
    stored = await desk.replies.get_message(tenant_id=ada.tenant_id, message_id=reply.id)
    assert (stored.text, stored.status) == ("AAPL is at 1.50.", "streaming")
    assert [update["kind"] for update in seen] == ["activity", "delta", "activity", "delta"]
    assert [update["at"] for update in seen if update["kind"] == "delta"] == [0, 8]
    assert await finish(desk, ada, reply, "1.5 2")
    ended = (await desk.queries.history(ada, room.id, cursor=None, limit=10)).items[-1]
    assert (ended.status, ended.text, ended.answer) == ("complete", "1.5 2", ANSWER)
    assert not await append(desk, ada, reply, 5, "more")
    assert not await finish(desk, ada, reply, "again")


async def test_a_gap_is_refused(desk: Desk) -> None:
    ada, room = await start(desk)
    _, reply = await begin(desk, ada, room)
    with pytest.raises(InvalidInputError):
        await append(desk, ada, reply, 3, "late")


async def test_beginning_again_is_the_same_reply_anew(desk: Desk) -> None:
    ada, room = await start(desk)
    question, reply = await begin(desk, ada, room)
    await append(desk, ada, reply, 0, "half an ans")
    again = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    assert (again.id, again.sequence, again.version, again.text) == (reply.id, reply.sequence, 2, "")
    assert not await append(desk, ada, reply, 11, "wer of the dead process")
    assert await append(desk, ada, again, 0, "whole")
    ((tenant, unfinished),) = await desk.replies.unfinished_replies()
    assert (tenant, unfinished.id, unfinished.text) == (ada.tenant_id, reply.id, "whole")


async def test_anybody_in_the_room_stops_and_what_is_there_stays(desk: Desk) -> None:
    ada, room = await start(desk)
    bob = await desk.new_person("Bob", ada.tenant_id)
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    _, reply = await begin(desk, ada, room)
    await append(desk, ada, reply, 0, "half")
    stopped = await desk.commands.stop_reply(bob, room.id, reply.id)
    assert (stopped.status, stopped.text) == ("stopped", "half")
    assert not await append(desk, ada, reply, 4, " more")
    assert not await finish(desk, ada, reply, "half more")
    assert await finish(desk, ada, reply, "half")
    found = await desk.replies.get_message(tenant_id=ada.tenant_id, message_id=reply.id)
    assert (found.status, found.text, found.answer) == ("stopped", "half", ANSWER)
    with pytest.raises(NotStreamingError):
        await desk.commands.stop_reply(ada, room.id, reply.id)
    events = [envelope.name for _, envelope, _ in await desk.database.pending(after=0, limit=10)]
    assert events[-1] == ReplyStopped.name


async def test_a_reply_can_be_asked_for_again(desk: Desk) -> None:
    ada, room = await start(desk)
    question, reply = await begin(desk, ada, room)
    with pytest.raises(StillStreamingError):
        await desk.commands.retry_reply(ada, room.id, reply.id)
    await finish(desk, ada, reply, "first")
    retried = await desk.commands.retry_reply(ada, room.id, reply.id)
    assert (retried.id, retried.version, retried.text, retried.answer) == (reply.id, 2, "", None)
    (*_, (_, envelope, _)) = await desk.database.pending(after=0, limit=10)
    assert envelope.open(ReplyRetried).question_id == question.id
    with pytest.raises(ConflictError):
        await desk.commands.retry_reply(ada, room.id, question.id)


async def test_ids_of_other_rooms_and_tenants_do_not_exist(desk: Desk) -> None:
    ada, room = await start(desk)
    question, reply = await begin(desk, ada, room)
    eve, own = await start(desk, "Eve")
    for message_id in (reply.id, question.id, new_id()):
        with pytest.raises(MessageNotFoundError):
            await desk.commands.stop_reply(eve, own.id, message_id)
        with pytest.raises(MessageNotFoundError):
            await desk.replies.get_message(tenant_id=eve.tenant_id, message_id=message_id)
    with pytest.raises(RoomNotFoundError):
        await desk.replies.begin_reply(tenant_id=eve.tenant_id, room_id=room.id, reply_to=question.id)
    with pytest.raises(MessageNotFoundError):
        await desk.replies.begin_reply(tenant_id=eve.tenant_id, room_id=own.id, reply_to=question.id)
    messages = await desk.replies.recent_messages(tenant_id=eve.tenant_id, room_id=room.id, before=99, limit=9)
    assert messages == ()


async def test_recent_messages_are_those_before_oldest_first(desk: Desk) -> None:
    ada, room = await start(desk)
    for number in range(4):
        await desk.commands.post(ada, room.id, text=f"m{number}", client_id=f"client-{number}")
    found = await desk.replies.recent_messages(tenant_id=ada.tenant_id, room_id=room.id, before=4, limit=2)
    assert [message.text for message in found] == ["m1", "m2"]
