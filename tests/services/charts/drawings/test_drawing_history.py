"""Undo, redo, restoring and the past of drawings; exports and erasures of them."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.kit.principal import Principal
from tests.services.charts.browsing import Desk
from tests.services.charts.drawings.test_drawings import CHART, desk, draw, listed

__all__ = ["desk"]


async def turn(desk: Desk, person: Principal, way: str, room: str = "", *, status: int = 200) -> Any:
    """Undo or redo."""
    return await desk.call(person, "POST", f"{CHART}/{way}{room}", status=status)


async def retext(desk: Desk, person: Principal, drawing_id: str, text: str) -> None:
    """Give a drawing another text, at whatever version it is."""
    for one in await listed(desk, person):
        if one["id"] == drawing_id:
            body = {"version": one["version"], "text": text}
            await desk.call(person, "PATCH", f"/drawings/{drawing_id}", body)


async def test_own_acts_are_undone_last_first_and_redone(desk: Desk) -> None:
    ann = desk.new_person()
    made = await draw(desk, ann)
    await retext(desk, ann, made["id"], "one")
    await desk.call(ann, "DELETE", f"/drawings/{made['id']}?version=2", status=204)
    assert (await turn(desk, ann, "undo"))["drawing"]["text"] == "one"
    assert (await turn(desk, ann, "undo"))["drawing"]["text"] == ""
    first = await turn(desk, ann, "undo")
    assert (first["drawing"], first["can_undo"], first["can_redo"]) == (None, False, True)
    assert (await turn(desk, ann, "undo", status=409))["code"] == "nothing_to_undo"
    # A page that is loaded anew knows what can be done.
    chart = await desk.call(ann, "GET", CHART)
    assert (chart["items"], chart["can_undo"], chart["can_redo"]) == ([], False, True)
    assert (await turn(desk, ann, "redo"))["drawing"]["text"] == ""
    assert (await turn(desk, ann, "redo"))["drawing"]["text"] == "one"
    assert (await turn(desk, ann, "redo"))["drawing"] is None
    assert (await turn(desk, ann, "redo", status=409))["code"] == "nothing_to_redo"
    assert (await turn(desk, ann, "undo"))["drawing"]["version"] == 10


async def test_a_new_act_gives_up_what_was_undone(desk: Desk) -> None:
    ann = desk.new_person()
    made = await draw(desk, ann)
    await retext(desk, ann, made["id"], "one")
    await turn(desk, ann, "undo")
    await retext(desk, ann, made["id"], "two")
    await turn(desk, ann, "redo", status=409)
    assert (await turn(desk, ann, "undo"))["drawing"]["text"] == ""


async def test_undo_takes_back_ones_own_and_never_what_others_did_since(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room = f"?room_id={desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)}"
    mine, other = await draw(desk, ann, room), await draw(desk, ann, room)
    await desk.call(ben, "PATCH", f"/drawings/{other['id']}", {"version": 1, "text": "ben"})
    undone = await turn(desk, ann, "undo", room)
    assert (undone["drawing_id"], undone["drawing"]) == (mine["id"], None)
    assert [one["text"] for one in await listed(desk, ann, room)] == ["ben"]
    await turn(desk, ann, "undo", room, status=409)
    # Nor on another chart of the same person.
    await draw(desk, ann)
    await turn(desk, ann, "undo", room, status=409)
    assert (await turn(desk, ben, "undo", room))["drawing"]["text"] == ""


async def test_the_past_is_told_and_can_be_restored(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room = f"?room_id={desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)}"
    made = await draw(desk, ann, room, text="first")
    await desk.call(ben, "PATCH", f"/drawings/{made['id']}", {"version": 1, "text": "second"})
    await desk.call(ann, "DELETE", f"/drawings/{made['id']}?version=2", status=204)
    late = await desk.call(ben, "POST", f"/drawings/{made['id']}/restore", {"version": 2, "to": 1}, status=409)
    assert late["present"]["version"] == 3
    await desk.call(ben, "POST", f"/drawings/{made['id']}/restore", {"version": 3, "to": 9}, status=404)
    back = await desk.call(ben, "POST", f"/drawings/{made['id']}/restore", {"version": 3, "to": 1})
    assert (back["version"], back["text"], back["changed_by"]) == (4, "first", str(ben.user_id))
    page = await desk.call(ann, "GET", f"{CHART}/history{room}&limit=3")
    acts = page["items"]
    rest = await desk.call(ann, "GET", f"{CHART}/history{room}&limit=3&cursor={page['next_cursor']}")
    acts += rest["items"]
    assert [(one["act"], one["version"], one["text"], one["deleted"]) for one in acts] == [
        ("restored", 4, "first", False),
        ("deleted", 3, "second", True),
        ("changed", 2, "second", False),
        ("created", 1, "first", False),
    ]
    assert [one["changed_by"] for one in acts] == [str(one.user_id) for one in (ben, ann, ben, ann)]
    await draw(desk, ann, room)
    alone = await desk.call(ann, "GET", f"{CHART}/history{room}&drawing_id={made['id']}")
    assert alone["items"] == acts


async def test_of_each_drawing_the_newest_versions_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.services.charts.drawings.ledger.MOST_VERSIONS", 3)
    ann = desk.new_person()
    made = await draw(desk, ann)
    for text in "abcd":
        await retext(desk, ann, made["id"], text)
    kept = (await desk.call(ann, "GET", f"{CHART}/history"))["items"]
    assert [one["version"] for one in kept] == [5, 4, 3]
    await turn(desk, ann, "undo")
    # What was before is no longer known, so no act leads there.
    await turn(desk, ann, "undo", status=409)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["draw", "text", "delete", "undo", "redo"]), max_size=12))
async def test_undoing_everything_and_redoing_it_leads_back(desk: Desk, acts: list[str]) -> None:
    """Whatever somebody did: so many undos lead to the empty chart, and as many redos to where they were."""
    ann = desk.new_person()
    for number, act in enumerate(acts):
        there = await listed(desk, ann)
        if act == "draw":
            await draw(desk, ann)
        elif act == "text" and there:
            await retext(desk, ann, there[0]["id"], f"text {number}")
        elif act == "delete" and there:
            await desk.call(ann, "DELETE", f"/drawings/{there[-1]['id']}?version={there[-1]['version']}", status=204)
        elif act in ("undo", "redo") and (await desk.call(ann, "GET", CHART))[f"can_{act}"]:
            await turn(desk, ann, act)
    end = [(one["id"], one["text"]) for one in await listed(desk, ann)]
    steps = 0
    while (await desk.call(ann, "GET", CHART))["can_undo"]:
        await turn(desk, ann, "undo")
        steps += 1
    assert await listed(desk, ann) == []
    for _ in range(steps):
        await turn(desk, ann, "redo")
    assert [(one["id"], one["text"]) for one in await listed(desk, ann)] == end


async def test_a_person_takes_their_drawings_along_and_leaves_no_word(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room_id = desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)
    room = f"?room_id={room_id}"
    await draw(desk, ann, text="mine alone")
    theirs = await draw(desk, ann, room, text="said in the room")
    bens = await draw(desk, ben, room, text="by ben")
    await desk.call(ann, "PATCH", f"/drawings/{bens['id']}", {"version": 1, "text": "ann was here"})
    personal = desk.module.personal
    assert personal is not None
    (file,) = await personal.export_person(person_id=ann.user_id)
    assert file.path == "charts/drawings.json"
    assert all(word in file.text for word in ("mine alone", "said in the room", "ann was here", str(room_id)))
    assert "by ben" not in file.text
    heard = await desk.follow((await desk.call(ben, "GET", CHART + room))["topic"])
    assert await personal.erase_people(person_ids=(ann.user_id,), organisation_ids=()) > 0
    assert heard == [{"kind": "removed", "drawing_id": theirs["id"], "version": 2, "drawing": None}]
    assert await personal.export_person(person_id=ann.user_id) == ()
    assert await listed(desk, ann) == []
    (left,) = await listed(desk, ben, room)
    assert (left["text"], left["created_by"], left["changed_by"]) == ("", str(ben.user_id), None)
    history = await desk.call(ben, "GET", f"{CHART}/history{room}")
    assert [(one["text"], one["changed_by"]) for one in history["items"]] == [("", None), ("by ben", str(ben.user_id))]
    assert await personal.erase_people(person_ids=(ann.user_id,), organisation_ids=()) == 0


async def test_an_organisation_leaves_nothing(desk: Desk) -> None:
    ann = desk.new_person()
    await draw(desk, ann)
    personal = desk.module.personal
    assert personal is not None
    await personal.erase_people(person_ids=(), organisation_ids=(desk.charts.tenant,))
    assert await personal.export_person(person_id=ann.user_id) == ()
