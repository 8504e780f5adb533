"""Who has an answer already is told so in a few bytes, and nobody else."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from outcry.edge.compression import Compression
from outcry.edge.counting import Counts
from outcry.edge.etags import MOST_BYTES, ETags
from outcry.edge.headers import SecurityHeaders
from outcry.edge.problems import install_problem_handlers
from outcry.kit.errors import UnauthenticatedError


class Desk:
    """An application whose list grows; only who shows the word may read it."""

    def __init__(self) -> None:
        self.items: list[int] = list(range(400))
        app = FastAPI(openapi_url=None)
        app.add_route("/api/v1/instruments", self.read, methods=["GET"])
        app.add_route("/api/v1/instruments", self.change, methods=["POST"])
        app.add_route("/api/v1/rooms", self.read)
        app.add_route("/api/v1/token", self.token)
        app.add_route("/api/v1/stream", self.stream)
        app.add_route("/api/v1/much", self.much)
        install_problem_handlers(app)
        app.add_middleware(ETags)
        app.add_middleware(Compression, counts=Counts())
        app.add_middleware(SecurityHeaders)
        headers = {"authorization": "word", "accept-encoding": "identity"}
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://outcry/api/v1", headers=headers
        )

    async def read(self, request: Request) -> Response:
        """Return the list."""
        if request.headers.get("authorization") != "word":
            raise UnauthenticatedError()
        return JSONResponse(self.items)

    async def change(self, request: Request) -> Response:
        """Add to the list."""
        self.items.append(0)
        return JSONResponse(self.items)

    async def token(self, request: Request) -> Response:
        """Return what must not be kept."""
        return JSONResponse({"token": "t"}, headers={"cache-control": "no-store"})

    async def much(self, request: Request) -> Response:
        """Return more than is worth a tag."""
        return Response(b" " * (MOST_BYTES + 1), media_type="application/json")

    async def stream(self, request: Request) -> Response:
        """Return parts."""

        async def parts() -> AsyncIterator[bytes]:
            yield b"[1,"
            yield b"2]"

        return StreamingResponse(parts(), media_type="application/json")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """The application."""
    made = Desk()
    yield made
    await made.http.aclose()


@pytest.mark.parametrize("said", ["{}", "W/{}", '"a", {}', 'W/"a,b" , W/{}', "*"])
async def test_who_has_it_gets_a_304_without_a_body(desk: Desk, said: str) -> None:
    first = await desk.http.get("/instruments")
    etag = first.headers["etag"]
    assert etag.startswith('"')
    assert first.headers["cache-control"] == "private, no-cache"
    again = await desk.http.get("/instruments", headers={"if-none-match": said.format(etag)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"].removeprefix("W/") == etag
    assert again.headers["cache-control"] == "private, no-cache"
    assert again.headers["vary"] == "Accept-Encoding"
    assert not {"content-length", "content-type", "content-security-policy"} & set(again.headers)


@pytest.mark.parametrize("said", ['"other"', "nonsense", "", '"*"', "W/*"])
async def test_who_has_another_gets_it_all(desk: Desk, said: str) -> None:
    response = await desk.http.get("/instruments", headers={"if-none-match": said})
    assert response.json() == desk.items


async def test_several_lines_are_one_list(desk: Desk) -> None:
    etag = (await desk.http.get("/instruments")).headers["etag"]
    lines = [("if-none-match", '"a"'), ("if-none-match", etag)]
    assert (await desk.http.get("/instruments", headers=lines)).status_code == 304


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_the_tag_of_a_packed_answer_is_known_again_as_it_was_given(desk: Desk, coding: str) -> None:
    desk.http.headers["accept-encoding"] = coding
    etag = (await desk.http.get("/instruments")).headers["etag"]
    assert etag.startswith("W/")
    again = await desk.http.get("/instruments", headers={"if-none-match": etag})
    assert (again.status_code, again.headers["etag"]) == (304, etag)


async def test_a_change_makes_another_tag(desk: Desk) -> None:
    etag = (await desk.http.get("/instruments")).headers["etag"]
    await desk.http.post("/instruments")
    again = await desk.http.get("/instruments", headers={"if-none-match": etag})
    assert (again.status_code, again.json()) == (200, desk.items)
    assert again.headers["etag"] != etag


async def test_what_is_about_people_stays_on_no_disk(desk: Desk) -> None:
    first = await desk.http.get("/rooms")
    assert first.headers["cache-control"] == "no-store"
    again = await desk.http.get("/rooms", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert "cache-control" not in again.headers


async def test_who_may_not_read_is_not_told_whether_it_changed(desk: Desk) -> None:
    etag = (await desk.http.get("/instruments")).headers["etag"]
    for said in (etag, "*"):
        refused = await desk.http.get("/instruments", headers={"if-none-match": said, "authorization": "guess"})
        assert refused.status_code == 401
        assert "etag" not in refused.headers
        assert refused.headers["cache-control"] == "no-store"


async def test_changes_tokens_streams_and_what_is_large_have_no_tag(desk: Desk) -> None:
    changed = await desk.http.post("/instruments", headers={"if-none-match": "*"})
    assert (changed.status_code, changed.headers["cache-control"]) == (200, "no-store")
    token = await desk.http.get("/token", headers={"if-none-match": "*"})
    assert (token.json(), token.headers["cache-control"]) == ({"token": "t"}, "no-store")
    stream = await desk.http.get("/stream", headers={"if-none-match": "*"})
    assert stream.json() == [1, 2]
    much = await desk.http.get("/much", headers={"if-none-match": "*"})
    assert much.status_code == 200
    for response in (changed, token, stream, much):
        assert "etag" not in response.headers
