"""What the assistant says goes with the words that it was made of."""

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import ASSISTANT_ID, Answer, Message, QuotedMessage, Room
from outcry.services.chat.events import MessageRemoved
from tests.services.chat.conftest import Desk
from tests.services.chat.test_erasure import dump, erase, history, shared


async def report(desk: Desk, ada: Principal, room: Room, quoted: Message, *read: Message) -> Message:
    """Post a report that quotes a message and was made of others."""
    link = QuotedMessage(room_id=quoted.room_id, message_id=quoted.id, sequence=quoted.sequence)
    return await desk.replies.post_report(
        tenant_id=ada.tenant_id,
        room_id=room.id,
        client_id=new_id().hex,
        text=f"Somebody said: {quoted.text}",
        answer=Answer(engine="desk", messages=(link,)),
        read=tuple(each.id for each in read),
    )


async def remove(desk: Desk, person: Principal, message: Message) -> None:
    """Remove a message, and let the service hear of it as it does."""
    await desk.messages.remove(person, message.room_id, message.id)
    event = MessageRemoved(
        room_id=message.room_id,
        message_id=message.id,
        sequence=message.sequence,
        author_id=message.author.id,
        act="removed",
    )
    await desk.hear(event, person.tenant_id)


async def say(desk: Desk, person: Principal, room: Room, text: str) -> Message:
    """Post a message."""
    return await desk.commands.post(person, room.id, text=text, client_id=new_id().hex)


async def test_a_report_goes_with_what_it_quotes_and_stays_without_what_it_only_read(desk: Desk) -> None:
    ada, bob, room = await shared(desk, title="Tech")
    # In another room, so that it is not about one room's own messages alone.
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    await desk.commands.add_member(ada, other.id, person_id=ASSISTANT_ID)
    said, read = await say(desk, bob, room, "a zebra"), await say(desk, bob, room, "a lion")
    made = await report(desk, ada, other, said, read)
    await remove(desk, bob, read)
    assert [(each.id, each.text) for each in await history(desk, ada, other)] == [(made.id, "Somebody said: a zebra")]
    await remove(desk, bob, said)
    (gone,) = await history(desk, ada, other)
    assert (gone.status, gone.text, gone.answer) == ("erased", "", None)
    assert "zebra" not in await dump(desk, "message", "room")


async def test_an_erased_person_is_in_no_report_and_no_stopped_reply(desk: Desk) -> None:
    ada, bob, room = await shared(desk, title="Tech")
    said, read = await say(desk, ada, room, "a zebra"), await say(desk, bob, room, "a lion")
    made = await report(desk, ada, room, said, read)
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=said.id)
    stopped = await desk.commands.stop_reply(bob, room.id, reply.id)
    assert stopped.stopped_by is not None
    assert stopped.stopped_by.name == "Bob"
    files = {file.path: file.text for file in await desk.personal.export_person(person_id=bob.user_id)}
    assert str(reply.id) in files["chat/stopped-replies.json"]
    await erase(desk, bob)
    shown = {each.id: each for each in await history(desk, ada, room)}
    assert shown[made.id].status == "erased"
    assert (shown[reply.id].status, shown[reply.id].stopped_by) == ("stopped", None)
    assert str(bob.user_id.hex) not in await dump(desk, "citation")


async def test_what_is_made_of_a_message_that_went_meanwhile_goes_at_once(desk: Desk) -> None:
    ada, bob, room = await shared(desk, title="Tech")
    said = await say(desk, bob, room, "a zebra")
    await remove(desk, bob, said)
    made = await report(desk, ada, room, said)
    shown = {each.id: each for each in await history(desk, ada, room)}
    assert (shown[made.id].status, shown[made.id].text) == ("erased", "")


async def test_what_of_an_erased_person_is_in_other_rooms_goes_too(desk: Desk) -> None:
    ada, bob, _ = await shared(desk, title="Tech")
    alone = await desk.commands.create_room(bob, title="Mine", kind="private")
    other = await desk.commands.create_room(ada, title="Other", kind="private")
    await desk.commands.add_member(ada, other.id, person_id=ASSISTANT_ID)
    # A room of Bob alone is deleted with him, so that nothing of the message is left to look at.
    made = await report(desk, ada, other, await say(desk, bob, alone, "a zebra"))
    await erase(desk, bob)
    assert [(each.id, each.text) for each in await history(desk, ada, other)] == [(made.id, "")]
