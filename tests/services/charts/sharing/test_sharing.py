"""Charts that are shared: by links for each audience, in rooms; counted, over, revoked, erased."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from outcry.kit.clock import FakeClock
from outcry.kit.events import Envelope
from outcry.kit.principal import Principal
from outcry.services.audit.acts import ACTS
from outcry.services.charts.events import ChartShared, ShareRevoked
from outcry.services.charts.sharing.models import ShareRow
from tests.services.charts.browsing import Desk
from tests.services.charts.drawings.test_drawings import LINE, desk

__all__ = ["desk"]

CHART: dict[str, Any] = {
    "symbol": "AAPL",
    "timeframe": "1d",
    "studies": [{"name": "sma", "parameters": {"period": 3}}],
    "formulas": [{"text": "close > 105"}, {"text": "close >"}],
}


async def share(desk: Desk, person: Principal, audience: str = "anyone", **more: Any) -> dict[str, Any]:
    """Share a chart of AAPL."""
    body = {"chart": CHART, "audience": audience, "drawings": True} | more
    made: dict[str, Any] = await desk.call(person, "POST", "/shares", body, status=201)
    return made


async def enter(desk: Desk, person: Principal, token: str, *, status: int = 200) -> Any:
    """Open a link as somebody."""
    return await desk.call(person, "POST", "/shares/enter", {"token": token}, status=status)


async def events_of(desk: Desk) -> list[Envelope]:
    """Return the events that wait to be delivered."""
    return [envelope for _, envelope, _ in await desk.charts.database.pending(after=0, limit=1_000)]


async def test_anyone_with_the_link_sees_the_snapshot_and_nothing_else(desk: Desk, fake_clock: FakeClock) -> None:
    ann = desk.new_person()
    line = await desk.call(ann, "POST", "/instruments/AAPL/drawings", LINE | {"text": "before"}, status=201)
    made = await share(desk, ann, title="  My <b>view</b> ")
    assert made["path"] == f"/shared#{made['token']}"
    assert (made["share"]["title"], made["share"]["state"]) == ("My <b>view</b>", "open")
    await desk.call(ann, "PATCH", f"/drawings/{line['id']}", {"version": 1, "text": "after"})
    shown = await desk.call(None, "POST", "/shares/open", {"token": made["token"], "theme": "dark", "width": 640})
    assert [drawing["text"] for drawing in shown["drawings"]] == ["before"]
    assert shown["drawings"][0]["created_by"] is None
    assert str(ann.user_id) not in str(shown)
    assert shown["bars"]["close"][-1] == 110.0
    # The close passes 105 with the fifth bar; the formula that is not finished marks nothing.
    assert shown["hits"] == [shown["bars"]["time"][5]]
    assert 'data-hits="1"' in shown["svg"]
    assert 'width="640"' in shown["svg"]
    (listed,) = (await desk.call(ann, "GET", "/shares"))["items"]
    assert (listed["opened"], listed["last_opened_at"]) == (1, "2026-01-05T12:00:00Z")
    async with desk.charts.database.reading() as session:
        (row,) = await session.scalars(select(ShareRow))
    assert made["token"] not in str(vars(row))
    fake_clock.advance(timedelta(days=30))
    gone = await desk.call(None, "POST", "/shares/open", {"token": made["token"]}, status=404)
    assert gone["code"] == "share_not_found"
    never = await desk.call(None, "POST", "/shares/open", {"token": "x" * 43}, status=404)
    assert never == gone


async def test_each_audience_opens_what_is_for_it(desk: Desk) -> None:
    ann, ben, guest = desk.new_person(), desk.new_person("viewer"), desk.new_person("guest")
    stranger = desk.new_person("owner", tenant_id=uuid4())
    links = {
        "anyone": await share(desk, ann),
        "organisation": await share(desk, ann, "organisation"),
        "people": await share(desk, ann, "people", people=[str(guest.user_id)]),
    }
    opens = {"anyone": {ann, ben, guest, stranger}, "organisation": {ann, ben}, "people": {ann, guest}}
    for audience, made in links.items():
        for person in (ann, ben, guest, stranger):
            may = person in opens[audience]
            await enter(desk, person, made["token"], status=200 if may else 404)
            # By its id it is for the organisation's own, whoever may open its link.
            known = 200 if may and person is not stranger else 404
            await desk.call(person, "GET", f"/shares/{made['share']['id']}", status=known)
        nobody = 200 if audience == "anyone" else 404
        await desk.call(None, "POST", "/shares/open", {"token": made["token"]}, status=nobody)


async def test_who_may_share_with_whom(desk: Desk) -> None:
    member, viewer = desk.new_person("member"), desk.new_person("viewer")
    await share(desk, member, "organisation")
    body = {"chart": CHART, "audience": "anyone"}
    refused = await desk.call(member, "POST", "/shares", body, status=403)
    assert refused["detail"] == "Your role does not include charts:share:publish."
    await desk.call(viewer, "POST", "/shares", body | {"audience": "organisation"}, status=403)
    for people in ({"audience": "people"}, {"audience": "organisation", "people": [str(uuid4())]}):
        wrong = await desk.call(member, "POST", "/shares", body | people, status=422)
        assert wrong["errors"][0]["field"] == "people"
    missing = body | {"audience": "organisation", "chart": CHART | {"symbol": "NOPE"}}
    await desk.call(member, "POST", "/shares", missing, status=404)
    elsewhere = body | {"audience": "organisation", "drawings": True, "drawings_of": str(uuid4())}
    await desk.call(member, "POST", "/shares", elsewhere, status=404)
    assert (await desk.call(viewer, "GET", "/shares"))["items"] == []


async def test_a_link_that_is_revoked_leads_nowhere(desk: Desk) -> None:
    ann, ben, admin = desk.new_person(), desk.new_person(), desk.new_person("admin")
    stranger = desk.new_person("owner", tenant_id=uuid4())
    first, second = await share(desk, ann), await share(desk, ann)
    for other in (ben, stranger):
        await desk.call(other, "DELETE", f"/shares/{first['share']['id']}", status=404)
    for person, made in ((ann, first), (admin, second), (ann, second)):
        await desk.call(person, "DELETE", f"/shares/{made['share']['id']}", status=204)
        await desk.call(None, "POST", "/shares/open", {"token": made["token"]}, status=404)
    assert {one["state"] for one in (await desk.call(ann, "GET", "/shares"))["items"]} == {"revoked"}
    page = await desk.call(admin, "GET", "/shares?everybody=true&limit=1")
    rest = await desk.call(admin, "GET", f"/shares?everybody=true&limit=1&cursor={page['next_cursor']}")
    assert [page["items"][0]["id"], rest["items"][0]["id"]] == [second["share"]["id"], first["share"]["id"]]
    await desk.call(ben, "GET", "/shares?everybody=true", status=403)
    kinds = {kind.name: kind for kind in (ChartShared, ShareRevoked)}
    told = [event for event in await events_of(desk) if event.name in kinds]
    acts = [ACTS[kinds[event.name]](event.open(kinds[event.name])) for event in told]
    assert [(act.kind, act.after["state"]) for act in acts] == [
        ("charts.chart_shared", "open"),
        ("charts.chart_shared", "open"),
        ("charts.share_revoked", "revoked"),
        ("charts.share_revoked", "revoked"),
    ]


async def test_a_chart_is_shown_in_a_room(desk: Desk) -> None:
    ann, ben, eve = desk.new_person("member"), desk.new_person("guest"), desk.new_person("owner")
    room = desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)
    body = {"chart": CHART, "client_id": "0123456789"}
    posted = await desk.call(ann, "POST", f"/rooms/{room}/charts", body, status=201)
    (card,) = posted["cards"]
    assert (posted["text"], card["symbols"], card["timeframe"]) == ("AAPL, 1d", ["AAPL"], "1d")
    assert card["indicators"] == [{"name": "sma", "parameters": {"period": 3.0}}]
    again = await desk.call(ann, "POST", f"/rooms/{room}/charts", body, status=201)
    assert again == posted
    assert len((await desk.call(ann, "GET", "/shares"))["items"]) == 1
    for person, sees in ((ann, 200), (ben, 200), (eve, 404)):
        shown = await desk.call(person, "GET", f"/shares/{card['share_id']}", status=sees)
        assert sees == 404 or shown["symbol"] == "AAPL"
    picture = await desk.http.get(f"/shares/{card['share_id']}/chart.svg", headers={"as": str(ben.user_id)})
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
    await desk.call(eve, "POST", f"/rooms/{room}/charts", body, status=404)
    assert (await desk.call(eve, "GET", "/shares"))["items"] == []
    desk.rooms.members[desk.charts.tenant, room].discard(ben.user_id)
    await desk.call(ben, "GET", f"/shares/{card['share_id']}", status=404)


async def test_one_shares_so_many_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outcry.services.charts.sharing.commands.MOST_SHARES", 1)
    ann = desk.new_person()
    made = await share(desk, ann)
    full = await desk.call(ann, "POST", "/shares", {"chart": CHART, "audience": "anyone"}, status=409)
    assert full["code"] == "too_many_shares"
    await desk.call(ann, "DELETE", f"/shares/{made['share']['id']}", status=204)
    await share(desk, ann)


async def test_erasing_takes_shares_and_drawings_on_others_shares(desk: Desk) -> None:
    ann, ben = desk.new_person(), desk.new_person()
    room = desk.rooms.add(desk.charts.tenant, ann.user_id, ben.user_id)
    drawn = f"/instruments/AAPL/drawings?room_id={room}"
    await desk.call(ann, "POST", drawn, LINE | {"text": "ann drew"}, status=201)
    bens = await desk.call(ben, "POST", drawn, LINE | {"text": "ben drew"}, status=201)
    await desk.call(ann, "PATCH", f"/drawings/{bens['id']}", {"version": 1, "text": "ann wrote"})
    of_room = {"drawings_of": str(room)}
    by_ann, by_ben = await share(desk, ann, **of_room), await share(desk, ben, **of_room)
    personal = desk.module.personal
    assert personal is not None
    exported = {file.path for file in await personal.export_person(person_id=ann.user_id)}
    assert exported == {"charts/drawings.json", "charts/shares.json"}
    await personal.erase_people(person_ids=(ann.user_id,), organisation_ids=())
    await desk.call(None, "POST", "/shares/open", {"token": by_ann["token"]}, status=404)
    left = await desk.call(None, "POST", "/shares/open", {"token": by_ben["token"]})
    assert [one["text"] for one in left["drawings"]] == [""]
    await personal.erase_people(person_ids=(), organisation_ids=(desk.charts.tenant,))
    await desk.call(None, "POST", "/shares/open", {"token": by_ben["token"]}, status=404)


async def test_a_picture_marks_the_hits_of_a_formula(desk: Desk) -> None:
    ann = desk.new_person()
    headers = {"as": str(ann.user_id)}
    marked = await desk.http.get("/instruments/AAPL/chart.svg?formula=close%20%3E%20105", headers=headers)
    assert 'data-hits="1"' in marked.text
    layout = {"name": "x", "chart": CHART}
    kept = await desk.call(ann, "POST", "/layouts", layout, status=201)
    arranged = await desk.http.get(f"/instruments/AAPL/chart.svg?layout_id={kept['id']}", headers=headers)
    assert 'data-hits="1"' in arranged.text
    assert 'data-study="sma.sma"' in arranged.text
    wrong = await desk.http.get("/instruments/AAPL/chart.svg?formula=close%20%3E", headers=headers)
    assert wrong.status_code == 422
