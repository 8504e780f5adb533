"""A person's part of the chat service's data, given out."""

import json
from typing import Any

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Answer, Room
from outcry.services.chat.privacy import PAGE
from tests.services.chat.conftest import Desk, as_person


async def export(desk: Desk, person: Principal) -> dict[str, Any]:
    """Return a person's files, read."""
    files = await desk.personal.export_person(person_id=person.user_id)
    return {file.path: json.loads(file.text) for file in files}


async def answer(desk: Desk, person: Principal, room: Room, question: str, text: str) -> None:
    """Ask a question and answer it."""
    asked = await desk.commands.post(person, room.id, text=question, client_id=new_id().hex)
    reply = await desk.replies.begin_reply(tenant_id=person.tenant_id, room_id=room.id, reply_to=asked.id)
    await desk.replies.finish_reply(
        tenant_id=person.tenant_id,
        message_id=reply.id,
        version=reply.version,
        status="complete",
        text=text,
        answer=Answer(engine="desk"),
    )


async def test_it_has_the_rooms_what_they_said_and_what_was_answered_to_them(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Morning", kind="conversation")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    await answer(desk, ada, room, "How is ÄAPL?", "It is up 1%.")
    await answer(desk, bob, room, "my own question", "for Bob only")
    files = await export(desk, ada)
    (shown,) = files["chat/rooms.json"]
    assert (shown["id"], shown["organisation_id"], shown["title"]) == (str(room.id), str(ada.tenant_id), "Morning")
    assert (shown["membership"]["role"], shown["titled_by_you"]) == ("owner", True)
    (said,) = files[f"chat/messages/{room.id}.json"]
    assert (said["text"], said["sequence"]) == ("How is ÄAPL?", 1)
    assert (said["reply"]["text"], said["reply"]["answer"]["engine"]) == ("It is up 1%.", "desk")
    assert "Bob" not in json.dumps(files)
    assert "my own question" not in json.dumps(files)


async def test_it_has_every_organisation_and_what_was_said_in_rooms_since_left(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    elsewhere = as_person(bob.user_id, await desk.crowd.new_organisation(), "member")
    there = await desk.commands.create_room(elsewhere, title="There", kind="room")
    here = await desk.commands.create_room(ada, title="Plans of Ada", kind="room")
    await desk.commands.add_member(ada, here.id, email="bob@example.com")
    await desk.commands.post(bob, here.id, text="before I go", client_id="c" * 8)
    await desk.commands.remove_member(bob, here.id, bob.user_id)
    await desk.commands.change_room(ada, here.id, title="Later plans of Ada", archived=None)
    files = await export(desk, bob)
    shown = {room["id"]: (room["title"], room["membership"] is None) for room in files["chat/rooms.json"]}
    assert shown == {str(there.id): ("There", False), str(here.id): (None, True)}
    (said,) = files[f"chat/messages/{here.id}.json"]
    assert (said["text"], said["reply"]) == ("before I go", None)


async def test_more_than_a_page_is_all_there_in_order(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title=None, kind="room")
    texts = [f"message {number}" for number in range(PAGE + 3)]
    for number, text in enumerate(texts):
        await desk.commands.post(ada, room.id, text=text, client_id=f"client-{number}")
    files = await export(desk, ada)
    assert [said["text"] for said in files[f"chat/messages/{room.id}.json"]] == texts


async def test_who_was_never_here_has_nothing(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    await desk.commands.create_room(ada, title=None, kind="room")
    eve = await desk.new_person("Eve")
    assert await export(desk, eve) == {}
