"""A failure that nobody foresaw is answered like everything else, and packed bodies are refused unread."""

import gzip
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse

from outcry.edge.counting import Counts
from outcry.edge.headers import SecurityHeaders
from outcry.edge.last_resort import LastResort
from outcry.edge.plain_bodies import PlainBodies
from outcry.edge.problems import install_problem_handlers
from outcry.edge.request_identity import RequestIdentity
from outcry.edge.sizes import BodySizes


class Desk:
    """An application that fails, and one that tells how long a body was."""

    def __init__(self, *, caught: bool = True) -> None:
        self.counts = Counts()
        app = FastAPI(openapi_url=None)
        app.add_api_route("/api/v1/fail", self.fail)
        app.add_api_route("/api/v1/break", self.stop_midway)
        app.add_api_route("/api/v1/length", self.length, methods=["POST"])
        install_problem_handlers(app)
        app.add_middleware(PlainBodies, counts=self.counts)
        app.add_middleware(BodySizes, most=1_000_000, most_held=2_000_000, counts=self.counts)
        if caught:
            app.add_middleware(LastResort)
        app.add_middleware(SecurityHeaders)
        app.add_middleware(RequestIdentity)
        transport = httpx.ASGITransport(app, raise_app_exceptions=caught)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://outcry/api/v1")

    async def fail(self) -> None:
        """Fail."""
        raise KeyError("secret")

    async def stop_midway(self) -> StreamingResponse:
        """Fail after the answer began."""

        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            raise KeyError("secret")

        return StreamingResponse(parts())

    async def length(self, request: Request) -> int:
        """Return the length of the body."""
        return len(await request.body())


@pytest.mark.parametrize("caught", [True, False])
async def test_what_nobody_foresaw_has_all_the_headers_and_tells_nothing(
    caplog: pytest.LogCaptureFixture, caught: bool
) -> None:
    response = await Desk(caught=caught).http.get("/fail")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["cache-control"] == "no-store"
    assert "secret" not in response.text
    assert response.json()["request_id"]
    assert not caught or response.headers["x-request-id"] == response.json()["request_id"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert caplog.records[0].exc_info


async def test_an_answer_that_began_is_cut_off() -> None:
    with pytest.raises(KeyError):
        await Desk().http.get("/break")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "identity, gzip", "x"])
async def test_a_packed_body_is_refused_unread_and_counted(coding: str) -> None:
    desk = Desk()
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    response = await desk.http.post("/length", content=bomb, headers={"content-encoding": coding})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_encoding")
    assert response.headers["accept-encoding"] == "identity"
    assert desk.counts.all() == {"unsupported_encoding": 1}


@pytest.mark.parametrize("headers", [{}, {"content-encoding": "identity"}, {"content-encoding": "Identity"}])
async def test_a_plain_body_is_taken_as_the_bytes_that_it_is(headers: dict[str, str]) -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)
    assert (await Desk().http.post("/length", content=bomb, headers=headers)).json() == len(bomb)
