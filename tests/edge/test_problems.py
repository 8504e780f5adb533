"""What cannot be read, or goes to an address in a way that it does not take, is refused with a reason."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel

from outcry.edge.problems import install_problem_handlers
from outcry.edge.queries import refuse_repeated
from outcry.kit.http import Moment


class Order(BaseModel):
    """A body."""

    amount: float


def _app() -> FastAPI:
    app = FastAPI(dependencies=[Depends(refuse_repeated)])
    install_problem_handlers(app)
    router = APIRouter(prefix="/orders")

    @router.get("")
    async def find(at: Annotated[Moment | None, ...] = None, symbol: str = "") -> list[str]:
        return [at.isoformat() if at else "", symbol]

    @router.post("")
    async def place(body: Order) -> float:
        return body.amount

    app.include_router(router)
    return app


async def ask(method: str, path: str, **more: Any) -> httpx.Response:
    """Make one call."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://outcry") as client:
        return await client.request(method, path, **more)


async def test_a_wrong_method_is_told_every_right_one() -> None:
    answer = await ask("DELETE", "/orders")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
async def test_a_body_of_another_type_is_not_read(kind: str) -> None:
    answer = await ask("POST", "/orders", content=b'{"amount": 1}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/merge+json"])
async def test_json_is_read_by_any_of_its_names(kind: str) -> None:
    answer = await ask("POST", "/orders", content=b'{"amount": 1}', headers={"content-type": kind})
    assert answer.status_code == 200


async def test_a_missing_body_is_missing_and_not_of_a_wrong_type() -> None:
    assert (await ask("POST", "/orders")).json()["code"] == "invalid_input"


async def test_a_parameter_that_comes_twice_is_refused() -> None:
    answer = await ask("GET", "/orders?symbol=A&symbol=B")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "symbol")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00+00:00"),
        ("2026-01-31T09:30:00%2B02:00", "2026-01-31T07:30:00+00:00"),
        ("2026-01-31T09:30:00", "2026-01-31T09:30:00+00:00"),
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
    ],
)
async def test_a_time_comes_in_as_utc(written: str, read: str) -> None:
    assert (await ask("GET", f"/orders?at={written}")).json()[0] == read


@pytest.mark.parametrize(
    "written", ["0", "1769851800", "-1", "1e9", "now", "0001-01-01T00:00:00%2B23:00", "9999-12-31T23:59:59-23:00"]
)
async def test_what_is_no_time_is_refused(written: str) -> None:
    answer = await ask("GET", f"/orders?at={written}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "at")
