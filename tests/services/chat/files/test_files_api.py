"""The bytes of files over HTTP: whole, in parts, and so that no browser runs them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from outcry.kit.errors import OutcryError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Room
from tests.services.chat.conftest import Desk
from tests.services.chat.files.samples import make_picture
from tests.services.chat.files.sending import ON_ONE_ENGINE, PDF, room_of_two


@pytest.fixture
async def http(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """The endpoints; who calls is named by the header ``person``."""
    app = FastAPI()
    app.include_router(desk.filing.router())
    people: dict[str, Principal] = {}
    app.state.people = people

    async def authenticate(request: Request) -> Principal:
        return people[request.headers["person"]]

    async def problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OutcryError)
        return JSONResponse(error.to_problem(), status_code=error.status)

    app.state.authenticate = authenticate
    app.add_exception_handler(OutcryError, problem)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test/api/v1") as client:
        client.params = {}
        client.people = people  # type: ignore[attr-defined]  # for the tests below
        yield client


async def upload(http: httpx.AsyncClient, room: Room, data: bytes, name: str) -> dict[str, Any]:
    answer = await http.post("/files", params={"room_id": str(room.id), "name": name}, content=data)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@ON_ONE_ENGINE
async def test_bytes_are_served_so_that_no_browser_runs_them(desk: Desk, http: httpx.AsyncClient) -> None:
    ada, _, room = await room_of_two(desk)
    http.people["ada"] = ada  # type: ignore[attr-defined]  # see the fixture
    http.headers["person"] = "ada"
    page = b"<!doctype html><script>alert(1)</script>"
    for data, name, media_type, shown in (
        (make_picture("PNG"), "a.png", "image/png", "inline"),
        (page, "a.html", "text/plain; charset=utf-8", "attachment"),
        (page, "a.png", "application/octet-stream", "attachment"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "text/plain; charset=utf-8", "attachment"),
        (PDF, "a.pdf", "application/pdf", "attachment"),
    ):
        file = await upload(http, room, data, name)
        answer = await http.get(f"/files/{file['id']}")
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"].startswith(f"{shown};")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert (await http.get(f"/files/{file['id']}/thumbnail")).json()["code"] == "file_not_found"


@ON_ONE_ENGINE
async def test_names_cannot_break_out_of_their_header(desk: Desk, http: httpx.AsyncClient) -> None:
    ada, _, room = await room_of_two(desk)
    http.people["ada"] = ada  # type: ignore[attr-defined]  # see the fixture
    http.headers["person"] = "ada"
    file = await upload(http, room, PDF, 'Zürich "Q3"; filename=x.html\r\nx: y.pdf')
    told = (await http.get(f"/files/{file['id']}")).headers["content-disposition"]
    assert told == (
        'attachment; filename="Z_rich _Q3_; filename=x.html x: y.pdf"; '
        "filename*=UTF-8''Z%C3%BCrich%20%22Q3%22%3B%20filename%3Dx.html%20x%3A%20y.pdf"
    )


@ON_ONE_ENGINE
async def test_parts_are_had_alone_and_the_same_is_not_sent_twice(desk: Desk, http: httpx.AsyncClient) -> None:
    ada, _, room = await room_of_two(desk)
    http.people["ada"] = ada  # type: ignore[attr-defined]  # see the fixture
    http.headers["person"] = "ada"
    data = b"\x00" + bytes(range(256)) * 9_000
    path = f"/files/{(await upload(http, room, data, 'a.bin'))['id']}"
    whole = await http.get(path)
    assert (whole.content, whole.headers["accept-ranges"]) == (data, "bytes")
    tag = whole.headers["etag"]
    for wanted, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=1000-", 1_000, len(data)),
        ("bytes=-5", len(data) - 5, len(data)),
        ("bytes=5-99999999", 5, len(data)),
    ):
        part = await http.get(path, headers={"range": wanted, "if-range": tag})
        assert (part.status_code, part.content) == (206, data[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(data)}"
    for odd in ("bytes=9-3", "bytes=1-2,5-6", "lines=1-2", "bytes=-", "bytes=a-b"):
        assert (await http.get(path, headers={"range": odd})).status_code == 200
    assert (await http.get(path, headers={"range": "bytes=0-9", "if-range": '"other"'})).status_code == 200
    for beyond in (f"bytes={len(data)}-", "bytes=-0"):
        refused = await http.get(path, headers={"range": beyond})
        assert (refused.status_code, refused.json()["code"]) == (416, "range_not_satisfiable")
    assert (await http.get(path, headers={"if-none-match": tag})).status_code == 304


@ON_ONE_ENGINE
async def test_a_picture_is_had_small_and_discarded(desk: Desk, http: httpx.AsyncClient) -> None:
    ada, bob, room = await room_of_two(desk)
    http.people.update(ada=ada, bob=bob)  # type: ignore[attr-defined]  # see the fixture
    http.headers["person"] = "ada"
    file = await upload(http, room, make_picture("JPEG", (900, 900)), "a.jpg")
    small = await http.get(f"/files/{file['id']}/thumbnail")
    assert (small.headers["content-type"], small.content[8:12]) == ("image/webp", b"WEBP")
    assert (await http.delete(f"/files/{file['id']}", headers={"person": "bob"})).status_code == 404
    assert (await http.delete(f"/files/{file['id']}")).status_code == 204
    assert (await http.get(f"/files/{file['id']}")).status_code == 404
    page = await http.get(f"/rooms/{room.id}/files")
    assert page.json() == {"items": [], "next_cursor": None}
