"""What moderators of a room can do, and what comes of it for everybody else."""

from datetime import timedelta

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.events import MemberChanged
from outcry.services.chat.contracts import ASSISTANT_ID, Room, Silence
from outcry.services.chat.errors import DirectRoomError, MemberNotFoundError, RoleError, RoomNotFoundError
from outcry.services.chat.events import RoomModerated
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.moderation.errors import BannedError, SilencedError, SlowModeError
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import history, say, start
from tests.services.chat.outbox import events_of

# What asks nothing of the engine that others do not: once is enough.
on_one_engine = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)


async def place(desk: Desk, person: Principal, room: Room) -> Room:
    """Return a room as somebody has it now."""
    return await desk.queries.get_room(person, room.id)


async def test_who_is_silenced_reads_and_says_nothing_until_it_is_over(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, bob, room, "loud")
    heard = await desk.follow(f"room:{room.id}")
    member = await desk.moderation.commands.silence(ada, room.id, bob.user_id, minutes=10)
    until = desk.clock.now() + timedelta(minutes=10)
    assert member.silence == Silence(since=desk.clock.now(), until=until)
    assert [update["kind"] for update in heard] == ["members"]
    with pytest.raises(SilencedError, match=f"{until:%H:%M} UTC") as refused:
        await say(desk, bob, room, "louder")
    assert refused.value.wait_s == 600
    for act in (
        desk.messages.edit(bob, room.id, message.id, text="louder"),
        desk.marks.react(bob, room.id, message.id, "👍"),
        desk.marks.pin(bob, room.id, message.id),
        desk.topics.start(bob, room.id, title="Loud"),
        desk.commands.change_room(bob, room.id, title="Loud"),
    ):
        with pytest.raises(SilencedError):
            await act
    seen = await place(desk, bob, room)
    assert seen.place is not None
    assert seen.place.silence == member.silence
    assert len(await history(desk, bob, room)) == 1
    desk.clock.advance(timedelta(minutes=10))
    assert (await say(desk, bob, room, "fine")).text == "fine"


