"""The HTTP endpoints of market data, through FastAPI, on real engines."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.kit.clock import FakeClock
from outcry.kit.errors import OutcryError
from outcry.kit.market import Timeframe, to_micros
from outcry.kit.paging import encode_cursor
from outcry.kit.principal import Principal
from tests.services.charts.conftest import DAY, Charts, make_bars
from tests.services.charts.test_charts_replay import make_module

NEWEST = to_micros(datetime(2026, 1, 2, tzinfo=UTC))
READ = frozenset(f"charts:{what}:read" for what in ("instrument", "bars", "indicator", "replay"))
STRANGER = uuid4()


@pytest.fixture
async def client(charts: Charts, fake_clock: FakeClock) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the organisation; the header ``as`` makes it a viewer, or somebody of another organisation."""
    await charts.add(
        "AAPL", Timeframe.D1, make_bars([NEWEST - day * DAY for day in range(39, -1, -1)]), aliases=("Apple",)
    )
    await charts.add("OWN", Timeframe.D1, make_bars([NEWEST]), tenant=charts.tenant)
    app = FastAPI()
    app.include_router(make_module(charts, MemoryRealtime(), fake_clock).router)

    async def authenticate(request: Request) -> Principal:
        role = request.headers.get("as", "member")
        scopes = READ if role == "viewer" else READ | {"charts:replay:control"}
        tenant: UUID = STRANGER if role == "stranger" else charts.tenant
        return Principal(user_id=uuid4(), tenant_id=tenant, role=role, scopes=scopes, session_id=uuid4())

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OutcryError)
        return JSONResponse(error.to_problem(), status_code=error.status)

    app.state.authenticate = authenticate
    app.add_exception_handler(OutcryError, problem)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk/api/v1") as browser:
        yield browser


