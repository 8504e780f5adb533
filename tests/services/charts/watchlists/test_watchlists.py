"""Watchlists: made, ordered, shared, and what their instruments cost, in one call."""

from typing import Any
from uuid import uuid4

import pytest

from outcry.kit.market import Timeframe
from tests.services.charts.browsing import Desk
from tests.services.charts.conftest import DAY, make_bars
from tests.services.charts.drawings.test_drawings import desk
from tests.services.charts.test_charts_replay import NEWEST

__all__ = ["desk"]


async def watch(desk: Desk, person: Any, name: str = "Tech", *symbols: str, **more: Any) -> dict[str, Any]:
    """Make a list."""
    body = {"name": name, "symbols": list(symbols), **more}
    made: dict[str, Any] = await desk.call(person, "POST", "/watchlists", body, status=201)
    return made


async def test_a_list_shows_quotes_and_the_last_closes_of_all_its_symbols(desk: Desk) -> None:
    minute = 60_000_000
    long = make_bars([NEWEST - day * DAY for day in range(39, -1, -1)])
    await desk.charts.add("LONG", Timeframe.D1, long, name="Long Co")
    await desk.charts.add("MIN", Timeframe.M1, make_bars([NEWEST + n * minute for n in range(3)]))
    await desk.charts.add("WEEK", Timeframe.W1, make_bars([NEWEST - n * 7 * DAY for n in (2, 1, 0)]))
    ann = desk.new_person()
    made = await watch(desk, ann, " My\tlist ", "long", "MIN", "WEEK", "LONG")
    assert (made["name"], made["symbols"]) == ("My list", ["LONG", "MIN", "WEEK"])
    view = await desk.call(ann, "GET", f"/watchlists/{made['id']}")
    assert view["watchlist"] == made
    rows = {row["symbol"]: row for row in view["rows"]}
    assert list(rows) == made["symbols"]
    assert rows["LONG"]["closes"] == long.close[-30:].tolist()
    assert (rows["LONG"]["name"], rows["LONG"]["timeframe"]) == ("Long Co", "1d")
    assert rows["LONG"]["quote"]["price"] == long.close[-1]
    # Days are built of minutes; of weeks they cannot be.
    assert (rows["MIN"]["timeframe"], rows["MIN"]["closes"]) == ("1d", [103.0])
    assert (rows["WEEK"]["timeframe"], len(rows["WEEK"]["closes"])) == ("1w", 3)


async def test_a_list_keeps_a_symbol_whose_instrument_is_gone_and_takes_no_unknown_one(desk: Desk) -> None:
    await desk.charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=desk.charts.tenant)
    ann = desk.new_person("owner")
    made = await watch(desk, ann, "Mine", "OWN")
    await desk.call(ann, "DELETE", "/instruments/OWN", status=204)
    view = await desk.call(ann, "GET", f"/watchlists/{made['id']}")
    assert view["rows"] == [{"symbol": "OWN", "name": "", "quote": None, "timeframe": None, "closes": []}]
    change = {"version": 1, "name": "Mine", "symbols": ["AAPL", "OWN"]}
    changed = await desk.call(ann, "PUT", f"/watchlists/{made['id']}", change)
    assert (changed["symbols"], changed["version"]) == (["AAPL", "OWN"], 2)
    wrong = change | {"version": 2, "symbols": ["AAPL", "NOPE"]}
    refused = await desk.call(ann, "PUT", f"/watchlists/{made['id']}", wrong, status=422)
    assert refused["errors"][0]["field"] == "symbols.1"
    late = await desk.call(ann, "PUT", f"/watchlists/{made['id']}", change, status=409)
    assert (late["code"], late["present"]) == ("watchlist_changed", changed)


async def test_lists_have_an_order(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    made = [await watch(desk, ann, name) for name in "abc"]
    shared = await watch(desk, ben, "z", shared=True)

    async def names() -> list[str]:
        return [one["name"] for one in await desk.call(ann, "GET", "/watchlists")]

    assert await names() == ["a", "b", "c", "z"]
    await desk.call(ann, "PUT", "/watchlists/order", {"ids": [made[2]["id"], made[0]["id"]]}, status=204)
    assert await names() == ["c", "a", "b", "z"]
    wrong = {"ids": [made[0]["id"], shared["id"]]}
    refused = await desk.call(ann, "PUT", "/watchlists/order", wrong, status=422)
    assert refused["errors"][0]["field"] == "ids.1"
    await desk.call(ann, "DELETE", f"/watchlists/{made[2]['id']}", status=204)
    assert await names() == ["a", "b", "z"]


async def test_who_sees_and_changes_a_list(desk: Desk) -> None:
    ann, ben, viewer = desk.new_person(), desk.new_person(), desk.new_person("viewer")
    admin, stranger = desk.new_person("admin"), desk.new_person(tenant_id=uuid4())
    own, shared = await watch(desk, ann), await watch(desk, ann, shared=True)
    change = {"version": 1, "name": "Theirs", "symbols": [], "shared": True}
    for other, seen, changing in ((ben, 200, 403), (viewer, 200, 403), (stranger, 404, 404)):
        await desk.call(other, "GET", f"/watchlists/{shared['id']}", status=seen)
        await desk.call(other, "GET", f"/watchlists/{own['id']}", status=404)
        await desk.call(other, "DELETE", f"/watchlists/{shared['id']}", status=changing)
    assert (await desk.call(admin, "PUT", f"/watchlists/{shared['id']}", change))["can_change"] is True
    await desk.call(viewer, "POST", "/watchlists", {"name": "x", "shared": True}, status=403)


async def test_lists_have_limits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = desk.new_person()
    for body in ({"name": " "}, {"name": "x" * 81}, {"name": "x", "symbols": ["?"]}):
        await desk.call(ann, "POST", "/watchlists", body, status=422)
    monkeypatch.setattr("outcry.services.charts.watchlists.commands.MOST_WATCHLISTS", 1)
    await watch(desk, ann)
    full = await desk.call(ann, "POST", "/watchlists", {"name": "x"}, status=409)
    assert full["code"] == "too_many_watchlists"
