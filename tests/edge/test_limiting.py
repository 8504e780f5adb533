"""Quotas of addresses, people and keys, as answers tell them; and what happens while the cache is gone."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.cache.redis import RedisCache, read_redis_address
from outcry.edge.counting import Counts
from outcry.edge.limiting import Limiter, Limits
from outcry.edge.quotas import Quota, class_of
from outcry.edge.settings import EdgeSettings
from outcry.kit.clock import FakeClock
from outcry.main import Platform
from outcry.settings import Settings
from tests.adapters_support.valkey_server import held_port, run_valkey
from tests.running import PASSWORD

MINUTE = timedelta(minutes=1)


def client_from(app: Any, address: str) -> httpx.AsyncClient:
    """Return a client whose requests come from an address."""
    transport = httpx.ASGITransport(app, client=(address, 4711), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


def small_app(clock: FakeClock, counts: Counts, *, most: int) -> FastAPI:
    """Return an application of one endpoint, behind one quota for all classes."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/api/v1/quotes", lambda: "here")
    app.add_api_route("/page", lambda: "here")
    limiter = Limiter(MemoryCache(clock), MemoryCache(clock), clock, counts)
    quotas = dict.fromkeys(EdgeSettings().quotas("address"), Quota(name="q", most=most, window=MINUTE))
    app.add_middleware(Limits, limiter=limiter, quotas=quotas)
    return app


async def test_an_address_gets_its_quota_and_is_told_of_it(fake_clock: FakeClock) -> None:
    counts = Counts()
    app = small_app(fake_clock, counts, most=2)
    async with client_from(app, "203.0.113.9") as http:
        first = await http.get("/api/v1/quotes")
        assert first.status_code == 200
        assert first.headers["ratelimit-policy"] == '"q";q=2;w=60'
        assert first.headers["ratelimit"].startswith('"q";r=1;t=6')
        await http.get("/api/v1/quotes")
        refused = await http.get("/api/v1/quotes")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["ratelimit"].startswith('"q";r=0;')
        assert counts.all() == {"rate_limited:q": 1}
        assert (await http.get("/page")).status_code == 200
        fake_clock.advance(timedelta(seconds=int(refused.headers["retry-after"]) - 2))
        assert (await http.get("/api/v1/quotes")).status_code == 429
        fake_clock.advance(timedelta(seconds=2))
        assert (await http.get("/api/v1/quotes")).status_code == 200


