"""Drawings over HTTP on real engines: made, changed, refused, hidden from others, shown as they change."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.market import Timeframe, to_micros
from outcry.kit.principal import Principal
from outcry.services.charts.drawings.ledger import MOST_DRAWINGS
from outcry.services.chat.contracts import Silence
from tests.services.charts.browsing import Desk, make_desk
from tests.services.charts.conftest import DAY, Charts, make_bars
from tests.services.charts.rooms import FewRooms
from tests.services.charts.test_charts_replay import NEWEST, make_module

CHART = "/instruments/AAPL/drawings"
LINE: dict[str, Any] = {
    "kind": "trend_line",
    "points": [{"time": 1_767_312_000_000, "price": 101.5}, {"time": 1_767_398_400_000, "price": 103.25}],
}


@pytest.fixture
async def desk(charts: Charts, fake_clock: FakeClock) -> Desk:
    """The service with one instrument."""
    assert to_micros(fake_clock.now()) > NEWEST
    await charts.add("AAPL", Timeframe.D1, make_bars([NEWEST - day * DAY for day in range(9, -1, -1)]))
    realtime, rooms = MemoryRealtime(), FewRooms()
    return make_desk(charts, make_module(charts, realtime, fake_clock, rooms), realtime, rooms)


async def draw(desk: Desk, person: Principal, room: str = "", **changes: Any) -> dict[str, Any]:
    """Draw a line on AAPL."""
    made: dict[str, Any] = await desk.call(person, "POST", CHART + room, LINE | changes, status=201)
    return made


async def listed(desk: Desk, person: Principal, room: str = "") -> list[dict[str, Any]]:
    """Return what is on the chart."""
    items: list[dict[str, Any]] = (await desk.call(person, "GET", CHART + room))["items"]
    return items


async def test_a_drawing_is_made_changed_and_deleted(desk: Desk) -> None:
    ann = desk.new_person()
    made = await draw(desk, ann, text="  a\u202e break\x00out ")
    assert (made["version"], made["text"], made["symbol"], made["room_id"]) == (1, "a breakout", "AAPL", None)
    assert made["style"] == {"colour": "blue", "width": 2, "dash": "solid"}
    assert (made["points"], made["created_by"], made["side"]) == (LINE["points"], str(ann.user_id), None)
    style = {"colour": "red", "width": 1, "dash": "dotted"}
    changed = await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 1, "style": style})
    assert (changed["version"], changed["style"], changed["points"]) == (2, style, LINE["points"])
    assert await listed(desk, ann) == [changed]
    await desk.call(ann, "DELETE", f"/drawings/{made['id']}?version=2", status=204)
    assert await listed(desk, ann) == []
    gone = await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 3, "text": "x"}, status=404)
    assert gone["code"] == "drawing_not_found"


async def test_a_change_of_what_somebody_has_not_seen_is_told_how_it_is_now(desk: Desk) -> None:
    ann = desk.new_person()
    made = await draw(desk, ann)
    await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 1, "text": "first"})
    late = await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 1, "text": "late"}, status=409)
    assert (late["code"], late["present"]["text"], late["present"]["version"]) == ("drawing_changed", "first", 2)
    late = await desk.call(ann, "DELETE", f"/drawings/{made['id']}?version=1", status=409)
    assert late["present"] == (await listed(desk, ann))[0]


async def test_what_changes_nothing_makes_no_version(desk: Desk) -> None:
    ann = desk.new_person()
    made = await draw(desk, ann)
    same = await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 1, "points": LINE["points"]})
    assert same == made


@pytest.mark.parametrize(
    ("prices", "side"), [((100, 95, 120), "long"), ((100, 105, 80), "short"), ((100, 95, 90), None)]
)
async def test_a_position_has_its_entry_between_stop_and_target(
    desk: Desk, prices: tuple[float, ...], side: str | None
) -> None:
    ann = desk.new_person()
    points = [{"time": 1_767_312_000_000, "price": price} for price in prices]
    body = {"kind": "position", "points": points}
    answer = await desk.call(ann, "POST", CHART, body, status=201 if side else 422)
    assert answer.get("side") == side


@pytest.mark.parametrize(
    "wrong",
    [
        {"points": LINE["points"][:1]},
        {"points": [LINE["points"][0]] * 2},
        {"kind": "text", "points": LINE["points"][:1], "text": " \u200f\x00 ".replace("\u200f", "")},
        {"text": "x" * 501},
    ],
)
async def test_what_is_no_drawing_is_refused_and_leaves_nothing(desk: Desk, wrong: dict[str, Any]) -> None:
    ann = desk.new_person()
    refused = await desk.call(ann, "POST", CHART, LINE | wrong, status=422)
    assert refused["code"] == "invalid_input"
    assert await listed(desk, ann) == []


async def test_a_chart_holds_so_many_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_DRAWINGS == 200
    monkeypatch.setattr("outcry.services.charts.drawings.ledger.MOST_DRAWINGS", 2)
    monkeypatch.setattr("outcry.services.charts.drawings.ledger.MOST_DELETED", 1)
    ann = desk.new_person()
    first, second = await draw(desk, ann), await draw(desk, ann)
    full = await desk.call(ann, "POST", CHART, LINE, status=409)
    assert full["code"] == "too_many_drawings"
    for made in (first, second):
        await desk.call(ann, "DELETE", f"/drawings/{made['id']}?version=1", status=204)
    # The next one drops what was deleted first: only the newest can be brought back.
    await draw(desk, ann)
    restore = {"version": 2, "to": 1}
    await desk.call(ann, "POST", f"/drawings/{first['id']}/restore", restore, status=404)
    back = await desk.call(ann, "POST", f"/drawings/{second['id']}/restore", restore)
    assert back["version"] == 3


async def test_nobody_else_finds_a_persons_own_drawings(desk: Desk) -> None:
    ann, ben, stranger = desk.new_person(), desk.new_person("owner"), desk.new_person(tenant_id=uuid4())
    made = await draw(desk, ann)
    nothing = await desk.call(ben, "PATCH", f"/drawings/{uuid4()}", {"version": 1}, status=404)
    for other in (ben, stranger):
        assert await listed(desk, other) == []
        assert await desk.call(other, "PATCH", f"/drawings/{made['id']}", {"version": 1}, status=404) == nothing
        await desk.call(other, "DELETE", f"/drawings/{made['id']}?version=1", status=404)
    assert await listed(desk, ann) == [made]


async def test_the_members_of_a_room_share_its_charts(desk: Desk) -> None:
    ann, ben, eve = desk.new_person(), desk.new_person("guest"), desk.new_person("owner")
    viewer = desk.new_person("viewer")
    room_id = desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id, viewer.user_id)
    room = f"?room_id={room_id}"
    made = await draw(desk, ann, room)
    assert made["room_id"] == str(room_id)
    by_guest = await desk.call(ben, "PATCH", f"/drawings/{made['id']}", {"version": 1, "text": "here"})
    assert by_guest["changed_by"] == str(ben.user_id)
    assert await listed(desk, ann, room) == [by_guest]
    assert await listed(desk, ann) == []
    await desk.call(eve, "GET", CHART + room, status=404)
    await desk.call(eve, "DELETE", f"/drawings/{made['id']}?version=2", status=404)
    # Who may only read in the room may only look.
    assert (await desk.call(viewer, "GET", CHART + room))["can_change"] is False
    refused = await desk.call(viewer, "DELETE", f"/drawings/{made['id']}?version=2", status=403)
    assert refused["detail"] == "Your role does not include chat:message:post."
    await draw(desk, viewer)
    desk.rooms.members[desk.charts.tenant, room_id].discard(ben.user_id)
    await desk.call(ben, "GET", CHART + room, status=404)


async def test_a_reader_of_a_room_looks_at_its_charts_and_changes_nothing(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person("owner")
    room_id = desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)
    room = f"?room_id={room_id}"
    made = await draw(desk, ann, room)
    await draw(desk, ben, room)
    desk.rooms.readers.add(ben.user_id)
    seen = await desk.call(ben, "GET", CHART + room)
    assert (seen["can_change"], seen["can_undo"], len(seen["items"])) == (False, False, 2)
    drawing = f"/drawings/{made['id']}"
    for method, path, body in (
        ("POST", CHART + room, LINE),
        ("PATCH", drawing, {"version": 1, "text": "mine"}),
        ("POST", f"{drawing}/restore", {"version": 1, "to": 1}),
        ("POST", f"{drawing}/drag", {"points": LINE["points"]}),
        ("POST", f"{CHART}/undo{room}", None),
        ("DELETE", f"{drawing}?version=1", None),
    ):
        refused = await desk.call(ben, method, path, body, status=403)
        assert refused["detail"] == "You may only read in this room, and draw nothing on its charts."
    assert await listed(desk, ann, room) == seen["items"]
    # Their own chart is theirs all the same.
    await draw(desk, ben)


async def test_who_is_silenced_in_a_room_draws_nothing_there_until_it_is_over(
    desk: Desk, fake_clock: FakeClock
) -> None:
    ann = desk.new_person()
    room = f"?room_id={desk.rooms.add(desk.charts.tenant, ann.user_id)}"
    now = fake_clock.now()
    for until in (None, now + timedelta(minutes=5)):
        desk.rooms.silences[ann.user_id] = Silence(since=now, until=until)
        assert (await desk.call(ann, "GET", CHART + room))["can_change"] is False
        await desk.call(ann, "POST", CHART + room, LINE, status=403)
    fake_clock.advance(timedelta(minutes=5))
    await draw(desk, ann, room)


async def test_topics_are_open_to_who_sees_the_chart(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room_id = desk.rooms.add(desk.charts.tenant, ann.user_id)
    for room, sees in ((f"?room_id={room_id}", ann), ("", ann)):
        chart = await desk.call(sees, "GET", CHART + room)
        prefix, _, name = chart["topic"].partition(":")
        topic = desk.module.topics[prefix]
        assert topic.log
        assert await topic.may_listen(sees, name)
        assert not await topic.may_listen(ben, name)
        prefix, _, name = chart["drags"].partition(":")
        drags = desk.module.topics[prefix]
        assert not drags.log
        assert await drags.may_listen(sees, f"{sees.tenant_id}:{name}")
        assert not await drags.may_listen(ben, f"{ben.tenant_id}:{name}")
        for wrong in (name.lower(), f"{name}x:", name.replace(".", ":"), "", "room.x:AAPL", name.upper()):
            assert not await topic.may_listen(sees, wrong) or wrong == name


async def test_who_follows_a_chart_misses_nothing(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room = f"?room_id={desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)}"
    before = await desk.call(ben, "GET", CHART + room)
    heard = await desk.follow(before["topic"])
    made = await draw(desk, ann, room)
    changed = await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 1, "text": "up"})
    await desk.call(ann, "DELETE", f"/drawings/{made['id']}?version=2", status=204)
    assert heard == [
        {"kind": "drawing", "drawing_id": made["id"], "version": 1, "drawing": made},
        {"kind": "drawing", "drawing_id": made["id"], "version": 2, "drawing": changed},
        {"kind": "removed", "drawing_id": made["id"], "version": 3, "drawing": None},
    ]
    after = await desk.call(ben, "GET", CHART + room)
    assert (after["epoch"], after["offset"]) == (before["epoch"], before["offset"] + 3)


async def test_a_drag_is_shown_until_it_lands(desk: Desk, fake_clock: FakeClock) -> None:
    ann = desk.new_person()
    made, other = await draw(desk, ann), await draw(desk, ann)
    drags = (await desk.call(ann, "GET", CHART))["drags"].removeprefix("drags:")
    seen: list[str] = []
    await desk.realtime.follow_latest(f"drags:{ann.tenant_id}:{drags}", lambda update: seen.append(update.data))
    moved = [point | {"price": point["price"] + 1} for point in LINE["points"]]
    for one in (made, other):
        await desk.call(ann, "POST", f"/drawings/{one['id']}/drag", {"points": moved}, status=204)
    assert seen[-1].count('"price":102.5') == 2
    await desk.call(ann, "PATCH", f"/drawings/{made['id']}", {"version": 1, "points": moved})
    assert made["id"] not in seen[-1]
    assert other["id"] in seen[-1]
    await desk.call(ann, "POST", f"/drawings/{other['id']}/drag", {"points": []}, status=204)
    assert seen[-1] == '{"kind":"drags","drags":[]}'
    wrong = await desk.call(ann, "POST", f"/drawings/{other['id']}/drag", {"points": moved[:1]}, status=422)
    assert wrong["errors"][0]["field"] == "points"
    assert (await listed(desk, ann))[1] == other


async def test_an_unknown_instrument_has_no_chart(desk: Desk) -> None:
    ann = desk.new_person()
    for method, body in (("GET", None), ("POST", LINE)):
        refused = await desk.call(ann, method, "/instruments/NOPE/drawings", body, status=404)
        assert refused["code"] == "instrument_not_found"


async def test_drags_that_nobody_ended_are_forgotten(
    desk: Desk, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    seen: list[str] = []
    lines = {person.user_id: await draw(desk, person) for person in (ann, ben)}

    async def drag(person: Principal) -> None:
        body = {"points": LINE["points"]}
        await desk.call(person, "POST", f"/drawings/{lines[person.user_id]['id']}/drag", body, status=204)

    await drag(ann)
    fake_clock.advance(timedelta(seconds=6))
    monkeypatch.setattr("outcry.services.charts.drawings.courier._MOST_DRAGGED", 0)
    await drag(ben)
    monkeypatch.undo()
    # Of what ann left in the middle nothing is shown any more when she takes hold of another drawing.
    other = await draw(desk, ann)
    drags = (await desk.call(ann, "GET", CHART))["drags"].removeprefix("drags:")
    await desk.realtime.follow_latest(f"drags:{ann.tenant_id}:{drags}", lambda update: seen.append(update.data))
    await desk.call(ann, "POST", f"/drawings/{other['id']}/drag", {"points": LINE["points"]}, status=204)
    assert seen[-1].count("drawing_id") == 1
