"""Raw bytes at the real server: paths, headers and sockets that are made to mean something else."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_http_attacks import Wire, wire
from tests.running import RunningServer

FORGED = "2026-01-05 12:00:00,000 INFO outcry: forged"
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server; what it wrote is looked at in the end."""
    running = RunningServer(tmp_path_factory.mktemp("data"), OUTCRY_SAMPLE_MARKET="false").start()
    yield running
    assert running.stop() == 0
    written = "".join(running.output)
    assert "Traceback" not in written
    assert "\x1b" not in written
    assert not [line for line in written.splitlines() if line.startswith(FORGED)]


async def ask(connection: Wire, path: bytes, *headers: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    lines = [method.encode() + b" " + path + b" HTTP/1.1", b"Host: x", *(line.encode("latin-1") for line in headers)]
    await connection.say(b"\r\n".join([*lines, b"", b""]))
    return await connection.hear()


@pytest.mark.parametrize(
    "path",
    [
        b"/../pyproject.toml",
        b"/../../../../../../etc/passwd",
        b"/%2e%2e/%2e%2e/pyproject.toml",
        b"/..%2f..%2fpyproject.toml",
        b"/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        b"/_app/../../../pyproject.toml",
        b"/_app/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
        b"/_app/immutable/..%2f..%2f..%2f..%2fpyproject.toml",
        b"//etc/passwd",
        b"/%2fetc/passwd",
        b"/_app//etc/passwd",
        b"/..\\..\\pyproject.toml",
        b"/%5c..%5c..%5cpyproject.toml",
        b"/..%5c..%5cpyproject.toml",
        b"/%252e%252e%252fpyproject.toml",
        b"/%c0%ae%c0%ae/pyproject.toml",
        b"/%e0%80%ae%e0%80%ae/pyproject.toml",
        b"/%ff%fe",
        b"/%ed%a0%80",
        b"/%u002e%u002e/pyproject.toml",
        b"/%",
        b"/%zz",
        b"/" + b"a/" * 3_000,
        b"/" + b"a" * 3_000,
        b"/" + b"%2e%2e%2f" * 500 + b"etc/passwd",
        b"/CON",
        b"/favicon.svg/..",
        b"/.git/config",
        b"/;/../pyproject.toml",
        b"/?../../pyproject.toml",
    ],
)
async def test_no_path_leads_out_of_the_pages(plain: RunningServer, path: bytes) -> None:
    async with wire(plain) as connection:
        for accept in ("Accept: */*", "Accept: text/html"):
            status, headers, body = await ask(connection, path, accept, "Accept-Encoding: identity")
            assert status in (200, 307, 404), (status, body[:200])
            assert b"root:" not in body
            assert b"[project]" not in body
            if status == 200:
                assert headers["content-type"].startswith("text/html")
                assert b"_app/immutable" in body, "it is the page, and nothing else"


@pytest.mark.parametrize(
    "path",
    [
        b"/api/v1/auth/me",
        b"/%61pi/v1/auth/me",
        b"/api/v1/auth%2fme",
        b"/api%2Fv1%2Fauth%2Fme",
        b"/api/v1/auth/me?x=/livez",
    ],
)
async def test_one_address_is_one_thing_however_it_is_written(plain: RunningServer, path: bytes) -> None:
    """Quotas and doors see what the router sees: nothing is written so that one of them looks away."""
    async with wire(plain) as connection:
        status, headers, body = await ask(connection, path)
        assert (status, json.loads(body)["code"]) == (401, "unauthenticated")
        assert "read-per-address" in headers["ratelimit-policy"]
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        b"//api/v1/auth/me",
        b"/api//v1/auth/me",
        b"/api/v1/auth/../auth/me",
        b"/api/v1/auth/./me",
        b"/api/v1/auth/%2e%2e/auth/me",
        b"/livez/../api/v1/auth/me",
        b"/API/v1/auth/me",
        b"/api\\v1\\auth\\me",
        b"/api/v1/auth/me;x=1",
        b"/x/../api/v1/auth/me",
    ],
)
async def test_an_address_that_is_nearly_one_of_the_api_is_none(plain: RunningServer, path: bytes) -> None:
    async with wire(plain) as connection:
        status, headers, body = await ask(connection, path)
        assert status in (200, 404)
        if status == 200:
            assert headers["content-type"].startswith("text/html")
        else:
            assert json.loads(body)["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        b"/%00",
        b"/index.html%00.js",
        b"/_app/%00/../../pyproject.toml",
        b"/api/v1/auth/me%00",
        b"/api/v1/auth/me%0a",
        b"/api/v1/auth/me%0d%0a",
        b"/%0aapi/v1/auth/me",
        b"/api/v1/auth/me%c2%85",
        b"/api/v1/auth/me%e2%80%a8",
        b"/livez%7f",
        b"/api/v1/realtime%0a",
    ],
)
async def test_an_address_with_a_control_character_is_refused(plain: RunningServer, path: bytes) -> None:
    """A router would take a line break at the end for the end: another quota, other limits, the same endpoint."""
    for headers in ((), UPGRADE):
        async with wire(plain) as connection:
            status, answered, body = await ask(connection, path, *headers)
            assert (status, json.loads(body)["code"]) == (400, "malformed_request")
            assert headers or answered["x-content-type-options"] == "nosniff"


