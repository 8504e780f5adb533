"""Names are asked for when they are shown, and stored nowhere in the chat service."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from outcry.kit.events import Event
from outcry.services.auth.events import MemberChanged, PersonChanged, PersonErased
from outcry.services.auth.models.people import PersonRow
from outcry.services.chat.contracts import ASSISTANT_NAME, FORMER_NAME
from tests.services.chat.conftest import Desk


async def test_a_new_name_shows_at_once_after_its_event_and_else_within_the_minute(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    posted = await desk.commands.post(ada, room.id, text="hello", client_id="c" * 8)
    assert posted.author.name == "Ada"
    await desk.rename(ada, "Ada Lovelace")
    await desk.hear(PersonChanged(person_id=ada.user_id, fields=("name",)), ada.tenant_id)
    page = await desk.queries.history(ada, room.id, cursor=None, limit=10)
    assert [message.author.name for message in page.items] == ["Ada Lovelace"]
    await desk.rename(ada, "Countess")
    assert (await desk.queries.list_members(ada, room.id))[0].author.name == "Ada Lovelace"
    desk.clock.advance(timedelta(minutes=1))
    assert (await desk.queries.list_members(ada, room.id))[0].author.name == "Countess"
    said = await desk.replies.recent_messages(tenant_id=ada.tenant_id, room_id=room.id, before=9, limit=9)
    assert [message.author.name for message in said] == ["Countess"]
    assert (await desk.replies.get_message(tenant_id=ada.tenant_id, message_id=posted.id)).author.name == "Countess"


async def test_names_are_asked_for_once_for_all(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="conversation")
    for name in ("Bob", "Cyd"):
        colleague = await desk.new_person(name, ada.tenant_id)
        await desk.commands.add_member(ada, room.id, email=f"{name}@example.com")
        await desk.commands.post(colleague, room.id, text="hello", client_id="c" * 8)
    desk.clock.advance(timedelta(minutes=1))
    before = desk.calls.asked
    members = await desk.queries.list_members(ada, room.id)
    assert {member.author.name for member in members} == {"Ada", "Bob", "Cyd", ASSISTANT_NAME}
    for number in range(5):
        await desk.commands.post(ada, room.id, text="hello", client_id=f"again-{number}")
    await desk.queries.history(ada, room.id, cursor=None, limit=10)
    assert desk.calls.asked == before + 1


@pytest.mark.parametrize("kind", ["changed", "erased", "left"])
async def test_who_is_gone_is_a_former_member(desk: Desk, kind: str) -> None:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    heard = await desk.follow(f"room:{room.id}")
    await desk.commands.post(bob, room.id, text="bye", client_id="c" * 8)
    assert heard[-1]["message"]["author"]["name"] == "Bob"
    await desk.leave(bob)
    event: Event = {
        "changed": PersonChanged(person_id=bob.user_id, fields=("name",)),
        "erased": PersonErased(person_id=bob.user_id, organisation_ids=()),
        "left": MemberChanged(
            person_id=bob.user_id, organisation_id=bob.tenant_id, act="left", before="member", after=""
        ),
    }[kind]
    await desk.hear(event, ada.tenant_id)
    page = await desk.queries.history(ada, room.id, cursor=None, limit=10)
    assert [(message.author.id, message.author.name) for message in page.items] == [(bob.user_id, FORMER_NAME)]


async def test_a_name_that_changes_while_it_is_read_is_not_kept(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="room")
    event = PersonChanged(person_id=ada.user_id, fields=("name",))
    await desk.hear(event, ada.tenant_id)

    async def change() -> None:
        desk.calls.on_asked = None
        await desk.rename(ada, "Countess")
        await desk.hear(event, ada.tenant_id)

    desk.calls.on_asked = change
    await desk.queries.list_members(ada, room.id)
    assert (await desk.queries.list_members(ada, room.id))[0].author.name == "Countess"


async def test_members_and_messages_say_which_picture_their_person_has(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="conversation")
    async with desk.crowd.database.transaction() as transaction:
        theirs = update(PersonRow).where(PersonRow.id == ada.user_id)
        await transaction.session.execute(theirs.values(picture="one"))
    await desk.hear(PersonChanged(person_id=ada.user_id, fields=("picture",)), ada.tenant_id)
    heard = await desk.follow(f"room:{room.id}")
    assert (await desk.commands.post(ada, room.id, text="hello", client_id="c" * 8)).author.picture == "one"
    assert heard[-1]["message"]["author"]["picture"] == "one"
    pictures = {member.author.name: member.author.picture for member in await desk.queries.list_members(ada, room.id)}
    assert pictures == {"Ada": "one", ASSISTANT_NAME: None}
