"""Pages of other sites may change nothing and read nothing, unless the operator allows their origin."""

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from outcry.edge.counting import Counts
from outcry.edge.origins import Origins
from outcry.edge.settings import EdgeSettings

OWN = "https://desk.example"
FRIEND = "https://tools.example"
COOKIE = {"cookie": "outcry_refresh=secret"}


async def ask(
    said: dict[str, str],
    method: str = "POST",
    *,
    public_url: str = OWN,
    host: str = "desk.example",
    counts: Counts | None = None,
) -> httpx.Response:
    """Send one request with these headers."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/api/thing", lambda: "done", methods=["GET", "POST", "DELETE"])
    app.add_middleware(Origins, public_url=public_url, allowed=(FRIEND,), counts=counts or Counts())
    headers = {name.replace("_", "-"): value for name, value in said.items()} | {"host": host}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        return await client.request(method, "/api/thing", headers=headers | COOKIE)


@pytest.mark.parametrize(
    "said",
    [
        {},  # a program
        {"origin": OWN},
        {"origin": OWN, "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": FRIEND, "sec_fetch_site": "cross-site"},
        {"origin": FRIEND},
    ],
)
async def test_own_pages_allowed_ones_and_programs_may(said: dict[str, str]) -> None:
    assert (await ask(said)).status_code == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec_fetch_site": "cross-site"},
        {"origin": "http://desk.example"},
        {"origin": "https://desk.example:8443"},
        {"origin": "https://desk.example.evil.example"},
        {"origin": "https://other.desk.example", "sec_fetch_site": "same-site"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": OWN, "sec_fetch_site": "cross-site"},
        {"origin": "https://tools.example.evil.example"},
        {"origin": "https://tools.example/"},
    ],
)
async def test_pages_of_elsewhere_may_not(said: dict[str, str], method: str) -> None:
    counts = Counts()
    answer = await ask(said, method, counts=counts)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert "access-control-allow-origin" not in answer.headers
    assert counts.all() == {"cross_site": 1}


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", 200),
        ("https://desk.example", "desk.example", 200),
        ("https://desk.example", "desk.example:443", 200),
        ("http://[::1]:8000", "[::1]:8000", 200),
        ("http://127.0.0.1:9000", "127.0.0.1:8000", 403),
        ("http://evil.example", "127.0.0.1:8000", 403),
        ("null", "127.0.0.1:8000", 403),
        ("http://", "", 403),
    ],
)
async def test_without_a_public_address_the_host_asked_is_the_own_one(origin: str, host: str, status: int) -> None:
    assert (await ask({"origin": origin}, public_url="", host=host)).status_code == status


async def test_reading_from_elsewhere_works_and_only_allowed_pages_see_the_answer() -> None:
    stranger = await ask({"origin": "https://evil.example"}, "GET")
    assert stranger.status_code == 200
    assert "access-control-allow-origin" not in stranger.headers
    assert stranger.headers["vary"] == "Origin"
    friend = await ask({"origin": FRIEND}, "GET")
    assert friend.headers["access-control-allow-origin"] == FRIEND
    assert friend.headers["access-control-allow-credentials"] == "true"
    assert friend.headers["vary"] == "Origin"


async def test_preflights() -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "authorization"}
    fine = await ask({"origin": FRIEND, **asked}, "OPTIONS")
    assert fine.status_code == 204
    assert fine.headers["access-control-allow-origin"] == FRIEND
    assert "POST" in fine.headers["access-control-allow-methods"]
    assert {"authorization", "idempotency-key"} <= set(fine.headers["access-control-allow-headers"].split(", "))
    assert "Access-Control-Request-Headers" in fine.headers["vary"]
    refused = await ask({"origin": "https://evil.example", **asked}, "OPTIONS")
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


def test_the_list_holds_origins_and_no_wildcards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCRY_EDGE_ALLOWED_ORIGINS", "https://Tools.example:443/, http://[::1]:5173")
    assert EdgeSettings().allowed_origins == ("https://tools.example", "http://[::1]:5173")
    for bad in ("*", "null", "https://*.example", "tools.example", "https://tools.example/path", "https://a@b.example"):
        monkeypatch.setenv("OUTCRY_EDGE_ALLOWED_ORIGINS", bad)
        with pytest.raises(ValidationError):
            EdgeSettings()