@on_one_engine
async def test_a_silence_without_an_end_is_lifted_and_leaving_does_not_help(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await desk.commands.change_room(ada, room.id, kind="open")
    await desk.moderation.commands.silence(ada, room.id, bob.user_id, minutes=None)
    await desk.commands.remove_member(bob, room.id, bob.user_id)
    await desk.rooms.join(bob, room.id)
    desk.clock.advance(timedelta(days=400))
    with pytest.raises(SilencedError):
        await say(desk, bob, room, "again")
    assert (await desk.moderation.commands.unsilence(ada, room.id, bob.user_id)).silence is None
    await say(desk, bob, room, "again")
    told = await events_of(desk.database, RoomModerated)
    assert [(event.act, event.person_id, event.until) for event in told] == [
        ("silenced", bob.user_id, None),
        ("unsilenced", bob.user_id, None),
    ]


@on_one_engine
async def test_what_was_posted_before_a_silence_is_acknowledged_again(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    first = await desk.commands.post(bob, room.id, text="hi", client_id="a" * 8)
    await desk.moderation.commands.set_slow_mode(ada, room.id, seconds=60)
    await desk.moderation.commands.silence(ada, room.id, bob.user_id, minutes=None)
    assert (await desk.commands.post(bob, room.id, text="hi", client_id="a" * 8)).id == first.id


async def test_slow_mode_lets_a_member_post_once_in_a_while(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await say(desk, bob, room, "none")
    slowed = await desk.moderation.commands.set_slow_mode(ada, room.id, seconds=30)
    assert slowed.slow_s == 30
    with pytest.raises(SlowModeError, match="30 s"):
        await say(desk, bob, room, "one")
    desk.clock.advance(timedelta(seconds=30))
    await say(desk, bob, room, "one")
    desk.clock.advance(timedelta(seconds=10))
    with pytest.raises(SlowModeError, match="20 s") as refused:
        await say(desk, bob, room, "two")
    assert (refused.value.wait_s, refused.value.status) == (20, 429)
    seen = (await place(desk, bob, room)).place
    assert seen is not None
    assert seen.may_post_at == desk.clock.now() + timedelta(seconds=20)
    for text in ("I", "am", "the owner"):
        await say(desk, ada, room, text)
    desk.clock.advance(timedelta(seconds=20))
    await say(desk, bob, room, "two")
    await desk.moderation.commands.set_slow_mode(ada, room.id, seconds=0)
    await say(desk, bob, room, "three")
    told = await events_of(desk.database, RoomModerated)
    assert [(event.was, event.now) for event in told] == [(0, 30), (30, 0)]


@on_one_engine
async def test_what_is_sent_later_waits_for_slow_mode(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await desk.moderation.commands.set_slow_mode(ada, room.id, seconds=300)
    due = desk.clock.now() + timedelta(minutes=2)
    await desk.unsent.later.write(bob, room.id, text="later", due_at=due, zone="UTC", extras=Extras(), topic_id=None)
    desk.clock.advance(timedelta(minutes=2))
    await say(desk, bob, room, "now")
    assert await desk.unsent.sender.send_due() == 0
    desk.clock.advance(timedelta(minutes=6))
    assert await desk.unsent.sender.send_due() == 1
    assert [message.text for message in await history(desk, bob, room)] == ["now", "later"]


async def test_who_is_banned_comes_back_by_no_way(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await desk.commands.change_room(ada, room.id, kind="open")
    link = await desk.links.make(ada, room.id, role="member", guests=False, hours=24, most_uses=None)
    own = await desk.follow(f"user:{bob.user_id}")
    ban = await desk.moderation.commands.ban(ada, room.id, bob.user_id, minutes=None)
    assert (ban.person.name, ban.by.name, ban.until) == ("Bob", "Ada", None)
    assert {"kind": "removed", "room_id": str(room.id)} in own
    with pytest.raises(RoomNotFoundError):
        await say(desk, bob, room, "still here")
    for way in (
        desk.rooms.join(bob, room.id),
        desk.links.join(bob, token=link.token),
        desk.commands.add_member(ada, room.id, person_id=bob.user_id),
    ):
        with pytest.raises(BannedError):
            await way
    assert [each.person.id for each in await desk.moderation.queries.list_bans(ada, room.id)] == [bob.user_id]
    await desk.moderation.commands.unban(ada, room.id, bob.user_id)
    assert await desk.moderation.queries.list_bans(ada, room.id) == ()
    await desk.rooms.join(bob, room.id)
    with pytest.raises(MemberNotFoundError):
        await desk.moderation.commands.unban(ada, room.id, bob.user_id)


@on_one_engine
async def test_a_ban_for_a_time_ends_and_holds_for_who_left_before(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await desk.commands.change_room(ada, room.id, kind="open")
    await desk.commands.remove_member(bob, room.id, bob.user_id)
    await desk.moderation.commands.ban(ada, room.id, bob.user_id, minutes=60)
    with pytest.raises(BannedError):
        await desk.rooms.join(bob, room.id)
    desk.clock.advance(timedelta(hours=1))
    await desk.rooms.join(bob, room.id)
    assert await desk.moderation.queries.list_bans(ada, room.id) == ()


@on_one_engine
async def test_a_guest_who_is_banned_is_not_let_in_again(desk: Desk) -> None:
    ada, _, room = await start(desk)
    guest = await desk.new_person("Guest", ada.tenant_id, role="guest")
    joined = MemberChanged(
        person_id=guest.user_id,
        organisation_id=ada.tenant_id,
        act="joined",
        before="",
        after="guest",
        room_id=room.id,
        invited_by=ada.user_id,
    )
    await desk.hear(joined, ada.tenant_id, actor_id=ada.user_id)
    await desk.moderation.commands.ban(ada, room.id, guest.user_id, minutes=None)
    await desk.hear(joined, ada.tenant_id, actor_id=ada.user_id)
    assert guest.user_id not in {each.author.id for each in await desk.queries.list_members(ada, room.id)}


@on_one_engine
async def test_who_stands_below_moderates_nobody(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    cleo, outsider = [await desk.new_person(name, ada.tenant_id) for name in ("Cleo", "Out")]
    stranger = await desk.new_person("Stranger")
    await desk.commands.add_member(ada, room.id, person_id=cleo.user_id)
    await desk.rooms.change_role(ada, room.id, cleo.user_id, role="moderator")
    commands = desk.moderation.commands
    for who, whom, error in (
        (bob, cleo, ForbiddenError),
        (bob, bob, ForbiddenError),
        (cleo, ada, ForbiddenError),
        (cleo, cleo, ForbiddenError),
        (outsider, bob, RoomNotFoundError),
        (stranger, bob, RoomNotFoundError),
        (ada, outsider, MemberNotFoundError),
    ):
        with pytest.raises(error):
            await commands.silence(who, room.id, whom.user_id, minutes=1)
    for who, whom in ((bob, cleo), (cleo, ada)):
        with pytest.raises(ForbiddenError):
            await commands.ban(who, room.id, whom.user_id, minutes=None)
    with pytest.raises(ForbiddenError):
        await commands.set_slow_mode(bob, room.id, seconds=5)
    with pytest.raises(ForbiddenError):
        await desk.moderation.queries.list_bans(bob, room.id)
    await commands.silence(cleo, room.id, bob.user_id, minutes=1)
    await desk.commands.add_member(ada, room.id, person_id=ASSISTANT_ID)
    with pytest.raises(RoleError):
        await commands.silence(ada, room.id, ASSISTANT_ID, minutes=1)
    direct = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    with pytest.raises(DirectRoomError):
        await commands.set_slow_mode(ada, direct.id, seconds=5)
    with pytest.raises(MemberNotFoundError):
        await commands.unsilence(ada, room.id, new_id())