async def test_nothing_from_outside_makes_a_line_of_the_log(plain: RunningServer) -> None:
    """What it wrote is looked at when it has stopped."""
    broken = FORGED.replace(" ", "%20").encode()
    async with wire(plain) as connection:
        for end in (b"%0a", b"%0d%0a", b"%c2%85", b"%e2%80%a8", b"%1b[2J"):
            for path in (b"/api/v1/", b"/", b"/api/v1/auth/oidc/"):
                status, _, _ = await ask(connection, path + end + broken)
                assert status == 400
            status, _, _ = await ask(connection, b"/api/v1/auth/me?x=" + end + broken)
            assert status == 401
        for value in (f"a\x85{FORGED}", f"\x9b2J{FORGED}", f"\xe2\x80\xa8{FORGED}"):
            headers = [f"{name}: {value}" for name in ("User-Agent", "Referer", "Traceparent", "X-Request-Id")]
            status, answered, _ = await ask(connection, b"/api/v1/auth/me", *headers, "Authorization: Bearer x")
            assert status == 401
            assert "forged" not in str(answered)
    async with httpx.AsyncClient(base_url=f"{plain.url}/api/v1") as http:
        body = {"email": f"a@b.example\n{FORGED}", "password": "purple tram eats seven violins", "name": "x"}
        assert (await http.post("/auth/register", json=body)).status_code == 422
        body |= {"email": "forger@example.com", "name": f"Eve\u2028{FORGED}\x1b[2J"}
        assert (await http.post("/auth/register", json=body)).status_code in (201, 422)
        wrong = {"email": f"\n{FORGED}", "password": f"\n{FORGED}"}
        assert (await http.post("/auth/sign-in", json=wrong)).status_code == 401


async def test_headers_that_only_proxies_write_move_nothing(plain: RunningServer) -> None:
    """Each counts against the same network, and reaches what it names: nobody is a trusted proxy here."""
    left = []
    async with wire(plain) as connection:
        for header in (
            "X-Request-Id: 1",
            "X-Forwarded-For: 198.51.100.1",
            "X-Forwarded-For: 127.0.0.1, 10.0.0.1",
            "Forwarded: for=198.51.100.2;proto=https;host=evil.example",
            "X-Real-IP: 198.51.100.3",
            "X-Forwarded-Host: evil.example",
            "X-Forwarded-Proto: https",
            "X-Original-URL: /livez",
            "X-Rewrite-URL: /livez",
            "X-HTTP-Method-Override: DELETE",
            "True-Client-IP: 198.51.100.4",
            "CF-Connecting-IP: 198.51.100.5",
            "X-Forwarded-Prefix: /evil",
        ):
            status, headers, body = await ask(connection, b"/api/v1/auth/me", header)
            assert (status, json.loads(body)["instance"]) == (401, "/api/v1/auth/me"), header
            assert "strict-transport-security" not in headers
            assert "evil" not in str(headers)
            left.append(int(headers["ratelimit"].split(";r=")[1].split(";")[0]))
    assert left == list(range(left[0], left[0] - len(left), -1))