async def test_a_customers_ipv6_addresses_share_a_quota_and_others_have_their_own(fake_clock: FakeClock) -> None:
    app = small_app(fake_clock, Counts(), most=1)
    statuses = []
    for address in (
        "2001:db8:1:2::1",
        "2001:db8:1:2:3:4:5:6",
        "2001:db8:1:3::1",
        "198.51.100.1",
        "::ffff:198.51.100.1",
    ):
        async with client_from(app, address) as http:
            statuses.append((await http.get("/api/v1/quotes")).status_code)
    assert statuses == [200, 429, 200, 200, 429]


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The whole platform, with small quotas."""
    for name in ("TIME_COST", "PARALLELISM"):
        monkeypatch.setenv(f"OUTCRY_AUTH_HASH_{name}", "1")
    monkeypatch.setenv("OUTCRY_AUTH_HASH_MEMORY_KIB", "8")
    monkeypatch.setenv("OUTCRY_EDGE_READ_PER_PERSON", "3/minute")
    monkeypatch.setenv("OUTCRY_EDGE_SIGN_IN_PER_ADDRESS", "5 per hour")
    platform = Platform(Settings(data=tmp_path, sample_market=False))
    await platform.migrate()
    await platform.start()
    yield platform.app
    await platform.stop()


async def test_people_and_their_keys_have_quotas_of_their_own(app: FastAPI) -> None:
    async with client_from(app, "203.0.113.9") as http:
        body = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}
        session = (await http.post("/api/v1/auth/register", json=body)).json()
        http.headers["authorization"] = f"Bearer {session['access_token']}"
        answers = [await http.get("/api/v1/auth/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert '"read-per-person";q=3;w=60' in answers[0].headers["ratelimit-policy"]
        assert '"read-per-person";r=0;' in answers[3].headers["ratelimit"]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 61
        key = await http.post("/api/v1/auth/api-keys", json={"name": "mine", "scopes": ["auth:self:read"]})
        assert key.status_code in (201, 422), key.text
    # Another address does not help a person.
    async with client_from(app, "198.51.100.1") as http:
        http.headers["authorization"] = f"Bearer {session['access_token']}"
        assert (await http.get("/api/v1/auth/me")).status_code == 429


async def test_signing_in_is_slowed_by_address(app: FastAPI) -> None:
    async with client_from(app, "203.0.113.9") as http:
        wrong = {"email": "nobody@example.com", "password": PASSWORD}
        answers = await asyncio.gather(*(http.post("/api/v1/auth/sign-in", json=wrong) for _ in range(20)))
    assert sum(answer.status_code == 429 and "ratelimit" in answer.headers for answer in answers) >= 15


async def test_only_the_operator_sees_the_counts(app: FastAPI) -> None:
    answers = []
    for name in ("ada", "bob"):
        async with client_from(app, "203.0.113.9") as http:
            body = {"email": f"{name}@example.com", "password": PASSWORD, "name": name}
            token = (await http.post("/api/v1/auth/register", json=body)).json()["access_token"]
            assert (await http.get("/api/v1/edge/counts", headers={"x-forwarded-for": "1.1.1.1"})).status_code == 401
            answers.append(await http.get("/api/v1/edge/counts", headers={"authorization": f"Bearer {token}"}))
    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[0].json() == {"untrusted_forwarding": 1}
    described = app.openapi()["paths"]["/api/v1/edge/counts"]["get"]["responses"]["200"]["content"]["application/json"]
    assert described["schema"]["additionalProperties"] == {"type": "integer"}


@pytest.fixture
def port() -> Iterator[int]:
    """Give a port that stays ours while no Valkey is there."""
    with held_port() as port:
        yield port


async def test_while_redis_is_gone_memory_counts_and_the_log_says_so_once(
    port: int, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    quota = Quota(name="q", most=10, window=MINUTE)
    redis = RedisCache(read_redis_address(f"redis://127.0.0.1:{port}"), fake_clock)
    limiter = Limiter(redis, MemoryCache(fake_clock), fake_clock, Counts())
    with run_valkey(port):
        assert (await limiter.take(quota, "a")).used == 1
    taken = [await limiter.take(quota, "a") for _ in range(12)]
    assert [one.admitted for one in taken] == [True] * 10 + [False] * 2
    fake_clock.advance(timedelta(seconds=6))
    assert not (await limiter.take(quota, "a")).admitted
    assert len([record for record in caplog.records if "quotas are kept in memory" in record.message]) == 1
    with run_valkey(port):
        fake_clock.advance(timedelta(seconds=6))
        assert (await limiter.take(quota, "a")).used == 1
    assert "the cache answers again" in caplog.records[-1].message
    await limiter.close()


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/v1/rooms", "read"),
        ("POST", "/api/v1/rooms", "write"),
        ("POST", "/api/v1/auth/sign-in", "sign_in"),
        ("POST", "/api/v1/auth/sign-in/passkey", "sign_in"),
        ("POST", "/api/v1/auth/sign-in/", "sign_in"),
        ("POST", "/api/v1/auth/refresh", "write"),
        ("POST", "/api/v1/auth/me/export", "export"),
        ("GET", "/api/v1/realtime", "socket"),
        ("GET", "/", None),
        ("GET", "/livez", None),
        ("GET", "/api/v1/instruments/AAPL/chart.png", "expensive"),
        ("GET", "/api/v1/instruments/AAPL/chart.svg", "read"),
        ("POST", "/api/v1/shares/open", "expensive"),
    ],
)
def test_classes(method: str, path: str, kind: str | None) -> None:
    assert class_of(method, path) == kind


def test_a_wrong_rate_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCRY_EDGE_READ_PER_PERSON", "many")
    with pytest.raises(ValidationError, match="read_per_person"):
        EdgeSettings()
