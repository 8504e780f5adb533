"""What the events of rooms tell, so that every version of a room can be made again, without a plain word of anybody."""

from uuid import UUID

from outcry.kit.events import Envelope
from outcry.services.auth.contracts import SealedText
from outcry.services.auth.events import MemberChanged
from outcry.services.chat.contracts import ASSISTANT_ID
from outcry.services.chat.events import RoomChanged
from tests.services.chat.conftest import Desk


async def told(desk: Desk) -> list[tuple[Envelope, RoomChanged]]:
    rows = await desk.database.pending(after=0, limit=100)
    return [(envelope, envelope.open(RoomChanged)) for _, envelope, _ in rows if envelope.name == RoomChanged.name]


async def title_of(desk: Desk, event: RoomChanged) -> str | None:
    """Return a title as whoever reads the log sees it."""
    if event.sealed_for is None:
        return event.title
    item = SealedText(person_id=event.sealed_for, sealed=event.sealed["after.title"])
    return (await desk.calls.open_for_people(items=(item,)))[0]


async def test_every_title_of_a_room_is_told_sealed_for_whoever_chose_it(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ben = await desk.new_person("Ben", ada.tenant_id)
    room = await desk.commands.create_room(ada, title=None, kind="conversation")
    await desk.commands.post(ada, room.id, text="What is the RSI of AAPL?", client_id="c" * 8)
    await desk.commands.post(ada, room.id, text="And then?", client_id="d" * 8)
    await desk.commands.add_member(ada, room.id, email="ben@example.com")
    await desk.commands.change_room(ben, room.id, title="Morning call", archived=None)
    await desk.commands.change_room(ben, room.id, title=None, archived=True)
    events = await told(desk)
    versions = [(event.act, event.sealed_for, await title_of(desk, event)) for _, event in events]
    assert versions == [
        ("made", None, "New conversation"),
        ("renamed", ada.user_id, "What is the RSI of AAPL?"),
        ("joined", None, None),
        ("renamed", ben.user_id, "Morning call"),
    ]
    assert [envelope.actor_id for envelope, _ in events] == [ada.user_id] * 3 + [ben.user_id]
    assert {envelope.tenant_id for envelope, _ in events} == {ada.tenant_id}
    data = str([envelope.data for envelope, _ in events])
    assert "RSI" not in data
    assert "Morning" not in data


async def test_who_comes_and_goes_and_who_owns_the_room_then_is_told(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    ben, cleo = [await desk.new_person(name, ada.tenant_id) for name in ("Ben", "Cleo")]
    room = await desk.commands.create_room(ada, title="Desk", kind="conversation")
    for name in ("Ben", "Cleo", "Cleo"):
        await desk.commands.add_member(ada, room.id, email=f"{name.lower()}@example.com")
    await desk.commands.remove_member(ada, room.id, cleo.user_id)
    gone = MemberChanged(person_id=ada.user_id, organisation_id=ada.tenant_id, act="removed", before="member", after="")
    heard = await desk.hear(gone, ada.tenant_id, actor_id=ben.user_id)
    await desk.handlers[heard.name](heard)
    moves = [(event.act, event.person_id, event.owner_id, envelope.actor_id) for envelope, event in await told(desk)]
    assert moves == [
        ("made", None, ada.user_id, ada.user_id),
        ("joined", ben.user_id, ada.user_id, ada.user_id),
        ("joined", cleo.user_id, ada.user_id, ada.user_id),
        ("left", cleo.user_id, ada.user_id, ada.user_id),
        ("left", ada.user_id, ben.user_id, ben.user_id),
    ]
    assert {event.kind for _, event in await told(desk)} == {"conversation"}


async def test_a_title_taken_back_by_an_erasure_is_told(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    await desk.new_person("Ben", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Ada's own", kind="room")
    await desk.commands.add_member(ada, room.id, email="ben@example.com")
    none: tuple[UUID, ...] = ()
    await desk.personal.erase_people(person_ids=(ada.user_id,), organisation_ids=none)
    last = [(event.act, event.title, event.person_id) for _, event in (await told(desk))[-2:]]
    assert last == [("left", None, ada.user_id), ("renamed", "New room", None)]
    assert ASSISTANT_ID not in {event.person_id for _, event in await told(desk)}
