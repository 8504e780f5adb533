"""A client gets the members that it names, learns which it misspelt, and no less is looked at because of it."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header
from pydantic import BaseModel, Field

from outcry.edge.etags import ETags
from outcry.edge.fields import MOST_DEPTH, MOST_NAMES, Fields, add_parameter, read_fields
from outcry.edge.problems import install_problem_handlers
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.paging import Page


class Author(BaseModel):
    """Who wrote."""

    id: int
    name: str | None = None


class Figure(BaseModel):
    """A number in a message."""

    value: float


class Quote(BaseModel):
    """A price in a message."""

    symbol: str


class Message(BaseModel):
    """One message, which may answer another."""

    id: int
    author: Author | None = None
    parts: list[Figure | Quote] = Field(default_factory=list)
    answers: "Message | None" = None
    counts: dict[str, Author] = Field(default_factory=dict)
    extra: dict[str, Any] = Field(default_factory=dict)


ITEMS = (
    Message(id=1, author=Author(id=7, name="Ada"), parts=[Figure(value=0.1), Quote(symbol="AAPL")]),
    Message(id=2, answers=Message(id=1), counts={"up": Author(id=8)}, extra={"a": {"b": [1, 2]}}),
)
router = APIRouter(prefix="/api/v1")


@router.get("/messages")
async def read(word: Annotated[str, Header()] = "right") -> Page[Message]:
    """Return a page."""
    if word != "right":
        raise UnauthenticatedError()
    return Page(items=ITEMS, next_cursor="c")


@router.get("/anything", response_model=None)
async def read_anything() -> dict[str, Any]:
    """Return what no type describes."""
    return {"a": 1, "b": {"c": 2, "d": 3}}


@router.get("/names")
async def read_names() -> list[Author]:
    """Return a list that is no page."""
    return [Author(id=1), Author(id=2, name="Grace")]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application."""
    app = FastAPI()
    app.include_router(router)
    install_problem_handlers(app)
    app.add_middleware(Fields)
    app.add_middleware(ETags)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry/api/v1") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "fields", "body"),
    [
        ("/messages", "next_cursor", {"next_cursor": "c"}),
        ("/messages", "items.id", {"items": [{"id": 1}, {"id": 2}]}),
        ("/messages", "items.id,next_cursor", {"items": [{"id": 1}, {"id": 2}], "next_cursor": "c"}),
        ("/messages", "items.author.name", {"items": [{"author": {"name": "Ada"}}, {"author": None}]}),
        ("/messages", "items.parts.value", {"items": [{"parts": [{"value": 0.1}, {}]}, {"parts": []}]}),
        ("/messages", "items.answers.answers.id", {"items": [{"answers": None}, {"answers": {"answers": None}}]}),
        ("/messages", "items.counts.up.id", {"items": [{"counts": {}}, {"counts": {"up": {"id": 8}}}]}),
        ("/messages", "items.extra.a.b", {"items": [{"extra": {}}, {"extra": {"a": {"b": [1, 2]}}}]}),
        ("/messages", " items . id , next_cursor ", {"items": [{"id": 1}, {"id": 2}], "next_cursor": "c"}),
        ("/anything", "b.c,z", {"b": {"c": 2}}),
        ("/names", "name", [{"name": None}, {"name": "Grace"}]),
    ],
)
async def test_the_answer_has_what_was_named(http: httpx.AsyncClient, path: str, fields: str, body: object) -> None:
    response = await http.get(path, params={"fields": fields})
    assert (response.status_code, response.json()) == (200, body)
    assert int(response.headers["content-length"]) == len(response.content)


async def test_who_wants_all_of_a_member_gets_it_in_any_order(http: httpx.AsyncClient) -> None:
    whole = (await http.get("/messages")).json()
    for fields in ("items,items.id", "items.id,items", "items.id,items,next_cursor"):
        assert (await http.get("/messages", params={"fields": fields})).json()["items"] == whole["items"]
    both = await http.get("/messages", params={"fields": ["items.id", "next_cursor"]})
    assert set(both.json()) == {"items", "next_cursor"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("itmes.id", "There is no field itmes. Did you mean items?"),
        ("items.author.nam", "There is no field items.author.nam. Did you mean items.author.name?"),
        ("items.parts.xxxxxx", "There is no field items.parts.xxxxxx. There are value, symbol."),
        ("items.id.deeper", "There is no field items.id.deeper."),
        ("items.counts.up.zzz", "There is no field items.counts.up.zzz. There are id, name."),
        (
            "items.answers.answers.idd",
            "There is no field items.answers.answers.idd. Did you mean items.answers.answers.id?",
        ),
        ("", "fields needs names joined by commas, such as items.id,next_cursor."),
        ("items..id", "fields needs names joined by commas, such as items.id,next_cursor."),
        ("items.", "fields needs names joined by commas, such as items.id,next_cursor."),
        (",".join(f"a{n}" for n in range(MOST_NAMES + 1)), f"fields can have {MOST_NAMES} names at most."),
        (".".join(["a"] * (MOST_DEPTH + 1)), f"A name of fields can be {MOST_DEPTH} deep at most."),
    ],
)
async def test_a_wrong_name_is_told_with_the_nearest(http: httpx.AsyncClient, fields: str, said: str) -> None:
    response = await http.get("/messages", params={"fields": fields})
    assert (response.status_code, response.json()["code"], response.json()["detail"]) == (422, "invalid_input", said)
    assert response.json()["errors"] == [{"field": "fields", "message": said}]


async def test_what_no_schema_can_be_is_answered_whatever_it_holds(http: httpx.AsyncClient) -> None:
    for fields in ("\x00", "é", "💥.x", "items.\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "__class__"):
        assert (await http.get("/messages", params={"fields": fields})).status_code == 422
    long = await http.get("/messages", params={"fields": "x" * 8000})
    assert long.status_code == 422
    assert len(long.json()["detail"]) < 300


async def test_who_may_not_read_learns_nothing_of_the_fields(http: httpx.AsyncClient) -> None:
    for fields in ("items.id", "nonsense", "a..b"):
        response = await http.get("/messages", params={"fields": fields}, headers={"word": "wrong"})
        assert response.status_code == 401


async def test_each_selection_has_a_tag_of_its_own(http: httpx.AsyncClient) -> None:
    whole, part = await http.get("/messages"), await http.get("/messages", params={"fields": "items.id"})
    assert whole.headers["etag"] != part.headers["etag"]
    again = {"if-none-match": part.headers["etag"]}
    assert (await http.get("/messages", params={"fields": "items.id"}, headers=again)).status_code == 304
    assert (await http.get("/messages", headers=again)).status_code == 200


def test_the_longest_that_is_allowed_is_read() -> None:
    deepest = ".".join(["a"] * MOST_DEPTH)
    assert read_fields(",".join([deepest, *(f"b{n}" for n in range(MOST_NAMES - 1))]))


def test_the_document_names_the_parameter_once() -> None:
    json: dict[str, Any] = {"200": {"content": {"application/json": {}}}}
    document: dict[str, Any] = {
        "components": {},
        "paths": {
            "/a": {"get": {"responses": json}, "post": {"responses": json}},
            "/b": {"get": {"responses": {"200": {"content": {"text/csv": {}}}}}},
        },
    }
    add_parameter(document)
    assert document["paths"]["/a"]["get"]["parameters"] == [{"$ref": "#/components/parameters/Fields"}]
    assert document["components"]["parameters"]["Fields"]["name"] == "fields"
    assert "parameters" not in document["paths"]["/a"]["post"]
    assert "parameters" not in document["paths"]["/b"]["get"]
