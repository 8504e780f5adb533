"""Answers come packed as the client wishes, streams without delay, and what carries tokens as it is."""

import asyncio
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import brotli
import httpx
import pytest
import zstandard
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from outcry.edge.codings import Wish, negotiate, pack
from outcry.edge.compression import MOST_BYTES_ON_LOOP, Compression
from outcry.edge.counting import Counts
from outcry.edge.headers import SecurityHeaders

BARS = {"items": [{"open": n, "close": n + 0.5} for n in range(400)]}
ALL = "gzip, deflate, br, zstd"


def unpack(body: bytes, coding: str) -> bytes:
    """Return what was packed."""
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    if coding == "br":
        plain: bytes = brotli.decompress(body)
        return plain
    return zlib.decompress(body, 31)


async def answer(request: Request) -> Response:
    """Answer as the query says."""
    query = request.query_params
    headers = {"cache-control": query["cache"]} if "cache" in query else {}
    headers |= {"etag": query["etag"]} if "etag" in query else {}
    headers |= {"content-encoding": query["coding"]} if "coding" in query else {}
    if query.get("status") == "304":
        return Response(status_code=304, headers=headers)
    if "range" in query:
        return Response(b"x" * 5000, 206, headers={"content-range": "bytes 0-4999/9000"}, media_type="text/plain")
    kind = query.get("type", "application/json")
    body = b"" if query.get("status") == "204" else b"a" * int(query.get("length", 4000))
    return Response(body, int(query.get("status", 200)), headers=headers, media_type=kind)


@pytest.fixture
def counts() -> Counts:
    """What was refused."""
    return Counts()