async def test_behind_a_proxy_on_this_machine_its_word_counts_and_no_clients(tmp_path: Path) -> None:
    running = RunningServer(
        tmp_path, OUTCRY_SAMPLE_MARKET="false", OUTCRY_EDGE_TRUSTED_PROXIES="127.0.0.1", OUTCRY_EDGE_QUOTA_FACTOR="1"
    ).start()
    try:
        async with wire(running) as connection:
            left = []
            for chain in ("198.51.100.7", "1.1.1.1, 198.51.100.7", "127.0.0.1, 198.51.100.7", "198.51.100.8", "x"):
                _, headers, _ = await ask(connection, b"/api/v1/auth/me", f"X-Forwarded-For: {chain}")
                left.append(int(headers["ratelimit"].split(";r=")[1].split(";")[0]))
            assert left == [5999, 5998, 5997, 5999, 5999]
            _, headers, _ = await ask(connection, b"/api/v1/auth/me", "X-Forwarded-Proto: https")
            assert "strict-transport-security" in headers
    finally:
        running.stop()


@pytest.mark.parametrize(
    "said",
    [
        (f"Origin: {EVIL}",),
        ("Origin: null",),
        ("Origin: http://x.evil.example",),
        ("Origin: http://x@evil.example",),
        ("Origin: x",),
        ("Origin: file://",),
        ("Origin: http://x", "Sec-Fetch-Site: cross-site"),
        ("Sec-Fetch-Site: same-site",),
        ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Content-Type: text/plain"),
    ],
)
async def test_no_page_of_another_site_changes_anything_or_opens_a_socket(
    plain: RunningServer, said: tuple[str, ...]
) -> None:
    for method, path in (("POST", b"/api/v1/auth/refresh"), ("DELETE", b"/api/v1/auth/sessions")):
        async with wire(plain) as connection:
            status, headers, body = await ask(connection, path, *said, "Content-Length: 0", method=method)
            assert (status, json.loads(body)["code"]) == (403, "cross_site")
            assert "access-control-allow-origin" not in headers
    if said[0].startswith("Origin: ") and said[0] != "Origin: http://x":
        async with wire(plain) as connection:
            status, _, body = await ask(connection, b"/api/v1/realtime", *said, *UPGRADE)
            assert (status, json.loads(body)["code"]) == (403, "cross_site")


UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)


@pytest.mark.parametrize("path", [b"/", b"/api/v1/auth/me", b"/api/v1/realtime/", b"/api/v1/realtime/tickets"])
async def test_there_is_one_socket_and_no_other(plain: RunningServer, path: bytes) -> None:
    async with wire(plain) as connection:
        status, _, _ = await ask(connection, path, *UPGRADE)
        assert status in (307, 403, 404)


@pytest.mark.parametrize(
    "headers",
    [
        ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
        ("Upgrade: TLS/1.0", "Connection: Upgrade"),
        ("Upgrade: websocket", "Connection: close"),
        ("Connection: Upgrade",),
    ],
)
async def test_no_other_protocol_is_switched_to(plain: RunningServer, headers: tuple[str, ...]) -> None:
    async with wire(plain) as connection:
        status, _, _ = await ask(connection, b"/api/v1/auth/me", *headers)
        assert status in (400, 401)


@pytest.mark.parametrize(
    "changed", [("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"), (UPGRADE[2], "Sec-WebSocket-Key: x")]
)
async def test_a_broken_upgrade_opens_nothing(plain: RunningServer, changed: tuple[str, str]) -> None:
    headers = [changed[1] if line == changed[0] else line for line in UPGRADE]
    async with wire(plain) as connection:
        assert (await ask(connection, b"/api/v1/realtime", *headers))[0] in (400, 426)
    async with wire(plain) as connection:
        status, _, _ = await ask(connection, b"/api/v1/realtime", *UPGRADE, "Content-Length: 0", method="POST")
        assert status in (400, 404, 405)
