"""Two people draw on the chart of a room, over the real service of rooms and the real socket."""

from tests.e2e.test_two_people import pair
from tests.running import Client

__all__ = ["pair"]

CHART = "/instruments/AAPL/drawings"
POINTS = [{"time": 1_500_000_000_000, "price": 150.0}, {"time": 1_500_086_400_000, "price": 160.0}]


async def test_both_see_each_others_drawings_move_and_who_leaves_sees_no_more(pair: tuple[Client, Client]) -> None:
    ada, bob = pair
    room = (await ada.call("POST", "/rooms", {"kind": "room"}))["id"]
    chart = f"{CHART}?room_id={room}"
    await bob.call("GET", chart, status=404)
    await ada.call("POST", f"/rooms/{room}/members", {"email": bob.me["person"]["email"]})
    page = await bob.call("GET", chart)
    position = {"epoch": page["epoch"], "offset": page["offset"]}
    made = await ada.call("POST", chart, {"kind": "trend_line", "points": POINTS})
    async with bob.socket() as his:
        # What came between the list and the socket is not missed.
        assert (await his.follow(page["topic"], **position))["reset"] is False
        first = await his.until(lambda heard: heard.updates and heard.updates[0])
        assert first["data"] == {"kind": "drawing", "drawing_id": made["id"], "version": 1, "drawing": made}
        await his.follow(page["drags"])
        moved = [point | {"price": point["price"] + 5} for point in POINTS]
        await ada.call("POST", f"/drawings/{made['id']}/drag", {"points": moved})
        drag = await his.until(lambda heard: next((u for u in heard.updates if u["topic"] == page["drags"]), None))
        assert drag["data"]["drags"][0] == {
            "drawing_id": made["id"],
            "person_id": ada.me["person"]["id"],
            "version": 1,
            "points": moved,
        }
        await bob.call("PATCH", f"/drawings/{made['id']}", {"version": 1, "text": "mine too"})
        undone = await bob.call("POST", f"{CHART}/undo?room_id={room}")
        assert undone["drawing"]["text"] == ""

        await ada.call("DELETE", f"/rooms/{room}/members/{bob.me['person']['id']}")
        closed = await his.until(lambda heard: [said for said in heard.control if said.get("code") == "not_found"])
        await his.until(lambda heard: len([said for said in heard.control if said.get("code") == "not_found"]) == 2)
        assert closed[0]["topic"] in (page["topic"], page["drags"])
        seen = len(his.heard.updates)
        await ada.call("DELETE", f"/drawings/{made['id']}?version=3")
        await his.send(type="ping")
        await his.until(lambda heard: {"type": "pong"} in heard.control)
        assert len(his.heard.updates) == seen
    await bob.call("GET", f"{CHART}/history?room_id={room}", status=404)
