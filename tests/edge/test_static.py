"""The web application's files, as the edge serves them."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import brotli
import httpx
import pytest
from fastapi import FastAPI

from outcry.edge.compression import Compression
from outcry.edge.counting import Counts
from outcry.edge.headers import SecurityHeaders
from outcry.edge.problems import install_problem_handlers
from outcry.edge.static import WebApplication


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application over a folder with a page and an asset; beside it stands a secret."""
    (tmp_path / "secret.txt").write_text("secret")
    web = tmp_path / "web"
    (web / "_app" / "immutable").mkdir(parents=True)
    (web / "index.html").write_text("<title>Outcry</title>")
    (web / "_app" / "immutable" / "start.js").write_text("start()")
    (web / "favicon.svg").write_text("<svg/>")
    app = FastAPI(openapi_url=None)
    install_problem_handlers(app)
    app.mount("/", WebApplication(web))
    app.add_middleware(SecurityHeaders)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/sign-in", "/c/0190aaaa", "/chart/AAPL", "/sign-up?next=/c/1"])
async def test_every_page_is_the_one_page(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.status_code == 200
    assert "Outcry" in response.text
    assert response.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_symbol_with_a_dot_is_a_page(http: httpx.AsyncClient) -> None:
    assert (await http.get("/chart/BRK.B", headers={"accept": "text/html,*/*"})).status_code == 200
    assert (await http.get("/chart/BRK.B", headers={"accept": "*/*"})).status_code == 404


async def test_assets_are_kept_and_others_checked_anew(http: httpx.AsyncClient) -> None:
    assert "immutable" in (await http.get("/_app/immutable/start.js")).headers["cache-control"]
    assert (await http.get("/favicon.svg")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/missing.js",
        "/_app/immutable/missing.js",
        "/api/v1/nope",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/secret.txt",
    ],
)
async def test_what_is_not_there_is_a_problem_and_nothing_outside_is_served(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert "secret" not in response.json()["detail"]


async def test_a_page_cannot_be_posted_to(http: httpx.AsyncClient) -> None:
    assert (await http.post("/sign-in")).status_code == 405


async def test_the_pages_own_policy_becomes_a_header(tmp_path: Path) -> None:
    said = "default-src &#39;self&#39;; script-src &#39;self&#39; &#39;sha256-abc=&#39;"
    (tmp_path / "index.html").write_text(f'<meta http-equiv="content-security-policy" content="{said}">\n<p>Hello')
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(WebApplication(tmp_path)), base_url="http://outcry"
    ) as client:
        for path in ("/", "/index.html"):
            response = await client.get(path)
            assert response.text == "<p>Hello"
            policy = response.headers["content-security-policy"]
            assert "script-src 'self' 'sha256-abc='" in policy
            assert "frame-ancestors 'none'" in policy
        again = await client.get("/", headers={"if-none-match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_what_is_no_page_may_load_nothing(http: httpx.AsyncClient) -> None:
    for path in ("/favicon.svg", "/api/v1/nope"):
        assert (await http.get(path)).headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_page_that_did_not_change_keeps_its_policy(http: httpx.AsyncClient) -> None:
    first = await http.get("/sign-in")
    again = await http.get("/sign-in", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    # The browser lays these headers over the first ones.
    assert again.headers.get("content-security-policy") in (None, first.headers["content-security-policy"])


SCRIPT = "let bars = 1;\n" * 400


@pytest.fixture
async def packed(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a build whose script was packed, and whose style was not."""
    (tmp_path / "index.html").write_text("<title>Outcry</title>" * 100)
    (tmp_path / "app.js").write_text(SCRIPT)
    (tmp_path / "app.js.br").write_bytes(brotli.compress(SCRIPT.encode()))
    (tmp_path / "app.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (tmp_path / "plain.css").write_text("p {}\n" * 400)
    app = Compression(WebApplication(tmp_path), counts=Counts())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        yield client


@pytest.mark.parametrize("path", ["/app.js", "/", "/chart/AAPL"])
@pytest.mark.parametrize(
    ("said", "coding"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0.1, gzip", "gzip"), ("", None)]
)
async def test_files_come_as_the_build_packed_them(
    packed: httpx.AsyncClient, path: str, said: str, coding: str | None
) -> None:
    response = await packed.get(path, headers={"accept-encoding": said})
    plain = await packed.get(path, headers={"accept-encoding": "identity"})
    assert response.headers.get("content-encoding") == coding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-type"] == plain.headers["content-type"]
    assert response.text == plain.text
    assert not response.headers["etag"].startswith("W/")
    assert (response.headers["etag"] == plain.headers["etag"]) == (coding is None)


@pytest.mark.parametrize("path", ["/app.js", "/", "/plain.css"])
@pytest.mark.parametrize("said", ["br", "gzip", "zstd", "identity"])
async def test_a_browser_that_has_a_file_already_is_told_so(packed: httpx.AsyncClient, path: str, said: str) -> None:
    etag = (await packed.get(path, headers={"accept-encoding": said})).headers["etag"]
    again = await packed.get(path, headers={"accept-encoding": said, "if-none-match": etag})
    assert (again.status_code, again.content, again.headers["vary"]) == (304, b"", "Accept-Encoding")
    other = await packed.get(path, headers={"accept-encoding": said, "if-none-match": '"other"'})
    assert other.status_code == 200


async def test_a_head_tells_of_the_packed_file(packed: httpx.AsyncClient) -> None:
    response = await packed.head("/app.js", headers={"accept-encoding": "br"})
    assert response.headers["content-encoding"] == "br"
    assert int(response.headers["content-length"]) == len(brotli.compress(SCRIPT.encode()))


async def test_a_part_of_a_file_is_a_part_of_the_plain_one(packed: httpx.AsyncClient) -> None:
    response = await packed.get("/app.js", headers={"accept-encoding": "br", "range": "bytes=4-7"})
    assert (response.status_code, response.text) == (206, "bars")
    assert "content-encoding" not in response.headers


async def test_another_policy_makes_it_another_page(tmp_path: Path) -> None:
    """A browser that kept the page would go on with the old policy, and the widget would not load."""
    (tmp_path / "index.html").write_text("<title>Outcry</title>")
    answers: list[httpx.Response] = []
    for origins in ((), ("https://challenges.example",)):
        app = FastAPI(openapi_url=None)
        app.mount("/", WebApplication(tmp_path, origins=origins))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
            kept = {"if-none-match": answers[0].headers["etag"]} if answers else {}
            answers.append(await client.get("/sign-in", headers=kept))
    assert [answer.status_code for answer in answers] == [200, 200]
    narrow, wide = (answer.headers["content-security-policy"] for answer in answers)
    assert "challenges.example" not in narrow
    for directive in ("script-src", "style-src", "frame-src", "connect-src"):
        assert f"{directive} 'self' https://challenges.example" in wide
    for directive in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert f"{directive};" in f"{wide};"
