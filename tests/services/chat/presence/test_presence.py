"""Who is here: told to those who share a room, by everybody's most present device, and never of the invisible."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.events import MemberChanged
from outcry.services.chat.contracts import Room
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.models import RoomRow
from outcry.services.chat.presence.board import GRACE
from outcry.services.chat.presence.contracts import Activity, Presence, Standing
from outcry.services.chat.presence.teller import typing_topic
from tests.services.chat.conftest import Desk
from tests.services.chat.receipts.test_unread import shared

HOUR = timedelta(hours=1)


@dataclass
class Device:
    """An open socket, as the service sees it."""

    person: Principal
    desk: Desk
    id: str = field(default_factory=lambda: new_id().hex)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def on_close(self, callback: Callable[[], Awaitable[None]]) -> None:
        """Keep what is to be done at the end."""
        self.closing.append(callback)

    def go_on(self) -> None:
        """Nobody waits."""

    async def be(self, activity: Activity) -> None:
        """Say what the person is."""
        await self.desk.attendance.presence.be(self.person, self, activity)

    async def close(self) -> None:
        """End the socket."""
        for callback in self.closing:
            await callback()


async def beat(desk: Desk, by: timedelta = timedelta(0)) -> None:
    """Let time pass, and what is due be done and told."""
    desk.clock.advance(by)
    await desk.attendance.beat.beat()
    await desk.attendance.settle()


async def seen(desk: Desk, by: Principal, room: Room) -> dict[UUID, str]:
    """Return how the people of a room look to somebody; who is away is left out."""
    await desk.attendance.settle()
    found = await desk.attendance.presence_queries.room_presence(by, room.id)
    return {each.person_id: each.state for each in found.people}


async def test_of_several_devices_the_most_present_counts(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    laptop, phone = Device(bob, desk), Device(bob, desk)
    assert await seen(desk, ada, room) == {}
    await laptop.be("idle")
    assert await seen(desk, ada, room) == {bob.user_id: "idle"}
    await phone.be("here")
    assert await seen(desk, ada, room) == {bob.user_id: "here"}
    await phone.close()
    assert await seen(desk, ada, room) == {bob.user_id: "idle"}
    await laptop.close()
    assert len(laptop.closing) == 1
    await beat(desk)
    assert await seen(desk, ada, room) == {bob.user_id: "idle"}
    await beat(desk, GRACE)
    assert await seen(desk, ada, room) == {}


async def test_a_page_that_reloads_is_not_told(desk: Desk) -> None:
    (_, bob), room = await shared(desk, "Ada", "Bob")
    first = Device(bob, desk)
    await first.be("here")
    await desk.attendance.settle()
    told = await desk.follow(f"presence:{room.id}")
    await first.close()
    await beat(desk, GRACE / 2)
    await Device(bob, desk).be("here")
    await beat(desk, GRACE)
    assert told == []


async def test_a_room_that_is_looked_at_then_followed_shows_what_a_fresh_look_shows(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    await Device(ada, desk).be("here")
    told = await desk.follow(f"presence:{room.id}")
    state = await seen(desk, ada, room)
    device = Device(bob, desk)
    await device.be("here")
    await desk.attendance.presence.choose(cleo, Standing(text="On the train", emoji="🚆"))
    await desk.attendance.settle()
    await desk.attendance.presence.choose(ada, Standing(state="do_not_disturb", until=desk.clock.now() + HOUR))
    await Device(cleo, desk).be("idle")
    await device.close()
    await beat(desk, GRACE)
    for update in told:
        for person in update["people"]:
            state[UUID(person["person_id"])] = person["state"]
    state = {person: looks for person, looks in state.items() if (person == cleo.user_id or looks != "away")}
    assert state == await seen(desk, ada, room)
    await beat(desk, HOUR)
    assert (await seen(desk, bob, room))[ada.user_id] == "here"
    assert told[-1]["people"] == [
        {"person_id": str(ada.user_id), "state": "here", "text": "", "emoji": "", "until": None}
    ]


async def test_somebody_invisible_looks_like_somebody_who_is_gone_whatever_they_do(desk: Desk) -> None:
    (ada, bob, cleo), room = await shared(desk, "Ada", "Bob", "Cleo")
    for person in (bob, cleo):
        await Device(person, desk).be("here")
    await desk.attendance.settle()
    told = await desk.follow(f"presence:{room.id}")
    await desk.attendance.presence.choose(bob, Standing(state="invisible"))
    assert await seen(desk, ada, room) == {cleo.user_id: "here"}
    assert told == [
        {"people": [{"person_id": str(bob.user_id), "state": "away", "text": "", "emoji": "", "until": None}]}
    ]
    device = Device(bob, desk)
    for activity in ("here", "idle"):
        await device.be(activity)
        await desk.attendance.settle()
    typing = await follow_typing(desk, room)
    await desk.attendance.presence.type(bob, room.id, typing=True)
    await device.close()
    await beat(desk, GRACE)
    assert len(told) == 1
    assert typing == []
    # How long it is to last would tell that it was chosen.
    await desk.attendance.presence.choose(bob, Standing(state="invisible", until=desk.clock.now() + HOUR))
    assert (await desk.attendance.presence_queries.room_presence(ada, room.id)).people == (
        Presence(person_id=cleo.user_id, state="here"),
    )


async def test_only_who_shares_a_room_sees_anybody(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    outsider = await desk.new_person("Out", ada.tenant_id)
    eve = await desk.new_person("Eve")
    await Device(bob, desk).be("here")
    queries = desk.attendance.presence_queries
    assert await queries.may_listen(ada, str(room.id))
    assert await queries.may_listen(ada, f"{ada.tenant_id}:{room.id}")
    for person in (outsider, eve, replace(bob, tenant_id=eve.tenant_id)):
        with pytest.raises(RoomNotFoundError):
            await queries.room_presence(person, room.id)
        assert not await queries.may_listen(person, str(room.id))
    assert not await queries.may_listen(ada, "nonsense")
    assert not await queries.may_listen(replace(ada, scopes=frozenset()), str(room.id))


async def test_the_same_person_in_another_organisation_is_apart(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    await Device(replace(bob, tenant_id=new_id()), desk).be("here")
    assert await seen(desk, ada, room) == {}


async def test_what_was_chosen_is_kept_and_ends(desk: Desk) -> None:
    (ada, _), room = await shared(desk, "Ada", "Bob")
    commands, queries = desk.attendance.presence, desk.attendance.presence_queries
    own = await desk.follow(f"user:{ada.user_id}")
    wanted = Standing(state="do_not_disturb", until=desk.clock.now() + HOUR, text=" In a\nmeeting ", receipts=False)
    chosen = await commands.choose(ada, wanted)
    assert chosen == replace(wanted, text="In a meeting") == await queries.get_standing(ada)
    assert {"kind": "presence"} in own
    # Away without a device, but the status is there.
    assert (await queries.room_presence(ada, room.id)).people[0].text == "In a meeting"
    desk.clock.advance(HOUR)
    assert await queries.get_standing(ada) == Standing(receipts=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "x" * 101},
        {"emoji": "yes"},
        {"emoji": "<b>"},
        {"emoji": "🥪" * 17},
        {"until": timedelta(0)},
        {"until": timedelta(days=400)},
    ],
)
async def test_what_cannot_be_shown_is_refused_and_changes_nothing(desk: Desk, wrong: dict[str, Any]) -> None:
    ada = await desk.new_person("Ada")
    if "until" in wrong:
        wrong = {"until": desk.clock.now() + wrong["until"]}
    with pytest.raises(InvalidInputError):
        await desk.attendance.presence.choose(ada, Standing(**wrong))
    assert await desk.attendance.presence_queries.get_standing(ada) == Standing()


async def test_who_leaves_the_organisation_leaves_no_choice_behind(desk: Desk) -> None:
    (ada, bob), _ = await shared(desk, "Ada", "Bob")
    await desk.attendance.presence.choose(bob, Standing(text="Here"))
    gone = MemberChanged(person_id=bob.user_id, organisation_id=ada.tenant_id, act="removed", before="member", after="")
    await desk.hear(gone, ada.tenant_id, actor_id=ada.user_id)
    assert await desk.attendance.presence_queries.get_standing(bob) == Standing()


async def follow_typing(desk: Desk, room: Room) -> list[Any]:
    """Return the list that a room's states of typing are going to be put into."""
    heard: list[Any] = []
    async with desk.database.reading() as session:
        tenant_id = (await session.get_one(RoomRow, room.id)).tenant_id
    await desk.realtime.follow_latest(
        typing_topic(tenant_id, room.id), lambda each: heard.append(json.loads(each.data))
    )
    return heard
