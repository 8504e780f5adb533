"""Who is told of a message on their open pages, and what they choose."""

from datetime import timedelta

import pytest

from outcry.kit.errors import InvalidInputError
from outcry.services.chat.contracts import NoticeLevel
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.notifying.choices import USUAL
from outcry.services.chat.notifying.contracts import NoticeChoice, QuietHours
from outcry.services.chat.notifying.errors import NoticeLinkError
from outcry.services.chat.presence.contracts import Standing
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import named, say, start
from tests.services.chat.notifying.conftest import Told, noticed, on_sqlite

HOUR = timedelta(hours=1)


async def test_in_a_room_those_whom_a_message_names_and_in_a_direct_one_the_other(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    hers, his = await told.follow(ada), await told.follow(bob)
    await say(desk, ada, room, "to nobody")
    await say(desk, ada, room, "@Bob look", mentions=(named("@Bob", bob),))
    await say(desk, bob, room, "@here lunch")
    direct = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    await say(desk, ada, direct, "psst")
    await told.hear()
    assert noticed(his) == [(2, True), (1, True)]
    assert noticed(hers) == [(3, True)]
    assert "look" not in str(his)


@on_sqlite
async def test_an_edit_tells_those_whom_it_newly_names(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    his = await told.follow(bob)
    message = await say(desk, ada, room, "look")
    await desk.messages.edit(ada, room.id, message.id, text="@Bob look", mentions=(named("@Bob", bob),))
    await desk.messages.edit(ada, room.id, message.id, text="@Bob look!", mentions=(named("@Bob", bob),))
    await told.hear()
    assert noticed(his) == [(1, True)]


@pytest.mark.parametrize(("level", "heard"), [("all", [1, 2]), ("mentions", [2]), ("nothing", [])])
@on_sqlite
async def test_each_level_tells_so_much(desk: Desk, told: Told, level: NoticeLevel, heard: list[int]) -> None:
    ada, bob, room = await start(desk)
    kept = await told.notices.commands.choose_for_room(bob, room.id, notices=level, muted=None, muted_until=None)
    assert kept.place
    assert kept.place.notices == level
    his = await told.follow(bob)
    await say(desk, ada, room, "one")
    await say(desk, ada, room, "@Bob two", mentions=(named("@Bob", bob),))
    await told.hear()
    assert [sequence for sequence, _ in noticed(his)] == heard


@on_sqlite
async def test_a_muted_room_tells_nothing_until_the_mute_ends(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    choose, until = told.notices.commands.choose_for_room, desk.clock.now() + HOUR
    kept = await choose(bob, room.id, notices="all", muted=True, muted_until=until)
    assert kept.place
    assert (kept.place.muted, kept.place.muted_until) == (False, until)
    his = await told.follow(bob)
    await say(desk, ada, room, "one")
    await told.hear()
    desk.clock.advance(HOUR)
    await say(desk, ada, room, "two")
    await told.hear()
    kept = await choose(bob, room.id, notices=None, muted=True, muted_until=None)
    assert kept.place
    assert (kept.place.muted, kept.place.muted_until, kept.place.notices) == (True, None, "all")
    await say(desk, ada, room, "three")
    await told.hear()
    assert [sequence for sequence, _ in noticed(his)] == [2]
    # The older switch of the list takes either away.
    await choose(bob, room.id, notices=None, muted=True, muted_until=desk.clock.now() + HOUR)
    kept = await desk.rooms.keep(bob, room.id, muted=False)
    assert kept.place
    assert (kept.place.muted, kept.place.muted_until) == (False, None)


@on_sqlite
async def test_nobody_is_told_in_quiet_hours_or_while_not_to_be_disturbed(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    his, mention = await told.follow(bob), {"mentions": (named("@Bob", bob),)}
    minute = desk.clock.now().hour * 60 + desk.clock.now().minute
    quiet = QuietHours(start=minute, end=(minute + 1) % 1440)
    await told.notices.commands.choose(bob, NoticeChoice(zone="UTC", quiet=quiet))
    await say(desk, ada, room, "@Bob one", **mention)
    await told.hear()
    desk.clock.advance(timedelta(minutes=1))
    await desk.attendance.presence.choose(bob, Standing(state="do_not_disturb"))
    await say(desk, ada, room, "@Bob two", **mention)
    await told.hear()
    await desk.attendance.presence.choose(bob, Standing())
    await say(desk, ada, room, "@Bob three", **mention)
    await told.hear()
    assert [sequence for sequence, _ in noticed(his)] == [3]


@on_sqlite
async def test_what_somebody_chooses_is_checked_and_theirs(desk: Desk, told: Told) -> None:
    ada, bob, room = await start(desk)
    commands = told.notices.commands
    assert await commands.get(bob) == USUAL
    wanted = NoticeChoice(zone="Asia/Tokyo", quiet=QuietHours(start=1320, end=420), mail="all", mail_after=60)
    assert await commands.choose(bob, wanted) == wanted == await commands.get(bob)
    assert await commands.get(ada) == USUAL
    for bad in (
        NoticeChoice(zone="../../etc/passwd"),
        NoticeChoice(zone="Mars/Base"),
        NoticeChoice(quiet=QuietHours(start=60, end=60)),
        NoticeChoice(mail_after=0),
    ):
        with pytest.raises(InvalidInputError):
            await commands.choose(bob, bad)
    for until in (desk.clock.now(), desk.clock.now() + timedelta(days=400)):
        with pytest.raises(InvalidInputError):
            await commands.choose_for_room(bob, room.id, notices=None, muted=True, muted_until=until)
    stranger = await desk.new_person("Eve")
    with pytest.raises(RoomNotFoundError):
        await commands.choose_for_room(stranger, room.id, notices="all", muted=None, muted_until=None)
    with pytest.raises(NoticeLinkError):
        await commands.stop_mails("guessed")
    assert await commands.get(bob) == wanted