async def test_instruments_are_listed_found_and_paged(client: httpx.AsyncClient) -> None:
    page = (await client.get("/instruments")).json()
    assert [one["symbol"] for one in page["items"]] == ["AAPL", "OWN"]
    assert page["next_cursor"] is None
    assert page["items"][0]["series"][0] == {
        "timeframe": "1d",
        "first": "2025-11-24T00:00:00Z",
        "last": "2026-01-02T00:00:00Z",
        "count": 40,
    }
    first = (await client.get("/instruments", params={"limit": 1})).json()
    second = (await client.get("/instruments", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [one["symbol"] for one in second["items"]] == ["OWN"]
    assert (await client.get("/instruments/aapl")).json()["aliases"] == ["Apple"]
    found = (await client.get("/instruments", params={"query": "APPLE"})).json()["items"]
    assert [one["symbol"] for one in found] == ["AAPL"]


async def test_bars_and_quotes(client: httpx.AsyncClient) -> None:
    bars = (await client.get("/instruments/AAPL/bars", params={"limit": 2})).json()
    assert bars == {
        "symbol": "AAPL",
        "timeframe": "1d",
        "time": [(NEWEST - DAY) // 1000, NEWEST // 1000],
        "open": [138.0, 139.0],
        "high": [140.0, 141.0],
        "low": [137.0, 138.0],
        "close": [139.0, 140.0],
        "volume": [10.0, 10.0],
        "adjusted_close": [None, None],
        "closed": True,
        "more": True,
        "adjustment": "splits",
        "adjusted_by": "none",
    }
    window = {"start": "2025-12-30T00:00:00+00:00", "end": "2026-01-01", "timeframe": "1d"}
    assert len((await client.get("/instruments/AAPL/bars", params=window)).json()["time"]) == 2
    quotes = (await client.get("/quotes", params={"symbols": "OWN, aapl,NOPE"})).json()
    assert [(one["symbol"], one["price"]) for one in quotes] == [("OWN", 101.0), ("AAPL", 140.0)]


async def test_indicators(client: httpx.AsyncClient) -> None:
    catalogue = (await client.get("/indicators")).json()
    assert [one["name"] for one in catalogue][:3] == ["sma", "ema", "wma"]
    correlation = next(one for one in catalogue if one["name"] == "correl")
    assert (correlation["inputs"], correlation["series"]) == (["close", "other"], True)
    assert (correlation["group"], correlation["pane"], correlation["overlay"]) == ("statistic", "own", False)
    trend = next(one for one in catalogue if one["name"] == "supertrend")
    assert (trend["outputs"], trend["drawn"]) == (["supertrend", "direction"], ["supertrend"])
    average = next(one for one in catalogue if one["name"] == "ma")
    assert average["pane"] == "price"
    assert average["source"]
    assert average["parameters"][1]["choices"][0] == "simple"
    series = (await client.get("/instruments/AAPL/indicators/sma", params={"period": 3, "limit": 2})).json()
    assert series["values"] == {"sma": [138.0, 139.0]}
    assert (series["parameters"], series["warm_up"], series["close"]) == ({"period": 3.0}, 2, [139.0, 140.0])
    whole = (await client.get("/instruments/AAPL/indicators/sma", params={"period": 30})).json()
    assert whole["values"]["sma"][:29] == [None] * 29


async def test_an_indicator_compares_with_another_instrument(client: httpx.AsyncClient, charts: Charts) -> None:
    # The other one has every second day alone: only those are seen, and only those have values.
    await charts.add("ODD", Timeframe.D1, make_bars([NEWEST - 2 * day * DAY for day in range(19, -1, -1)], first=50))
    series = (await client.get("/instruments/AAPL/indicators/correl?other=odd&period=2")).json()
    values = series["values"]["correl"]
    assert values[:4] == [None, None, None, pytest.approx(1)]
    assert values[4::2] == [None] * 18
    assert None not in values[3::2]
    assert (await client.get("/instruments/AAPL/indicators/correl", params={"other": "ZZZ"})).status_code == 404
    for path in ("correl", "rsi?other=ODD"):
        refused = await client.get(f"/instruments/AAPL/indicators/{path}")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "other")


async def test_the_replay_is_set_per_organisation(client: httpx.AsyncClient) -> None:
    offered = {"running": True, "speed": 4800, "speeds": [60, 300, 1200, 4800]}
    assert (await client.get("/replay")).json() == offered
    changed = await client.put("/replay", json={"running": False, "speed": 60})
    assert changed.json() == {**offered, "running": False, "speed": 60}
    assert (await client.get("/replay")).json()["running"] is False
    assert (await client.get("/replay", headers={"as": "stranger"})).json() == offered
    refused = await client.put("/replay", json={"running": True, "speed": 60}, headers={"as": "viewer"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_another_organisations_instrument_is_answered_like_none(client: httpx.AsyncClient) -> None:
    for path in ("", "/bars", "/indicators/rsi"):
        theirs = await client.get(f"/instruments/OWN{path}", headers={"as": "stranger"})
        nobodys = await client.get(f"/instruments/ZZZ{path}", headers={"as": "stranger"})
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert theirs.text.replace("OWN", "ZZZ") == nobodys.text
    assert (await client.get("/quotes", params={"symbols": "OWN"}, headers={"as": "stranger"})).json() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/instruments?limit=0", 422),
        ("/instruments?limit=x", 422),
        ("/instruments?cursor=%00", 422),
        ("/instruments?cursor=W10", 422),
        ("/instruments?cursor=" + encode_cursor(10**30, "AAPL"), 422),
        ("/instruments?cursor=" + encode_cursor(-1, "AAPL"), 422),
        ("/instruments?cursor=" + encode_cursor(0, "\x00"), 422),
        ("/instruments?cursor=" + encode_cursor(0, "AAPL"), 200),
        ("/instruments?query=" + "x" * 300, 422),
        ("/instruments?query=%00%25_%5C", 200),
        ("/instruments/%00", 404),
        ("/instruments/" + "A" * 100, 422),
        ("/instruments/%3Cscript%3E", 404),
        ("/instruments/AAPL/bars?timeframe=2d", 422),
        ("/instruments/AAPL/bars?timeframe=1m", 422),
        ("/instruments/AAPL/bars?limit=5001", 422),
        ("/instruments/AAPL/bars?start=tomorrow", 422),
        ("/instruments/AAPL/bars?start=2026-02-30", 422),
        ("/instruments/AAPL/bars?start=2026-01-02&end=2026-01-01", 422),
        ("/instruments/AAPL/bars?start=0001-01-01T00:00:00%2B14:00", 422),
        ("/instruments/AAPL/bars?end=9999-12-31T23:59:59", 200),
        ("/instruments/AAPL/indicators/magic", 404),
        ("/instruments/AAPL/indicators/rsi?period=1", 422),
        ("/instruments/AAPL/indicators/rsi?period=ten", 422),
        ("/instruments/AAPL/indicators/rsi?period=nan", 422),
        ("/instruments/AAPL/indicators/rsi?period=1e400", 422),
        ("/instruments/AAPL/indicators/rsi?period=5&period=6", 422),
        ("/instruments/AAPL/indicators/rsi?length=5", 422),
        ("/quotes", 422),
        ("/quotes?symbols=" + ",".join(["A"] * 51), 422),
        ("/quotes?symbols=,,%00,'", 200),
    ],
)
async def test_bad_input_is_never_a_server_error(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status


@pytest.mark.parametrize(
    "body",
    [{}, {"running": "maybe", "speed": 60}, {"running": True, "speed": 7}, {"running": True, "speed": 10**30}, []],
)
async def test_a_replay_that_makes_no_sense_changes_nothing(client: httpx.AsyncClient, body: object) -> None:
    assert (await client.put("/replay", json=body)).status_code == 422
    assert (await client.get("/replay")).json()["speed"] == 4800