@pytest.fixture
async def http(counts: Counts) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that answers as it is asked."""
    app = FastAPI(openapi_url=None)
    app.add_api_route("/bars", lambda: JSONResponse(BARS), methods=["GET"])
    app.add_route("/answer", answer, methods=["GET", "HEAD", "POST"])
    app.add_route("/api/answer", answer, methods=["GET", "POST"])
    app.add_middleware(Compression, counts=counts)
    app.add_middleware(SecurityHeaders)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        client.headers["accept-encoding"] = ALL
        yield client


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("", Wish(None)),
        ("gzip, deflate, br, zstd", Wish("zstd")),
        ("gzip, br", Wish("br")),
        ("GZIP", Wish("gzip")),
        ("x-gzip", Wish("gzip")),
        ("gzip;q=0.9, br;q=0.2", Wish("gzip")),
        ("zstd;q=0, *", Wish("br")),
        ("*", Wish("zstd")),
        ("*;q=0", Wish(None, refuses_plain=True)),
        ("*;q=0, gzip", Wish("gzip", refuses_plain=True)),
        ("identity;q=0", Wish(None, refuses_plain=True)),
        ("identity;q=0, br;q=0.1", Wish("br", refuses_plain=True)),
        ("identity, gzip;q=0.5", Wish(None)),
        ("identity;q=0.5, gzip;q=0.5", Wish("gzip")),
        ("deflate, compress", Wish(None)),
        ("gzip;q=nonsense", Wish(None)),
        ("gzip;q=nan", Wish(None)),
        ("gzip ; q = 0.5 , br ; q=0.4", Wish("gzip")),
        (",,;q=1,", Wish(None)),
    ],
)
def test_the_coding_is_what_the_client_likes_best(said: str, wish: Wish) -> None:
    assert negotiate(said) == wish


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_an_answer_comes_packed_and_means_the_same(http: httpx.AsyncClient, coding: str) -> None:
    response = await http.get("/bars", headers={"accept-encoding": coding})
    assert response.headers["content-encoding"] == coding
    assert response.headers["vary"] == "Accept-Encoding"
    assert int(response.headers["content-length"]) < len(response.content) / 4
    assert response.json() == BARS


async def test_without_a_wish_it_comes_as_it_is_and_caches_are_told(http: httpx.AsyncClient) -> None:
    response = await http.get("/bars", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in response.headers
    assert response.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "query",
    [
        {"length": "1023"},
        {"type": "image/png"},
        {"type": "application/zip"},
        {"type": "text/event-stream"},
        {"cache": "no-store"},
        {"cache": "private, no-transform"},
        {"coding": "br"},
        {"status": "204"},
        {"range": "1"},
    ],
)
async def test_what_must_not_be_packed_is_not(http: httpx.AsyncClient, query: dict[str, str]) -> None:
    async with http.stream("GET", "/answer", params=query) as response:
        assert response.headers.get("content-encoding") == query.get("coding")


@pytest.mark.parametrize(
    ("method", "query", "packed"),
    [
        ("GET", {}, True),
        ("POST", {}, False),
        ("POST", {"cache": "no-store"}, False),
        ("POST", {"cache": "private, no-cache"}, True),
    ],
)
async def test_what_answers_a_change_may_carry_a_token(
    http: httpx.AsyncClient, method: str, query: dict[str, str], packed: bool
) -> None:
    response = await http.request(method, "/api/answer", params=query)
    assert ("content-encoding" in response.headers) == packed
    assert packed or response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("etag", "told"), [('"abc"', 'W/"abc"'), ('W/"abc"', 'W/"abc"')])
async def test_the_etag_of_packed_bytes_is_weak(http: httpx.AsyncClient, etag: str, told: str) -> None:
    assert (await http.get("/answer", params={"etag": etag})).headers["etag"] == told
    plain = await http.get("/answer", params={"etag": etag}, headers={"accept-encoding": "identity"})
    assert plain.headers["etag"] == etag


async def test_a_304_says_that_it_depends_on_the_coding_and_nothing_else(http: httpx.AsyncClient) -> None:
    response = await http.get("/answer", params={"status": "304", "etag": '"abc"'})
    assert (response.status_code, response.headers["vary"], response.headers["etag"]) == (
        304,
        "Accept-Encoding",
        '"abc"',
    )
    assert "content-encoding" not in response.headers


async def test_a_head_is_that_of_the_plain_answer(http: httpx.AsyncClient) -> None:
    response = await http.head("/answer")
    assert response.headers["content-length"] == "4000"
    assert "content-encoding" not in response.headers


async def test_who_refuses_plain_bytes_gets_also_little_ones_packed(http: httpx.AsyncClient) -> None:
    response = await http.get("/answer", params={"length": "9"}, headers={"accept-encoding": "gzip, identity;q=0"})
    assert (response.headers["content-encoding"], response.content) == ("gzip", b"a" * 9)


async def test_who_takes_nothing_is_told_so_before_anything_is_done(http: httpx.AsyncClient, counts: Counts) -> None:
    response = await http.get("/bars", headers={"accept-encoding": "deflate, *;q=0"})
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")
    assert counts.all() == {"not_acceptable": 1}


async def ask(app: Any, coding: str) -> AsyncIterator[dict[str, Any]]:
    """Ask, and go through the messages of the answer as they are sent."""
    sent: list[dict[str, Any]] = []
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept-encoding", coding.encode())]}

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: Any) -> None:
        sent.append(message)

    await Compression(app, counts=Counts())(scope, receive, send)
    for message in sent:
        yield message


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_each_part_of_a_stream_can_be_read_as_soon_as_it_is_sent(coding: str) -> None:
    parts = [b"one,", b"two,", b"", b"three"]

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/x-ndjson+json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    readers: dict[str, Callable[[bytes], bytes]] = {
        "zstd": zstandard.ZstdDecompressor().decompressobj().decompress,
        "br": brotli.Decompressor().process,
        "gzip": zlib.decompressobj(31).decompress,
    }
    reader = readers[coding]
    messages = [message async for message in ask(stream, coding)]
    assert (b"content-encoding", coding.encode()) in messages[0]["headers"]
    assert [reader(message["body"]) for message in messages[1:]] == [*parts, b""]
    assert [message["more_body"] for message in messages[1:]] == [True] * 4 + [False]


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_a_file_in_parts_comes_packed(coding: str) -> None:
    def parts() -> Iterator[bytes]:
        for n in range(3):
            yield bytes([n]) * 70_000

    app = StreamingResponse(parts(), media_type="text/plain", headers={"content-length": "210000"})
    start, *rest = [message async for message in ask(app, coding)]
    assert b"content-length" not in dict(start["headers"])
    assert unpack(b"".join(part["body"] for part in rest), coding) == b"".join(parts())


async def test_much_is_packed_beside_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[bool] = []

    def watched(body: bytes, coding: Any) -> bytes:
        threads.append(threading.current_thread() is threading.main_thread())
        return pack(body, coding)

    monkeypatch.setattr("outcry.edge.compression.pack", watched)
    for length in (MOST_BYTES_ON_LOOP, MOST_BYTES_ON_LOOP + 1):
        messages = [message async for message in ask(PlainTextResponse("a" * length), "zstd")]
        assert len(unpack(messages[1]["body"], "zstd")) == length
    assert threads == [True, False]
