"""How long rooms keep messages, what goes then, and what a legal hold keeps."""

from datetime import timedelta
from uuid import UUID

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.errors import DirectRoomError, RoomNotFoundError
from outcry.services.chat.events import HeldMessagesRead, MessagesExpired, RetentionChanged
from outcry.services.chat.retention import expiring
from outcry.services.chat.retention.errors import HoldNotFoundError
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import everything, history, say, start
from tests.services.chat.outbox import events_of

# What asks nothing of the engine that others do not: once is enough.
on_one_engine = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)


async def kept(desk: Desk, person: Principal, room_id: UUID) -> list[str]:
    """Return what is kept under a hold, as an administrator reads it."""
    page = await desk.retention.queries.list_held(person, room_id, cursor=None, limit=50)
    return [each.text for each in page.items]


async def test_what_is_too_old_goes_with_every_word_and_the_rest_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "STEP", 2)
    monkeypatch.setattr("outcry.services.chat.retention.sweeping.STEP", 2)
    ada, bob, room = await start(desk)
    for number in range(5):
        message = await say(desk, bob, room, f"secret{number}")
    await desk.messages.edit(bob, room.id, message.id, text="secret edited")
    await desk.marks.react(ada, room.id, message.id, "👍")
    await desk.topics.start(bob, room.id, title=None, message_id=message.id)
    await desk.moderation.reviews.report(ada, room.id, message.id, reason="about a secret")
    heard = await desk.follow(f"room:{room.id}")
    await desk.retention.commands.set_rule(ada, room.id, days=30)
    desk.clock.advance(timedelta(days=29))
    await say(desk, bob, room, "young")
    assert await desk.retention.sweeper.sweep() == 0
    desk.clock.advance(timedelta(days=2))
    assert await desk.retention.sweeper.sweep() == 5
    assert await desk.retention.sweeper.sweep() == 0
    left = await history(desk, bob, room)
    assert [(each.sequence, each.text) for each in left] == [(6, "young")]
    assert "secret" not in await everything(desk)
    assert (await desk.search.search(bob, query="secret1", cursor=None, limit=5)).items == ()
    assert heard[-1]["room"]["floor"] == 5
    # Who comes back from before is told nothing that is gone.
    older = await desk.queries.history(bob, room.id, cursor=None, limit=10, before=6)
    assert (older.items, older.next_cursor) == ((), None)
    told = await events_of(desk.database, MessagesExpired)
    assert [(event.messages, event.floor) for event in told] == [(2, 2), (2, 4), (1, 5)]


@on_one_engine
async def test_the_organisations_rule_holds_where_a_room_has_none(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    own = await desk.commands.create_room(ada, title="Own", kind="private")
    elsewhere = await desk.new_person("Else")
    other = await desk.commands.create_room(elsewhere, title="Other", kind="private")
    for person, place in ((bob, room), (ada, own), (elsewhere, other)):
        await say(desk, person, place, "old")
    await desk.retention.commands.set_usual(boss, days=7)
    await desk.retention.commands.set_rule(ada, own.id, days=0)
    desk.clock.advance(timedelta(days=8))
    assert await desk.retention.sweeper.sweep() == 1
    assert await history(desk, bob, room) == ()
    assert len(await history(desk, ada, own)) == 1
    assert len(await history(desk, elsewhere, other)) == 1
    keeping = await desk.retention.queries.keeping(ada, own.id)
    assert (keeping.days, keeping.own_days, keeping.usual_days, keeping.held) == (0, 0, 7, False)
    await desk.retention.commands.set_rule(ada, own.id, days=None)
    assert (await desk.retention.queries.keeping(ada, own.id)).own_days is None
    assert await desk.retention.sweeper.sweep() == 1
    told = await events_of(desk.database, RetentionChanged)
    assert [(event.room_id, event.was, event.now) for event in told] == [
        (None, None, 7),
        (own.id, None, 0),
        (own.id, 0, None),
    ]


async def test_under_a_hold_nothing_goes_until_it_is_lifted(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    await desk.retention.commands.set_rule(ada, room.id, days=1)
    await desk.retention.commands.hold(boss, room.id, reason="Case 7")
    assert (await desk.retention.queries.keeping(bob, room.id)).held
    evidence = await say(desk, bob, room, "first words")
    await desk.messages.edit(bob, room.id, evidence.id, text="the evidence")
    await say(desk, bob, room, "another")
    # Its author removes it: hidden from everybody, and kept.
    await desk.messages.remove(bob, room.id, evidence.id)
    assert [each.text for each in await history(desk, ada, room)] == ["", "another"]
    page = await desk.retention.queries.list_held(boss, room.id, cursor=None, limit=50)
    assert [each.text for each in page.items] == ["the evidence"]
    assert [version.text for version in page.items[0].versions] == ["first words"]
    desk.clock.advance(timedelta(days=3))
    assert await desk.retention.sweeper.sweep() == 0
    # Everybody in it is erased: their words show nowhere, and are kept as long as the hold is.
    (file,) = [
        file for file in await desk.personal.export_person(person_id=bob.user_id) if file.path == "chat/holds.json"
    ]
    assert "the evidence" in file.text
    await desk.personal.erase_people(person_ids=(bob.user_id, ada.user_id), organisation_ids=())
    assert await kept(desk, boss, room.id) == ["the evidence", "another"]
    assert len(await events_of(desk.database, HeldMessagesRead)) == 2
    await desk.retention.commands.hold(boss, None, reason="All of it")
    await desk.retention.commands.release(boss, room.id)
    assert await kept(desk, boss, room.id) == ["the evidence", "another"]
    await desk.retention.commands.release(boss, None)
    assert "the evidence" not in await everything(desk)
    with pytest.raises(HoldNotFoundError):
        await desk.retention.commands.release(boss, None)


@on_one_engine
async def test_rules_are_the_owners_and_holds_the_administrators(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    stranger = await desk.new_person("Stranger", role="admin")
    commands = desk.retention.commands
    with pytest.raises(ForbiddenError):
        await commands.set_rule(bob, room.id, days=1)
    with pytest.raises(ForbiddenError):
        await commands.set_usual(ada, days=1)
    with pytest.raises(ForbiddenError):
        await commands.hold(ada, room.id, reason="x")
    with pytest.raises(RoomNotFoundError):
        await commands.hold(stranger, room.id, reason="x")
    with pytest.raises(RoomNotFoundError):
        await desk.retention.queries.keeping(boss, room.id)
    with pytest.raises(RoomNotFoundError):
        await commands.hold(boss, new_id(), reason="x")
    direct = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    with pytest.raises(DirectRoomError):
        await commands.set_rule(ada, direct.id, days=1)
    await commands.hold(boss, direct.id, reason="x")
    assert await kept(desk, stranger, direct.id) == []
    assert [hold.room_id for hold in await desk.retention.queries.list_holds(boss)] == [direct.id]


async def test_one_process_sweeps_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob, room = await start(desk)
    await say(desk, bob, room, "old")
    await desk.retention.commands.set_rule(ada, room.id, days=1)
    desk.clock.advance(timedelta(days=2))
    one, other = desk.retention.sweeper, desk.retention.sweeper
    assert await one._claim()
    assert await other.sweep() == 0
    # The one who had the work is gone: the claim runs out.
    desk.clock.advance(timedelta(minutes=11))
    assert await other.sweep() == 1
