"""Many posts at once: each is acknowledged once, in one order, and suffers for no other."""

import asyncio

import pytest

from outcry.adapters.message_log.sql import SqlMessageLog
from outcry.kit.errors import ForbiddenError, OutcryError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.changes import Changes
from outcry.services.chat.contracts import Message
from outcry.services.chat.courier import Courier
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.models import MemberRow
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.settings import ChatSettings
from tests.services.chat.conftest import Desk
from tests.services.chat.screen import Screen


async def test_posts_at_once_have_one_order_without_a_hole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await desk.new_person("Ada")
    rooms = [await desk.commands.create_room(ada, title=title, kind="private") for title in ("One", "Two", "Three")]
    before = [await Screen.load(desk, ada, room.id) for room in rooms]
    heard = [await desk.follow(f"room:{room.id}") for room in rooms]
    commits = 0
    transaction = desk.database.transaction

    def counted() -> object:
        nonlocal commits
        commits += 1
        return transaction()

    monkeypatch.setattr(desk.database, "transaction", counted)
    texts = [f"message {number}" for number in range(60)]
    posted = await asyncio.gather(
        *(desk.commands.post(ada, rooms[at % 3].id, text=text, client_id=f"{at:08}") for at, text in enumerate(texts))
    )
    # One alone, the others while it was under way.
    assert commits <= 6
    for at, room in enumerate(rooms):
        mine = posted[at::3]
        assert [message.sequence for message in mine] == list(range(1, 21))
        assert [update["message"]["text"] for update in heard[at]] == texts[at::3]
        after = await Screen.load(desk, ada, room.id)
        assert after.position.offset == before[at].position.offset + 20


async def test_what_is_refused_of_a_batch_is_refused_alone(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ben = await desk.new_person("Ben", ada.tenant_id)
    stranger = await desk.new_person("Mallory")
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    await desk.commands.add_member(ada, room.id, email="ben@example.com")
    async with desk.database.transaction() as transaction:
        (await transaction.session.get_one(MemberRow, (room.id, ben.user_id))).role = "reader"

    async def post(person: Principal, number: int) -> Message | OutcryError:
        try:
            return await desk.commands.post(person, room.id, text=f"{number}", client_id=f"{number:08}")
        except OutcryError as error:
            return error

    done = await asyncio.gather(*(post((ada, ben, stranger)[number % 3], number) for number in range(30)))
    assert [type(each) for each in done[1::3]] == [ForbiddenError] * 10
    assert [type(each) for each in done[2::3]] == [RoomNotFoundError] * 10
    assert [each.sequence for each in done[0::3] if isinstance(each, Message)] == list(range(1, 11))


async def test_what_breaks_a_batch_breaks_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    new = await desk.commands.create_room(ada, title=None, kind="private")

    async def broken(**_: object) -> tuple[str | None, ...]:
        raise RuntimeError("no")

    # Only what is to become a title is sealed.
    monkeypatch.setattr(desk.calls, "seal_for_people", broken)
    posts = [desk.commands.post(ada, room.id, text=f"{number}", client_id=f"{number:08}") for number in range(10)]
    posts.insert(5, desk.commands.post(ada, new.id, text="My title", client_id="m" * 8))
    done = await asyncio.gather(*posts, return_exceptions=True)
    assert [type(each) for each in done if isinstance(each, Exception)] == [RuntimeError]
    assert sorted(each.sequence for each in done if isinstance(each, Message)) == list(range(1, 11))
    assert (await desk.queries.history(ada, new.id, cursor=None, limit=10)).items == ()


async def test_one_client_id_is_one_message_whatever_it_says(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ben = await desk.new_person("Ben", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    await desk.commands.add_member(ada, room.id, email="ben@example.com")
    # Also under another session: a token was refreshed meanwhile.
    ada_again = Principal(
        user_id=ada.user_id, tenant_id=ada.tenant_id, role=ada.role, scopes=ada.scopes, session_id=new_id()
    )
    done = await asyncio.gather(
        *(
            desk.commands.post((ada, ada_again)[number % 2], room.id, text=f"version {number}", client_id="once-and-1")
            for number in range(12)
        ),
        desk.commands.post(ben, room.id, text="mine", client_id="once-and-1"),
    )
    later = await desk.commands.post(ada, room.id, text="another", client_id="once-and-1")
    assert {message.id for message in (*done[:12], later)} == {done[0].id}
    assert {message.text for message in (*done[:12], later)} == {"version 0"}
    assert done[12].text == "mine"
    assert len((await desk.queries.history(ada, room.id, cursor=None, limit=10)).items) == 2


async def test_one_client_id_is_one_message_also_through_two_processes(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Desk", kind="private")

    def another_process() -> Poster:
        log = SqlMessageLog(desk.database, clock=desk.clock)
        changes = Changes(database=desk.database, courier=Courier(desk.realtime), log=log)
        names = Names(auth=desk.calls, clock=desk.clock)
        return Poster(changes=changes, auth=desk.calls, names=names, clock=desk.clock, settings=ChatSettings())

    posters = [another_process() for _ in range(4)]
    done = await asyncio.gather(
        *(
            posters[at % 4].post(
                tenant_id=ada.tenant_id,
                room_id=room.id,
                person_id=ada.user_id,
                text=f"version {at}",
                client_id=f"client-{at // 4}",
            )
            for at in range(40)
        )
    )
    assert len({message.id for message in done}) == 10
    assert sorted({message.sequence for message in done}) == list(range(1, 11))
    for at in range(10):
        assert len({message.id for message in done[at * 4 : at * 4 + 4]}) == 1
