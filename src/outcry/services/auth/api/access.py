"""Endpoints of a person's own sessions and keys for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX
from outcry.services.auth.commands.access import LONGEST_DAYS, AccessCommands, NewApiKey
from outcry.services.auth.permissions import TABLE
from outcry.services.auth.queries.access import AccessQueries, ApiKey, OpenSession

_Scope = Annotated[str, Field(max_length=80, examples=["charts:bars:read"])]


class ApiKeyInput(BaseModel):
    """A new key for programs. Without ``expires_in_days`` it is valid until it is revoked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=1_000, description="What will use it: 1 to 80 characters.")]
    scopes: Annotated[tuple[_Scope, ...], Field(max_length=len(TABLE), description="What it may do.")]
    expires_in_days: Annotated[StrictInt | None, Field(ge=1, le=LONGEST_DAYS)] = None


def access_router(commands: AccessCommands, queries: AccessQueries) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.get("/sessions")
    async def list_sessions(principal: Annotated[Principal, requires("auth:session:read")]) -> tuple[OpenSession, ...]:
        """List where the person is signed in."""
        return await queries.list_sessions(principal)

    @router.delete("/sessions/{session_id}", status_code=204)
    async def end_session(
        principal: Annotated[Principal, requires("auth:session:manage", fresh=True)], session_id: UUID
    ) -> None:
        """End one of the person's sessions, everywhere within a second."""
        await commands.end_session(principal, session_id)

    @router.delete("/sessions", status_code=204)
    async def end_other_sessions(
        principal: Annotated[Principal, requires("auth:session:manage", fresh=True)],
    ) -> None:
        """End all of the person's sessions but the one that asks."""
        await commands.end_other_sessions(principal)

    @router.get("/api-keys")
    async def list_api_keys(principal: Annotated[Principal, requires("auth:api_key:read")]) -> tuple[ApiKey, ...]:
        """List the person's keys for programs in this organisation."""
        return await queries.list_api_keys(principal)

    @router.post("/api-keys", status_code=201)
    async def make_api_key(
        principal: Annotated[Principal, requires("auth:api_key:manage", fresh=True)],
        body: ApiKeyInput,
    ) -> NewApiKey:
        """Make a key for programs. Its token is in this answer and nowhere else: send it as a Bearer token."""
        return await commands.make_api_key(
            principal, name=body.name, scopes=body.scopes, expires_in_days=body.expires_in_days
        )

    @router.delete("/api-keys/{key_id}", status_code=204)
    async def revoke_api_key(principal: Annotated[Principal, requires("auth:api_key:manage")], key_id: UUID) -> None:
        """Revoke a key for programs, everywhere within a second."""
        await commands.revoke_api_key(principal, key_id)

    return router
