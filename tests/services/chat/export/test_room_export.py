"""A room given out whole: to whom, as what, and that nothing in it is anything but words."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Room
from outcry.services.chat.errors import RoomNotFoundError
from outcry.services.chat.events import RoomExported
from outcry.services.chat.export import queries
from outcry.services.chat.export.commands import RoomExports
from outcry.services.chat.export.contracts import ExportForm
from outcry.services.chat.export.errors import ExportForbiddenError, ExportRunsError
from outcry.services.chat.export.markdown_file import harmless, plain
from outcry.services.chat.names import Names
from tests.services.chat.conftest import Desk
from tests.services.chat.files.sending import post, send
from tests.services.chat.messages.rooms import history, named, say, start
from tests.services.chat.outbox import events_of

# For what the engine makes no difference to.
on_sqlite = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)


@pytest.fixture
def exports(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> RoomExports:
    """Exports in pages of two messages."""
    monkeypatch.setattr(queries, "PAGE", 2)
    names = Names(auth=desk.calls, clock=desk.clock)
    return RoomExports(database=desk.database, auth=desk.calls, names=names, clock=desk.clock)


async def read(exports: RoomExports, person: Principal, room: Room, form: ExportForm, reason: str = "") -> str:
    """Export a room and read the file."""
    export = await exports.begin(person, room.id, form=form, reason=reason)
    return b"".join([part async for part in exports.stream(export)]).decode()


async def read_json(exports: RoomExports, person: Principal, room: Room, reason: str = "") -> dict[str, Any]:
    """Export a room as JSON and parse it."""
    parsed: dict[str, Any] = json.loads(await read(exports, person, room, "json", reason))
    return parsed


async def test_json_has_everything_that_its_owner_can_read(desk: Desk, exports: RoomExports) -> None:
    ada, bob, room = await start(desk)
    first = await say(desk, bob, room, "sell @Ada", mentions=(named("@Ada", ada),))
    await desk.messages.edit(bob, room.id, first.id, text="buy @Ada", mentions=(named("@Ada", ada),))
    await desk.marks.react(ada, room.id, first.id, "👍")
    gone = await say(desk, bob, room, "a secret")
    await desk.messages.remove(bob, room.id, gone.id, reason="")
    await say(desk, ada, room, "line one\nline two")
    file = await read_json(exports, ada, room)
    assert (file["format"], file["room"]["title"], file["exported_by"]["name"]) == (
        "outcry-room-export",
        "Floor",
        "Ada",
    )
    assert [(each["author"]["name"], each["role"]) for each in file["members"]] == [("Ada", "owner"), ("Bob", "member")]
    assert [each["text"] for each in file["messages"]] == ["buy @Ada", "", "line one\nline two"]
    assert [each["sequence"] for each in file["messages"]] == [1, 2, 3]
    assert [each["text"] for each in file["messages"][0]["versions"]] == ["sell @Ada"]
    assert file["messages"][0]["reactions"] == [
        {"emoji": "👍", "people": [{"kind": "person", "id": str(ada.user_id), "name": "Ada", "picture": None}]}
    ]
    assert file["messages"][1]["status"] == "removed"
    assert (file["message_count"], file["complete"]) == (3, True)
    shown = {str(each.id): each for each in await history(desk, ada, room)}
    assert shown.keys() == {each["id"] for each in file["messages"]}


@on_sqlite
async def test_markdown_can_be_read_and_forged_by_nobody(desk: Desk, exports: RoomExports) -> None:
    ada, bob, room = await start(desk)
    forged = "fine\n\n### 1 · 2026-01-01 00:00 UTC · Ada\n> I owe Bob a million"
    await say(desk, bob, room, forged)
    await say(desk, bob, room, "<img src=x onerror=alert(1)> ![](http://spy/1) [go](javascript:alert(1)) a < b")
    first, *_ = await history(desk, ada, room)
    await desk.messages.remove(ada, room.id, first.id, reason="not true")
    await say(desk, bob, room, forged)
    text = await read(exports, ada, room, "markdown")
    assert text.startswith("# Floor\n")
    headings = [line for line in text.splitlines() if line.startswith("### ")]
    assert len(headings) == 3
    assert all(heading.endswith(" · Bob") for heading in headings)
    assert "removed by Ada. not true" in text
    for live in ("<img", "![", "](", "I owe Bob a million\n\n### "):
        assert live not in text
    assert "a < b" in text
    assert text.endswith("The end of this export: 3 messages.\n")


@on_sqlite
async def test_an_owner_needs_no_reason_an_admin_does_and_nobody_else_may(desk: Desk, exports: RoomExports) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    with pytest.raises(RoomNotFoundError):
        await exports.begin(boss, room.id, form="json", reason="I want to")
    await desk.commands.add_member(ada, room.id, email="boss@example.com")
    with pytest.raises(ExportForbiddenError):
        await exports.begin(bob, room.id, form="json", reason="I want to")
    with pytest.raises(InvalidInputError):
        await exports.begin(boss, room.id, form="json", reason=" \u200b ")
    assert await events_of(desk.database, RoomExported) == []
    assert (await read_json(exports, boss, room, "a complaint"))["reason"] == "a complaint"
    await read_json(exports, ada, room)
    told = await events_of(desk.database, RoomExported)
    assert [(event.person_id, event.role, list(event.sealed)) for event in told] == [
        (boss.user_id, "admin", ["after.reason"]),
        (ada.user_id, "owner", []),
    ]
    assert "complaint" not in str(told)


@on_sqlite
async def test_it_is_of_one_moment_and_ends_with_the_membership(desk: Desk, exports: RoomExports) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    await desk.commands.add_member(ada, room.id, email="boss@example.com")
    for number in range(5):
        await say(desk, bob, room, f"number {number}")
    export = await exports.begin(boss, room.id, form="json", reason="a complaint")
    parts = exports.stream(export)
    head, first = await anext(parts), await anext(parts)
    await say(desk, bob, room, "too late")
    with pytest.raises(ExportRunsError):
        await exports.begin(boss, room.id, form="json", reason="again")
    await desk.commands.remove_member(ada, room.id, boss.user_id)
    with pytest.raises(RoomNotFoundError):
        await anext(parts)
    got = (head + first).decode()
    assert "number 1" in got
    assert "number 2" not in got
    assert '"complete"' not in got
    file = await read_json(exports, ada, room)
    assert [each["text"] for each in file["messages"]][-1] == "too late"
    assert export.head.messages == 5


@on_sqlite
async def test_files_are_in_it_by_their_names(desk: Desk, exports: RoomExports) -> None:
    ada, bob, room = await start(desk)
    await post(desk, bob, room, await send(desk, bob, room, name="figures [1].pdf"), text="the figures")
    (message,) = (await read_json(exports, ada, room))["messages"]
    assert [each["name"] for each in message["files"]] == ["figures [1].pdf"]
    assert "File: figures \\[1\\]\\.pdf" in await read(exports, ada, room, "markdown")


@on_sqlite
async def test_an_empty_room_is_a_whole_file(desk: Desk, exports: RoomExports) -> None:
    ada, _, room = await start(desk)
    assert (await read_json(exports, ada, room))["messages"] == []
    assert "0 messages" in await read(exports, ada, room, "markdown")


@given(st.text(alphabet="<a>!/?[](:)\\` \n#", max_size=40))
@example("\\<script>")
@example("[[x]](y)")
def test_no_text_has_anything_left_to_run_load_or_follow(text: str) -> None:
    shown = harmless(text)
    for live in ("<a", "</", "<!", "<?", "![", "](", "]:"):
        assert live not in shown
    # What was typed can be had again: nothing is lost, and each sign shows as itself.
    assert shown.replace("&lt;", "<").replace("&#33;", "!").replace("&#40;", "(").replace("&#58;", ":") == text
    assert "\n" in text or "\n" not in plain(text)
