"""Endpoints and permissions: no endpoint answers without the principal that the edge made."""

from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.params import Depends

from outcry.kit.errors import ForbiddenError, UnauthenticatedError
from outcry.kit.http import public, requires
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal


def _app() -> FastAPI:
    app = FastAPI()

    @app.get("/rooms")
    async def rooms(principal: Annotated[Principal, requires("chat:room:read")]) -> str:
        return str(principal.user_id)

    @app.get("/open", dependencies=[public()])
    async def open_to_all() -> str:
        return "open"

    return app


async def _get(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://outcry") as client:
        return await client.get(path)


def _somebody(*scopes: str) -> Principal:
    return Principal(user_id=new_id(), tenant_id=new_id(), role="member", scopes=frozenset(scopes), session_id=new_id())


async def test_the_endpoint_gets_the_principal_of_the_edge() -> None:
    app, somebody = _app(), _somebody("chat:room:read")

    async def authenticate(request: Request) -> Principal:
        return somebody

    app.state.authenticate = authenticate
    answer = await _get(app, "/rooms")
    assert (answer.status_code, answer.json()) == (200, str(somebody.user_id))


async def test_without_the_permission_it_is_forbidden() -> None:
    app = _app()

    async def authenticate(request: Request) -> Principal:
        return _somebody("chat:room:create")

    app.state.authenticate = authenticate
    with pytest.raises(ForbiddenError):
        await _get(app, "/rooms")


async def test_without_an_edge_nobody_is_let_in() -> None:
    with pytest.raises(UnauthenticatedError):
        await _get(_app(), "/rooms")


async def test_a_public_endpoint_answers_everybody() -> None:
    assert (await _get(_app(), "/open")).json() == "open"


@pytest.mark.parametrize(
    ("dependency", "permission"), [(requires("chat:room:read"), "chat:room:read"), (public(), "public")]
)
def test_the_permission_can_be_read_off_the_dependency(dependency: Depends, permission: str) -> None:
    assert getattr(dependency.dependency, "permission", None) == permission
