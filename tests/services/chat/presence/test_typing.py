"""Who is typing: told to the room while it is so, and to nobody else."""

from datetime import timedelta
from uuid import UUID

import pytest

from outcry.kit.errors import ForbiddenError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Room
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.models import MemberRow
from outcry.services.chat.presence.typists import TYPING_FOR
from tests.services.chat.conftest import Desk
from tests.services.chat.presence.test_presence import beat, follow_typing
from tests.services.chat.receipts.test_unread import shared

SECOND = timedelta(seconds=1)


async def type_in(desk: Desk, person: Principal, room: Room, *, typing: bool = True) -> None:
    """Say that somebody types, or no more, and wait until that is told."""
    await desk.attendance.presence.type(person, room.id, typing=typing)
    await desk.attendance.settle()


async def test_typing_starts_stops_and_expires(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    heard = await follow_typing(desk, room)
    await type_in(desk, ada, room)
    assert heard == [{"people": [{"person_id": str(ada.user_id), "name": "Ada"}], "count": 1}]
    await type_in(desk, bob, room)
    await type_in(desk, ada, room, typing=False)
    assert [each["count"] for each in heard] == [1, 2, 1]
    await beat(desk, TYPING_FOR - SECOND)
    await type_in(desk, bob, room)
    await beat(desk, TYPING_FOR - SECOND)
    assert len(heard) == 3
    await beat(desk, SECOND)
    assert heard[3:] == [{"people": [], "count": 0}]


async def test_the_message_ends_the_typing(desk: Desk) -> None:
    (ada, _), room = await shared(desk, "Ada", "Bob")
    heard = await follow_typing(desk, room)
    await type_in(desk, ada, room)
    await desk.commands.post(ada, room.id, text="hello", client_id="c" * 8)
    await desk.attendance.settle()
    assert [each["count"] for each in heard] == [1, 0]


async def test_leaving_ends_the_typing(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    heard = await follow_typing(desk, room)
    await type_in(desk, bob, room)
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    await desk.attendance.settle()
    assert [each["count"] for each in heard] == [1, 0]
    with pytest.raises(RoomNotFoundError):
        await type_in(desk, bob, room)
    assert len(heard) == 2


async def test_who_may_not_post_does_not_type(desk: Desk) -> None:
    (ada, bob), room = await shared(desk, "Ada", "Bob")
    heard = await follow_typing(desk, room)
    async with desk.database.transaction() as transaction:
        (await transaction.session.get_one(MemberRow, (room.id, bob.user_id))).role = "reader"
    with pytest.raises(ForbiddenError):
        await type_in(desk, bob, room)
    for stranger in (await desk.new_person("Out", ada.tenant_id), await desk.new_person("Eve")):
        with pytest.raises(RoomNotFoundError):
            await type_in(desk, stranger, room)
    assert heard == []


async def test_a_flood_of_signs_asks_the_database_once_a_second(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (ada, _), room = await shared(desk, "Ada", "Bob")
    heard, asked = await follow_typing(desk, room), list[UUID]()
    started = desk.attendance.typing_teller.start

    def counted(_: object, tenant_id: UUID, room_id: UUID, person_id: UUID) -> None:
        asked.append(person_id)
        started(tenant_id, room_id, person_id)

    monkeypatch.setattr(type(desk.attendance.typing_teller), "start", counted)
    for _ in range(200):
        await type_in(desk, ada, room)
    desk.clock.advance(SECOND)
    await type_in(desk, ada, room)
    assert len(asked) == 2
    assert len(heard) == 1


async def test_a_few_are_named_and_the_others_counted(desk: Desk) -> None:
    (ada,), room = await shared(desk, "Ada")
    heard = await follow_typing(desk, room)
    teller = desk.attendance.typing_teller
    for number in range(7):
        teller.start(ada.tenant_id, room.id, UUID(int=number + 1))
    await desk.attendance.settle()
    assert (len(heard[-1]["people"]), heard[-1]["count"]) == (4, 7)
