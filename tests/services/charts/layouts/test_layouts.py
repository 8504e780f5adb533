"""Layouts and templates: kept, shared, checked strictly, told of conflicts, taken along and erased."""

from typing import Any
from uuid import uuid4

import pytest

from tests.services.charts.browsing import Desk
from tests.services.charts.drawings.test_drawings import desk

__all__ = ["desk"]

CHART: dict[str, Any] = {
    "symbol": "aapl",
    "timeframe": "1d",
    "chart_type": "hollow",
    "scale": "log",
    "studies": [{"name": "RSI", "parameters": {"period": 21}, "pane": "p1", "styles": [{"output": "rsi"}]}],
    "panes": [{"id": "p1", "height": 0.25}],
    "compare": ["spy", "SPY"],
    "formulas": [{"text": "close > sma(20)"}],
    "visibility": {"volume": False},
}
BODY: dict[str, Any] = {"name": " My\n desk ", "chart": CHART}


async def test_a_layout_is_kept_as_it_was_arranged(desk: Desk) -> None:
    ann = desk.new_person()
    made = await desk.call(ann, "POST", "/layouts", BODY, status=201)
    assert (made["name"], made["kind"], made["version"], made["mine"]) == ("My desk", "layout", 1, True)
    chart = made["chart"]
    assert (chart["symbol"], chart["compare"], chart["zone"]) == ("AAPL", ["SPY"], "exchange")
    assert chart["studies"][0]["parameters"] == {"period": 21.0}
    assert chart["studies"][0]["name"] == "rsi"
    assert chart["visibility"] == {
        "volume": False,
        "drawings": True,
        "grid": True,
        "sessions": False,
        "quality": False,
        "legend": True,
        "gaps": False,
        "profile": False,
    }
    assert (chart["adjustment"], chart["renko_box"]) == ("splits", None)
    assert await desk.call(ann, "GET", f"/layouts/{made['id']}") == made
    change = BODY | {"version": 1, "name": "Other"}
    changed = await desk.call(ann, "PUT", f"/layouts/{made['id']}", change)
    assert (changed["version"], changed["name"]) == (2, "Other")
    late = await desk.call(ann, "PUT", f"/layouts/{made['id']}", change, status=409)
    assert (late["code"], late["present"]) == ("layout_changed", changed)
    await desk.call(ann, "DELETE", f"/layouts/{made['id']}?version=2", status=204)
    assert (await desk.call(ann, "GET", "/layouts"))["items"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"studies": [{"name": "nope"}]}, "studies.0"),
        ({"studies": [{"name": "rsi", "parameters": {"period": 0}}]}, "studies.0"),
        ({"studies": [{"name": "rsi", "styles": [{"output": "sma"}]}]}, "studies.0.styles"),
        ({"studies": [{"name": "rsi", "pane": "elsewhere"}]}, "studies.0.pane"),
        ({"panes": [{"id": "a"}, {"id": "a"}], "studies": []}, "panes"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"symbol": "no symbol"}, "symbol"),
        ({"symbol": None}, "symbol"),
        ({"formulas": [{"text": " \x00 "}]}, "formulas.0.text"),
        ({"formulas": [{"text": f"{n}" + "ü" * 1_900} for n in range(10)]}, "chart"),
    ],
)
async def test_what_cannot_be_drawn_is_not_kept(desk: Desk, changes: dict[str, Any], field: str) -> None:
    ann = desk.new_person()
    refused = await desk.call(ann, "POST", "/layouts", BODY | {"chart": CHART | changes}, status=422)
    assert refused["errors"][0]["field"] == field
    assert (await desk.call(ann, "GET", "/layouts"))["items"] == []


@pytest.mark.parametrize("stray", [{"stray": 1}, {"visibility": {"stray": True}}, {"scale": "cubic"}])
async def test_nothing_is_kept_that_has_no_name(desk: Desk, stray: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="422"):
        await desk.call(desk.new_person(), "POST", "/layouts", BODY | {"chart": CHART | stray}, status=201)


async def test_a_template_is_for_every_symbol(desk: Desk) -> None:
    ann = desk.new_person()
    template = {"kind": "template", "name": "Studies", "chart": {"studies": CHART["studies"], "panes": CHART["panes"]}}
    made = await desk.call(ann, "POST", "/layouts", template, status=201)
    assert (made["chart"]["symbol"], made["chart"]["timeframe"]) == (None, None)
    named = await desk.call(ann, "POST", "/layouts", template | {"chart": CHART}, status=422)
    assert named["errors"][0]["field"] == "symbol"
    await desk.call(ann, "POST", "/layouts", BODY, status=201)
    for kind in ("layout", "template"):
        items = (await desk.call(ann, "GET", f"/layouts?kind={kind}"))["items"]
        assert [one["kind"] for one in items] == [kind]


