"""A body that two readers could understand in two ways is read by none."""

import httpx
import pytest
from fastapi import FastAPI, Request

from outcry.edge.counting import Counts
from outcry.edge.strict_json import MOST_DEPTH, StrictJson, check_json
from outcry.kit.errors import MalformedRequestError

LARGE = b'{"a": "' + b"x" * 100_000 + b'"}'


def nested(depth: int) -> bytes:
    """Return lists within lists."""
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]}',
        b'{"a": -1.5e10, "b": 1e-400, "c": 12345678901234567890}',
        '{"ä": "\\ud83d\\ude00 😀"}'.encode(),
        nested(MOST_DEPTH),
        b"[" + b"[]," * 1_000 + b"[]]",
        b'"' + b"[" * 1_000 + b'"',
        LARGE,
    ],
)
def test_json_is_let_through(body: bytes) -> None:
    check_json(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"a": "\xed\xa0\x80"}', "not valid JSON"),
        ('{"a": 1}'.encode("utf-16"), "not valid JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "not valid JSON"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "not valid JSON"),
        (nested(100_000), "not valid JSON"),
        (nested(MOST_DEPTH + 1), "64 deep"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'[{"a": -Infinity}]', "-Infinity is no number"),
        (b'{"a": 1e400}', "too large"),
        (b'{"role": "viewer", "role": "admin"}', "more than once"),
        (b'{"a": [{"b": 1, "\\u0062": 1}]}', "more than once"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(MalformedRequestError, match=said):
        check_json(body)


async def ask(body: bytes, kind: str, counts: Counts) -> httpx.Response:
    """Send a body; the answer says how many bytes of it came."""
    app = FastAPI(openapi_url=None)

    async def count(request: Request) -> int:
        return len(await request.body())

    app.add_api_route("/", count, methods=["POST"])
    app.add_middleware(StrictJson, counts=counts)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        return await client.post("/", content=body, headers={"content-type": kind})


@pytest.mark.parametrize("body", [b"", b'{"a": 1}', LARGE])
async def test_a_body_comes_whole_to_the_endpoint(body: bytes) -> None:
    assert (await ask(body, "application/json", Counts())).json() == len(body)


@pytest.mark.parametrize("kind", ["application/json", "Application/Problem+JSON; charset=utf-8"])
async def test_a_refusal_is_counted(kind: str) -> None:
    counts = Counts()
    answer = await ask(b'{"a": 1, "a": 2}', kind, counts)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
    assert counts.all()["malformed_request"] == 1


async def test_other_types_are_not_looked_into() -> None:
    assert (await ask(b"\xff{", "image/png", Counts())).json() == 2
