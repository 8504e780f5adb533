"""The AI service's endpoints."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.ports.models import FoundServer, Trial
from outcry.services.ai.commands import AiCommands
from outcry.services.ai.contracts import Mode
from outcry.services.ai.queries import AiQueries, ModelServerView

Reader = Annotated[Principal, requires("ai:model_server:read")]
Manager = Annotated[Principal, requires("ai:model_server:manage")]


@dataclass(frozen=True, kw_only=True)
class ModelServerInput:
    """A model server. Without ``api_key`` the key stored for this address is used; an empty one means none."""

    base_url: Annotated[str, Field(min_length=1, max_length=500)]
    model: Annotated[str, Field(min_length=1, max_length=200)]
    api_key: Annotated[str, Field(max_length=1000)] | None = field(default=None, repr=False)


def make_router(commands: AiCommands, queries: AiQueries) -> APIRouter:
    """Return the router over these commands and queries."""
    router = APIRouter(prefix="/api/v1/ai", tags=["ai"])

    @router.get("/modes")
    async def list_modes(principal: Annotated[Principal, requires("ai:mode:read")]) -> tuple[Mode, ...]:
        """List the ways of answering that a person can choose."""
        return await queries.list_modes(tenant_id=principal.tenant_id)

    @router.get("/model-server")
    async def get_model_server(principal: Reader) -> ModelServerView:
        """Return the organisation's model server, without its key."""
        return await queries.view_model_server(principal.tenant_id)

    @router.put("/model-server")
    async def set_model_server(principal: Manager, body: ModelServerInput) -> ModelServerView:
        """Set the organisation's model server."""
        return await commands.set_model_server(
            principal, base_url=body.base_url, model=body.model, api_key=body.api_key
        )

    @router.delete("/model-server", status_code=204)
    async def remove_model_server(principal: Manager) -> None:
        """Remove the organisation's model server and its key."""
        await commands.remove_model_server(principal)

    @router.post("/model-server/try")
    async def try_model_server(principal: Manager, body: ModelServerInput) -> Trial:
        """Ask a model server for one short answer; nothing is stored."""
        return await commands.try_model_server(
            principal, base_url=body.base_url, model=body.model, api_key=body.api_key
        )

    @router.get("/model-server/found")
    async def find_model_servers(principal: Manager) -> tuple[FoundServer, ...]:
        """Look for model servers on this machine; only for the operator of the installation, for others none."""
        return tuple(await commands.find_local(principal))

    return router