async def test_what_is_shared_is_seen_by_the_organisation_and_changed_by_who_may(desk: Desk) -> None:
    ann, ben, admin = desk.new_person(), desk.new_person(), desk.new_person("admin")
    viewer, stranger = desk.new_person("viewer"), desk.new_person(tenant_id=uuid4())
    own = await desk.call(ann, "POST", "/layouts", BODY, status=201)
    shared = await desk.call(ann, "POST", "/layouts", BODY | {"shared": True}, status=201)
    for other, sees in ((ben, True), (viewer, True), (stranger, False)):
        items = (await desk.call(other, "GET", "/layouts"))["items"]
        assert [one["id"] for one in items] == [shared["id"]] * sees
        await desk.call(other, "GET", f"/layouts/{own['id']}", status=404)
    change = BODY | {"version": 1, "shared": True, "name": "By others"}
    await desk.call(ben, "PUT", f"/layouts/{shared['id']}", change, status=403)
    await desk.call(stranger, "PUT", f"/layouts/{shared['id']}", change, status=404)
    changed = await desk.call(admin, "PUT", f"/layouts/{shared['id']}", change)
    assert (changed["mine"], changed["can_change"], changed["version"]) == (False, True, 2)
    await desk.call(admin, "DELETE", f"/layouts/{own['id']}", status=404)
    refused = await desk.call(viewer, "POST", "/layouts", BODY | {"shared": True}, status=403)
    assert refused["detail"] == "Your role does not include charts:layout:share."
    await desk.call(viewer, "POST", "/layouts", BODY, status=201)


async def test_charts_open_with_the_layout_that_was_chosen(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    shared = await desk.call(ann, "POST", "/layouts", BODY | {"shared": True}, status=201)
    for person in (ann, ben):
        await desk.call(person, "PUT", "/layouts/default", {"layout_id": shared["id"]}, status=204)
        assert (await desk.call(person, "GET", "/layouts"))["default_id"] == shared["id"]
    await desk.call(ann, "PUT", "/layouts/default", {"layout_id": None}, status=204)
    assert (await desk.call(ann, "GET", "/layouts"))["default_id"] is None
    await desk.call(ann, "PUT", "/layouts/default", {"layout_id": str(uuid4())}, status=404)
    # Shared no more, it is not another's default any more either.
    await desk.call(ann, "PUT", f"/layouts/{shared['id']}", BODY | {"version": 1}, status=200)
    assert (await desk.call(ben, "GET", "/layouts"))["default_id"] is None
    await desk.call(ann, "DELETE", f"/layouts/{shared['id']}", status=204)
    assert await desk.call(ben, "GET", "/layouts") == {"items": [], "default_id": None}


async def test_a_person_has_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.services.charts.layouts.commands.MOST_LAYOUTS", 1)
    ann = desk.new_person()
    await desk.call(ann, "POST", "/layouts", BODY, status=201)
    full = await desk.call(ann, "POST", "/layouts", BODY, status=409)
    assert full["code"] == "too_many_layouts"
    await desk.call(desk.new_person(), "POST", "/layouts", BODY, status=201)


async def test_who_goes_leaves_what_they_shared_without_their_words(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    await desk.call(ann, "POST", "/layouts", BODY, status=201)
    shared = await desk.call(ann, "POST", "/layouts", BODY | {"shared": True}, status=201)
    await desk.call(ann, "PUT", "/layouts/default", {"layout_id": shared["id"]}, status=204)
    watched = {"name": "Ann's picks", "symbols": ["AAPL"], "shared": True}
    await desk.call(ann, "POST", "/watchlists", watched, status=201)
    personal = desk.module.personal
    assert personal is not None
    files = {file.path: file.text for file in await personal.export_person(person_id=ann.user_id)}
    assert files.keys() == {"charts/layouts.json", "charts/watchlists.json"}
    assert files["charts/layouts.json"].count("My desk") == 2
    assert await personal.erase_people(person_ids=(ann.user_id,), organisation_ids=()) == 4
    (left,) = (await desk.call(ben, "GET", "/layouts"))["items"]
    assert (left["id"], left["name"]) == (shared["id"], "Shared layout")
    assert [one["name"] for one in await desk.call(ben, "GET", "/watchlists")] == ["Shared watchlist"]
    assert await personal.export_person(person_id=ann.user_id) == ()
    await personal.erase_people(person_ids=(), organisation_ids=(desk.charts.tenant,))
    assert (await desk.call(ben, "GET", "/layouts"))["items"] == []
