"""The endpoints of the AI service: who may do what, and that no key ever comes out."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from outcry.kit.errors import OutcryError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from tests.adapters_support.openai_server import Fail, OpenaiServer
from tests.services.ai.conftest import Floor

MANAGER = ("ai:mode:read", "ai:model_server:read", "ai:model_server:manage")
KEY = "sk-abcdefghijklmnop-1234"


class Client(httpx.AsyncClient):
    """A client whose principal can be changed."""

    principal: Principal


@pytest.fixture
async def client(floor: Floor) -> AsyncIterator[Client]:
    """The service's router in an application that authenticates as the client's principal."""
    app = FastAPI()
    app.include_router(floor.module.router)

    async def authenticate(request: Request) -> Principal:
        return made.principal

    async def problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OutcryError)
        return JSONResponse(error.to_problem(), status_code=error.status)

    app.state.authenticate = authenticate
    app.add_exception_handler(OutcryError, problem)
    async with Client(transport=httpx.ASGITransport(app=app), base_url="http://test/api/v1/ai") as made:
        made.principal = principal(*MANAGER, "platform:operate")
        yield made


def principal(*scopes: str) -> Principal:
    return Principal(user_id=new_id(), tenant_id=new_id(), role="admin", scopes=frozenset(scopes), session_id=new_id())


async def test_modes(client: Client) -> None:
    modes = (await client.get("/modes")).json()
    assert [mode["name"] for mode in modes] == ["fast"]


async def test_a_server_is_set_shown_without_its_key_and_removed(client: Client, server: OpenaiServer) -> None:
    assert (await client.get("/model-server")).json() == {
        "configured": False, "base_url": "", "model": "", "key_hint": ""
    }  # fmt: skip
    body = {"base_url": f"{server.base_url}/", "model": "test-model", "api_key": KEY}
    shown = await client.put("/model-server", json=body)
    assert shown.status_code == 200
    assert shown.json() == {
        "configured": True, "base_url": server.base_url, "model": "test-model", "key_hint": "…1234"
    }  # fmt: skip
    again = await client.get("/model-server")
    assert KEY not in again.text
    assert (await client.delete("/model-server")).status_code == 204
    assert (await client.get("/model-server")).json()["configured"] is False


async def test_the_key_stays_with_its_address(client: Client, server: OpenaiServer) -> None:
    body = {"base_url": server.base_url, "model": "test-model"}
    await client.put("/model-server", json=body | {"api_key": KEY})
    await client.put("/model-server", json=body | {"model": "other"})
    await client.post("/model-server/try", json=body)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    elsewhere = body | {"base_url": server.base_url.replace("127.0.0.1", "localhost")}
    server.requests.clear()
    await client.post("/model-server/try", json=elsewhere)
    assert KEY not in server.requests[0].headers["authorization"]


async def test_the_key_is_sealed_where_it_is_stored(client: Client, server: OpenaiServer, floor: Floor) -> None:
    await client.put("/model-server", json={"base_url": server.base_url, "model": "m", "api_key": KEY})
    pending = await floor.databases["ai"].pending(after=0, limit=10)
    assert [envelope.name for _, envelope, _ in pending] == ["ai.model_server_changed.v1"]
    assert KEY not in str(pending)


async def test_trying_says_what_went_wrong(client: Client, server: OpenaiServer) -> None:
    body = {"base_url": server.base_url, "model": "test-model", "api_key": KEY}
    assert (await client.post("/model-server/try", json=body)).json()["ok"] is True
    server.play(Fail(401))
    trial = (await client.post("/model-server/try", json=body)).json()
    assert (trial["ok"], trial["message"]) == (False, "The server did not accept the key.")


async def test_who_does_not_operate_the_platform_cannot_reach_into_its_network(
    client: Client, server: OpenaiServer
) -> None:
    client.principal = principal(*MANAGER)
    body = {"base_url": server.base_url, "model": "test-model"}
    refused = await client.put("/model-server", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    trial = (await client.post("/model-server/try", json=body)).json()
    assert trial["ok"] is False
    assert "operator" in trial["message"]
    assert (await client.get("/model-server/found")).json() == []
    assert server.requests == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"base_url": "http://example.com/v1"},
        {"base_url": "gopher://example.com", "model": "m"},
        {"base_url": "http://169.254.169.254/latest", "model": "m"},
        {"base_url": "http://u:p@example.com/v1", "model": "m"},
        {"base_url": "http://127.0.0.1:1/v1", "model": "   "},
        {"base_url": "http://127.0.0.1:1/v1", "model": "m", "api_key": "with space and ü"},
        {"base_url": "x" * 501, "model": "m"},
        {"base_url": 5, "model": []},
    ],
)
async def test_bad_input_changes_nothing(client: Client, body: dict[str, object]) -> None:
    assert (await client.put("/model-server", json=body)).status_code == 422
    assert (await client.get("/model-server")).json()["configured"] is False


async def test_permissions(client: Client) -> None:
    client.principal = principal("ai:mode:read")
    assert (await client.get("/model-server")).status_code == 403
    assert (await client.delete("/model-server")).status_code == 403
    assert (await client.get("/model-server/found")).status_code == 403
