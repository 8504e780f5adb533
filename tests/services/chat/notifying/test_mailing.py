"""Mails about what is unread: together, at most one an hour, once, and with no word of what was said."""

import asyncio
import json
import re
from datetime import timedelta

import pytest

from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.notifying.choices import USUAL
from outcry.services.chat.notifying.contracts import NoticeChoice, QuietHours
from outcry.services.chat.notifying.mailing import CLAIMED_FOR
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import everything, named, say, start
from tests.services.chat.notifying.conftest import URL, Told, on_sqlite

WAIT = timedelta(minutes=USUAL.mail_after)
HOUR = timedelta(hours=1)


async def test_a_mention_that_stays_unread_is_mailed_once_without_its_words(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(ada, bob)
    await say(desk, ada, room, "@Bob the password is rosebud", mentions=(named("@Bob", bob),))
    await say(desk, ada, room, "@Bob well?", mentions=(named("@Bob", bob),))
    await say(desk, ada, room, "to nobody")
    await told.hear(twice=True)
    send = told.notices.mailer.send_due
    desk.clock.advance(WAIT - timedelta(seconds=1))
    assert await send() == 0
    desk.clock.advance(timedelta(seconds=1))
    assert sum(await asyncio.gather(send(), send(), send())) == 1
    assert await send() == 0
    (mail,) = told.mail.messages
    assert (mail.to, mail.subject) == ("bob@example.com", "2 messages are for you on Outcry")
    assert "Floor: 2 messages, by Ada" in mail.text
    assert f"{URL}/c/{room.id}" in mail.text
    assert "rosebud" not in mail.text
    assert not mail.html
    # A redelivered event brings nothing back.
    told.heard = 0
    await told.hear()
    desk.clock.advance(HOUR * 2)
    assert await send() == 0


@on_sqlite
async def test_at_most_one_an_hour_and_each_has_what_came_since(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    direct = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    send = told.notices.mailer.send_due
    await say(desk, ada, direct, "one")
    await told.hear()
    desk.clock.advance(WAIT)
    assert await send() == 1
    await say(desk, ada, direct, "two")
    await say(desk, ada, room, "@here three")
    await told.hear()
    desk.clock.advance(HOUR - timedelta(seconds=1))
    assert await send() == 0
    desk.clock.advance(timedelta(seconds=1))
    assert await send() == 1
    assert "Ada: 1 message, by Ada" in told.mail.messages[1].text
    assert "Floor: 1 message, by Ada" in told.mail.messages[1].text


async def test_what_is_read_muted_gone_or_left_is_no_news(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    rooms = [await desk.commands.create_room(ada, title=f"Room {n}", kind="private") for n in range(3)]
    mention = {"mentions": (named("@Bob", bob),)}
    for each in rooms:
        await desk.commands.add_member(ada, each.id, email="bob@example.com")
    for each in (room, *rooms):
        message = await say(desk, ada, each, "@Bob look", **mention)
    await told.hear()
    await desk.attendance.receipts.mark_read(bob, room.id, read=1)
    await desk.attendance.settle()
    await told.notices.commands.choose_for_room(bob, rooms[0].id, notices=None, muted=True, muted_until=None)
    await desk.commands.remove_member(ada, rooms[1].id, bob.user_id)
    await desk.messages.remove(ada, rooms[2].id, message.id, reason="")
    desk.clock.advance(WAIT)
    assert await told.notices.mailer.send_due() == 0
    assert told.mail.messages == []
    assert str(message.id) not in [line for line in (await everything(desk)).splitlines() if "due" in line]


@on_sqlite
async def test_a_topic_is_news_until_it_is_read_itself(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    topics = [await desk.topics.start(ada, room.id, title=title) for title in ("One", "Two")]
    extras = Extras(mentions=(named("@Bob", bob),))
    for topic in topics:
        client_id = f"client-{topic.title}"
        await desk.commands.post(ada, room.id, text="@Bob look", client_id=client_id, extras=extras, topic_id=topic.id)
    await told.hear()
    for stream in ("main", topics[0].id):
        await desk.attendance.receipts.mark_read(bob, room.id, read=2, stream=stream)
    desk.clock.advance(WAIT)
    assert await told.notices.mailer.send_due() == 1
    assert "Floor: 1 message, by Ada" in told.mail.messages[0].text


@on_sqlite
async def test_only_addresses_that_were_shown_to_be_theirs_get_mail(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(WAIT)
    assert await told.notices.mailer.send_due() == 0
    await told.confirm(bob)
    assert await told.notices.mailer.send_due() == 0
    assert told.mail.messages == []


@on_sqlite
async def test_a_mail_that_cannot_go_out_goes_later_and_a_refused_one_never(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    send = told.notices.mailer.send_due
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(WAIT)
    told.mail.fails = ["away", "", "refuses"]
    assert await send() == 0
    desk.clock.advance(CLAIMED_FOR + timedelta(seconds=1))
    assert await send() == 1
    await say(desk, ada, room, "@Bob again", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(HOUR)
    assert await send() == 1
    desk.clock.advance(HOUR)
    assert await send() == 0
    assert len(told.mail.messages) == 1


@on_sqlite
async def test_after_a_crash_the_same_mail_can_be_recognised(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(WAIT)
    told.mail.fails = ["dies"]
    with pytest.raises(KeyboardInterrupt):
        await told.notices.mailer.send_due()
    assert await told.notices.mailer.send_due() == 0
    desk.clock.advance(CLAIMED_FOR + timedelta(seconds=1))
    assert await told.notices.mailer.send_due() == 1
    first, second = told.mail.messages
    assert first == second
    desk.clock.advance(HOUR)
    assert await told.notices.mailer.send_due() == 0


@on_sqlite
async def test_what_came_due_while_nothing_ran_goes_at_the_start(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(HOUR * 24)
    await told.notices.mailer.start()
    async with asyncio.timeout(10):
        await told.mail.came.wait()
    await told.notices.mailer.stop()
    assert len(told.mail.messages) == 1


@on_sqlite
async def test_quiet_hours_put_a_mail_off_until_their_end(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    due = desk.clock.now() + WAIT
    minute = due.hour * 60 + due.minute
    quiet = QuietHours(start=minute, end=(minute + 120) % 1440)
    await told.notices.commands.choose(bob, NoticeChoice(zone="UTC", quiet=quiet))
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(WAIT)
    assert await told.notices.mailer.send_due() == 0
    desk.clock.advance(HOUR)
    assert await told.notices.mailer.send_due() == 0
    desk.clock.advance(HOUR)
    assert await told.notices.mailer.send_due() == 1


@on_sqlite
async def test_the_link_in_a_mail_ends_them_without_signing_in(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.confirm(bob)
    await told.notices.commands.choose(bob, NoticeChoice(mail="all", mail_after=1))
    await told.notices.commands.choose_for_room(bob, room.id, notices="all", muted=None, muted_until=None)
    await say(desk, ada, room, "to nobody")
    await told.hear()
    desk.clock.advance(WAIT)
    assert await told.notices.mailer.send_due() == 1
    assert told.mail.messages[0].subject == "1 message is unread on Outcry"
    link = re.search(rf"{URL}/stop-mails#(\S+)", told.mail.messages[0].text)
    assert link
    assert told.mail.messages[0].stop_url == link[0]
    for _ in range(2):
        await told.notices.commands.stop_mails(link[1])
    assert (await told.notices.commands.get(bob)).mail == "nothing"
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(HOUR * 2)
    assert await told.notices.mailer.send_due() == 0


@on_sqlite
async def test_names_and_titles_can_make_no_link_of_their_own(desk: Desk, told: Told) -> None:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    await told.confirm(bob)
    room = await desk.commands.create_room(ada, title="Sign in at https://evil.example/x [now]", kind="private")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    await desk.rename(ada, "www.evil.example")
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    desk.clock.advance(WAIT)
    assert await told.notices.mailer.send_due() == 1
    assert "evil" not in told.mail.messages[0].text


@on_sqlite
async def test_what_is_kept_of_it_is_given_out_and_erased(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    await told.notices.commands.choose(bob, NoticeChoice(zone="Asia/Tokyo"))
    await told.notices.commands.choose_for_room(bob, room.id, notices="all", muted=None, muted_until=None)
    message = await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await told.hear()
    files = {file.path: json.loads(file.text) for file in await desk.personal.export_person(person_id=bob.user_id)}
    assert files["chat/notifications.json"]["chosen"][0]["zone"] == "Asia/Tokyo"
    assert files["chat/notifications.json"]["to_be_mailed"][0]["message_id"] == str(message.id)
    assert files["chat/rooms.json"][0]["membership"]["notices"] == "all"
    await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=())
    assert "Asia/Tokyo" not in await everything(desk)
    assert await told.notices.mailer.send_due() == 0
