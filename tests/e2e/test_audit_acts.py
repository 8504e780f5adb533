"""What people do on a running server stands in the audit log: by whom, to what, from where, how it ended."""

from typing import Any

from tests.e2e.test_privacy import until
from tests.running import Client, RunningServer


async def entries(owner: Client, **wanted: str) -> list[dict[str, Any]]:
    answer = await owner.http.get("/audit/entries", params={"limit": "200", **wanted})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_acts_of_every_service_become_entries(server: RunningServer) -> None:
    owner = await Client(server.url).sign_up("Otto")
    me, home = owner.me["person"]["id"], owner.me["organisation"]["id"]
    asked = {}

    async def act(name: str, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = await owner.http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        asked[name] = answer.headers["x-request-id"]
        return answer.json() if answer.content else None

    await act("auth.person_changed", "PATCH", "/auth/me", {"name": "Ottokar"})
    await act("auth.organisation_changed", "PATCH", "/auth/organisation", {"name": "Ottokar & Co"})
    room = await act("chat.room_made", "POST", "/rooms", {"kind": "private", "title": "Ottos Ecke"}, 201)
    speed = (await owner.http.get("/replay")).json()["speeds"][0]
    await act("charts.replay_changed", "PUT", "/replay", {"running": False, "speed": speed})
    await act("auth.members_read", "GET", "/auth/organisation/members")
    await act("auth.access_refused", "DELETE", f"/auth/organisation/members/{me}", status=403)

    async def all_there() -> dict[str, Any] | None:
        found = {entry["act"]: entry for entry in reversed(await entries(owner, actor_id=me))}
        return found if found.keys() >= asked.keys() else None

    found = await until(all_there)
    for name, request in asked.items():
        entry = found[name]
        assert (entry["actor_id"], entry["request_id"], entry["address"]) == (me, request, "127.0.0.1"), name
        assert entry["outcome"] == ("refused" if name == "auth.access_refused" else "done")
    assert found["auth.person_changed"]["opened"] == {"before.name": "Otto", "after.name": "Ottokar"}
    assert found["auth.organisation_changed"]["opened"] == {"after.name": "Ottokar & Co"}
    assert found["chat.room_made"]["opened"] == {"after.title": "Ottos Ecke"}
    assert found["auth.access_refused"]["object_id"] == "DELETE /api/v1/auth/organisation/members/{person_id}"
    assert found["auth.access_refused"]["after"]["reason"] == "own_membership"
    assert not any("Otto" in entry["leaf"] for entry in found.values())
    again = (await owner.http.get(f"/audit/records/room/{room['id']}")).json()
    assert again["fields"] == {"kind": "private", "title": "Ottos Ecke", "owner": me}
    house = (await owner.http.get(f"/audit/records/organisation/{home}")).json()
    assert house["fields"]["name"] == "Ottokar & Co"
    await owner.close()
