"""Endpoints of signing in by a provider. Two of them are pages' calls, one is where the provider sends browsers."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from outcry.kit.http import public, requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import PREFIX, answer, client_of, device_token_of
from outcry.services.auth.commands.openid import TRIP, Answer, Arrival, OpenidCommands, SentAway
from outcry.services.auth.contracts import FactorNeeded
from outcry.services.auth.providers import Providers
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.tickets import fingerprint

_COOKIE = "outcry_trip_"


class Trip(BaseModel):
    """Where to go afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    next: Annotated[str, Field(max_length=1_000, description="A path of this site.", examples=["/rooms"])] = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderView:
    """A provider that people may sign in by."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where the browser is to go now."""

    url: str


def openid_router(commands: OpenidCommands, providers: Providers, settings: AuthSettings) -> APIRouter:
    """Return the endpoints of signing in by a provider."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])
    secure = settings.public_url.startswith("https://")

    @router.get("/providers", dependencies=[public()])
    async def list_providers() -> list[ProviderView]:
        """Return the providers that people may sign in by, in the operator's order."""
        return [ProviderView(name=provider.name, title=provider.title) for provider in providers.list()]

    @router.post("/oidc/{provider}/start", dependencies=[public()])
    async def start(provider: str, body: Trip, request: Request, response: Response) -> Departure:
        """Begin to sign in by a provider: send the browser to the address in the answer, within ten minutes."""
        device_token = device_token_of(request)
        away = await commands.start(provider, path=body.next, client=client_of(request), device_token=device_token)
        return _depart(away, response, secure=secure)

    @router.get("/oidc/{provider}/callback", status_code=303, dependencies=[public()], response_class=RedirectResponse)
    async def finish(
        provider: str, request: Request, code: str = "", state: str = "", iss: str | None = None, error: str = ""
    ) -> RedirectResponse:
        """Take a browser back from a provider: signed in, to the second factor, or with the code of a problem."""
        cookie = request.cookies.get(_cookie_name(state))
        came = Answer(code=code, state=state, issuer=iss, error=error, cookie=cookie)
        arrival = await commands.finish(provider, came, client_of(request))
        response = RedirectResponse(_landing(arrival), status_code=303)
        if cookie is not None:
            response.delete_cookie(_cookie_name(state), path=PREFIX, httponly=True, samesite="lax", secure=secure)
        answer(arrival.result, request, response, device_days=settings.device_days)
        return response

    _add_own(router, commands, secure=secure)
    return router


def _add_own(router: APIRouter, commands: OpenidCommands, *, secure: bool) -> None:
    """Add what is for who is signed in already."""

    @router.post("/factors/identities/{provider}/start")
    async def start_linking(
        provider: str,
        request: Request,
        response: Response,
        principal: Annotated[Principal, requires("auth:factor:manage", fresh=True)],
        body: Trip | None = None,
    ) -> Departure:
        """Begin to connect a provider with one's account: send the browser to the address in the answer."""
        path = (body or Trip()).next
        away = await commands.start(provider, path=path, client=client_of(request), principal=principal)
        return _depart(away, response, secure=secure)

    @router.post("/step-up/providers/{provider}/start")
    async def start_stepping_up(
        provider: str,
        request: Request,
        response: Response,
        principal: Annotated[Principal, requires("auth:factor:manage")],
        body: Trip | None = None,
    ) -> Departure:
        """Begin to sign in anew at a provider, in place of showing a factor again."""
        path = (body or Trip()).next
        away = await commands.start(provider, path=path, client=client_of(request), principal=principal, again=True)
        return _depart(away, response, secure=secure)

    @router.delete("/factors/identities/{identity_id}", status_code=204)
    async def disconnect(
        identity_id: UUID, principal: Annotated[Principal, requires("auth:factor:manage", fresh=True)]
    ) -> None:
        """Disconnect a provider from one's account, unless it is the only way in."""
        await commands.disconnect(principal, identity_id)


def _cookie_name(state: str) -> str:
    # One for each trip, so that two tabs, or a button that was pressed twice, do not get in each other's way.
    return _COOKIE + fingerprint(state).hex()[:12]


def _depart(away: SentAway, response: Response, *, secure: bool) -> Departure:
    response.headers["cache-control"] = "no-store"
    # Lax, not strict: it has to come along when the provider sends the browser back.
    response.set_cookie(
        _cookie_name(away.state),
        away.cookie,
        max_age=int(TRIP.total_seconds()),
        path=PREFIX,
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return Departure(url=away.url)


def _landing(arrival: Arrival) -> str:
    """Return the page that the browser goes on to. What follows ``#`` reaches no server and no log."""
    if arrival.problem:
        page = arrival.path if arrival.signed_in else "/sign-in"
        return f"{page}#{urlencode({'problem': arrival.problem})}"
    if isinstance(arrival.result, FactorNeeded):
        kinds = ",".join(arrival.result.factors)
        told = {"factor": arrival.result.ticket, "kinds": kinds, "next": arrival.path}
        return f"/sign-in#{urlencode(told, safe=',/')}"
    return arrival.path
