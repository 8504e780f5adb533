"""Messages that are sent later: at their time, once, or told why not; and drafts, the same on all devices."""

import asyncio
from datetime import timedelta

import pytest

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Room
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.later import commands
from outcry.services.chat.later.contracts import LaterMessage
from outcry.services.chat.later.errors import LaterNotFoundError, TooManyLaterError
from outcry.services.chat.later.sending import CLAIMED_FOR
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import everything, history, say, start

HOUR = timedelta(hours=1)


async def write(desk: Desk, person: Principal, room: Room, text: str, extras: Extras | None = None) -> LaterMessage:
    """Have a message sent in an hour."""
    return await desk.unsent.later.write(
        person,
        room.id,
        text=text,
        due_at=desk.clock.now() + HOUR,
        zone="Europe/Berlin",
        extras=extras or Extras(),
        topic_id=None,
    )


async def test_a_message_is_sent_at_its_time_and_once(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    first = await say(desk, bob, room, "at noon?")
    extras = Extras(mentions=(NamedPerson(label="@Bob", person_id=bob.user_id),), quote_id=first.id)
    later = await write(desk, ada, room, "yes @Bob", extras)
    heard = await desk.follow(f"user:{ada.user_id}")
    assert await desk.unsent.later.list_all(ada) == (later,)
    assert await desk.unsent.later.list_all(bob) == ()
    desk.clock.advance(HOUR - timedelta(seconds=1))
    assert await desk.unsent.sender.send_due() == 0
    desk.clock.advance(timedelta(seconds=1))
    assert sum(await asyncio.gather(*(desk.unsent.sender.send_due() for _ in range(3)))) == 1
    sent = [each for each in await history(desk, bob, room) if each.author.id == ada.user_id]
    assert [(each.text, each.mentions[0].name, each.quote and each.quote.message_id) for each in sent] == [
        ("yes @Bob", "Bob", first.id)
    ]
    assert await desk.unsent.later.list_all(ada) == ()
    told = [update for update in heard if update["kind"] == "later"]
    assert [(each["id"], each["problem"]) for each in told] == [(str(later.id), "")]
    with pytest.raises(LaterNotFoundError):
        await desk.unsent.later.cancel(ada, later.id)


async def test_what_a_crash_left_claimed_is_sent_once_all_the_same(desk: Desk) -> None:
    ada, _, room = await start(desk)
    later = await write(desk, ada, room, "once")
    desk.clock.advance(HOUR)
    # As if the process died before, or after, it had posted.
    assert await desk.unsent.sender._claim(later.id) is not None
    await desk.commands.post(ada, room.id, text="once", client_id=f"later-{later.id.hex}")
    assert await desk.unsent.sender.send_due() == 0
    desk.clock.advance(CLAIMED_FOR + timedelta(seconds=1))
    assert await desk.unsent.sender.send_due() == 1
    assert [each.text for each in await history(desk, ada, room)] == ["once"]


async def test_who_left_the_room_is_told_and_can_try_again(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    later = await write(desk, bob, room, "too late")
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    heard = await desk.follow(f"user:{bob.user_id}")
    desk.clock.advance(HOUR)
    assert await desk.unsent.sender.send_due() == 1
    (failed,) = await desk.unsent.later.list_all(bob)
    assert (failed.state, bool(failed.problem)) == ("failed", True)
    assert [update["problem"] for update in heard if update["kind"] == "later"] == [failed.problem]
    assert await desk.unsent.sender.send_due() == 0
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    due_at = desk.clock.now() + HOUR
    again = await desk.unsent.later.change(bob, later.id, text="now", due_at=due_at, zone="UTC")
    assert (again.state, again.problem, again.zone) == ("waiting", "", "UTC")
    desk.clock.advance(HOUR)
    assert await desk.unsent.sender.send_due() == 1
    assert [each.text for each in await history(desk, ada, room)] == ["now"]


async def test_what_cannot_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob, room = await start(desk)
    eve = await desk.new_person("Eve")
    later = await write(desk, ada, room, "hello")
    now = desk.clock.now()
    for due_at, zone in (
        (now, "UTC"),
        (now + timedelta(days=400), "UTC"),
        (now + HOUR, "Mars/Base"),
        (now + HOUR, "../x"),
    ):
        with pytest.raises(InvalidInputError):
            await desk.unsent.later.change(ada, later.id, text=None, due_at=due_at, zone=zone)
    for other in (bob, eve):
        with pytest.raises(LaterNotFoundError):
            await desk.unsent.later.cancel(other, later.id)
    with pytest.raises(RoomNotFoundError):
        await write(desk, eve, room, "hello")
    monkeypatch.setattr(commands, "MOST_WAITING", 1)
    with pytest.raises(TooManyLaterError):
        await write(desk, ada, room, "and more")
    await desk.unsent.later.cancel(ada, later.id)
    assert await desk.unsent.later.list_all(ada) == ()


async def test_a_draft_is_the_same_on_all_devices_and_the_last_one_counts(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    heard = await desk.follow(f"user:{ada.user_id}")
    drafts = desk.unsent.drafts
    saved = [await drafts.save(ada, room.id, text=text, topic_id=None) for text in ("be", "begin ", "  ")]
    assert [each.version for each in saved] == sorted({each.version for each in saved})
    assert [update["draft"]["text"] for update in heard if update["kind"] == "draft"] == ["be", "begin ", ""]
    assert await drafts.list_all(ada) == ()
    kept = await drafts.save(ada, room.id, text="anew", topic_id=None)
    assert await drafts.list_all(ada) == (kept,)
    assert await drafts.list_all(bob) == ()
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    with pytest.raises(RoomNotFoundError):
        await drafts.save(bob, room.id, text="still here", topic_id=None)


async def test_what_is_not_sent_is_exported_and_erased(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await write(desk, bob, room, "tomorrow's xylophone")
    await desk.unsent.drafts.save(bob, room.id, text="a draft xylophone", topic_id=None)
    files = {file.path: file.text for file in await desk.personal.export_person(person_id=bob.user_id)}
    assert "tomorrow's xylophone" in files["chat/to-send-later.json"]
    assert "a draft xylophone" in files["chat/drafts.json"]
    await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=())
    assert "xylophone" not in await everything(desk)
    assert len(await desk.queries.list_members(ada, room.id)) == 1
