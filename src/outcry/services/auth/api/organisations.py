"""Endpoints of organisations: which there are, what one has, and going from one to another."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, Guard, answer, client_of, refresh_cookie_of
from outcry.services.auth.commands.organisations import OrganisationCommands
from outcry.services.auth.contracts import Organisation, Session
from outcry.services.auth.errors import SessionEndedError
from outcry.services.auth.identity import read_organisation_name
from outcry.services.auth.plans import PlanName
from outcry.services.auth.queries.organisations import MyOrganisation, OrganisationQueries, OrganisationView
from outcry.services.auth.settings import AuthSettings

_Feature = Annotated[str, Path(max_length=80, examples=["guests"])]


class OrganisationInput(BaseModel):
    """An organisation's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=1_000, description="What its people see: 1 to 80 characters.")]


class SwitchInput(BaseModel):
    """Where the session goes on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation_id: UUID


class PlanInput(BaseModel):
    """A plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan: PlanName


class FeatureInput(BaseModel):
    """A feature switched on or off, or, with null, as the plan has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: StrictBool | None


def organisation_router(
    commands: OrganisationCommands, queries: OrganisationQueries, settings: AuthSettings
) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter()
    router.routes.extend(_mine(commands, queries, settings).routes)
    router.routes.extend(_current(commands, queries).routes)
    return router


def _mine(commands: OrganisationCommands, queries: OrganisationQueries, settings: AuthSettings) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.get("/organisations")
    async def list_organisations(
        principal: Annotated[Principal, requires("auth:organisation:read")],
    ) -> tuple[MyOrganisation, ...]:
        """List the organisations that the person may switch to."""
        return await queries.list_mine(principal)

    @router.post("/organisations", status_code=201)
    async def make_organisation(
        principal: Annotated[Principal, requires("auth:organisation:create")], body: OrganisationInput
    ) -> Organisation:
        """Make an organisation that the person owns. The session stays where it is: switch to go there."""
        organisation_id = await commands.make(principal, body.name)
        return Organisation(id=organisation_id, name=read_organisation_name(body.name))

    @router.post("/switch")
    async def switch_organisation(
        principal: Annotated[Principal, requires("auth:session:manage")],
        body: SwitchInput,
        request: Request,
        response: Response,
        guard: Guard = None,
    ) -> Session:
        """Go on in another organisation: new tokens, as after a refresh. The old access token works no more."""
        token = refresh_cookie_of(request, guard)
        if token is None:
            raise SessionEndedError()
        moved = await commands.switch(principal, body.organisation_id, token=token, client=client_of(request))
        return answer(moved, request, response, device_days=settings.device_days)

    return router


def _current(commands: OrganisationCommands, queries: OrganisationQueries) -> APIRouter:
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.get("/organisation")
    async def get_organisation(
        principal: Annotated[Principal, requires("auth:organisation:read")],
    ) -> OrganisationView:
        """Return the organisation that the session is in: its plan, features and quotas."""
        return await queries.view(principal)

    @router.patch("/organisation")
    async def rename_organisation(
        principal: Annotated[Principal, requires("auth:organisation:update")], body: OrganisationInput
    ) -> OrganisationView:
        """Give the organisation another name."""
        await commands.rename(principal, body.name)
        return await queries.view(principal)

    @router.put("/organisation/plan")
    async def set_plan(
        principal: Annotated[Principal, requires("auth:plan:manage")], body: PlanInput
    ) -> OrganisationView:
        """Change the plan, everywhere within a second. Nobody is removed by a smaller one; it refuses new ones."""
        await commands.set_plan(principal, body.plan)
        return await queries.view(principal)

    @router.put("/organisation/features/{feature}")
    async def set_feature(
        principal: Annotated[Principal, requires("auth:plan:manage")], feature: _Feature, body: FeatureInput
    ) -> OrganisationView:
        """Switch a feature on or off, or let the plan decide, everywhere within a second."""
        await commands.set_feature(principal, feature, body.on)
        return await queries.view(principal)

    return router
