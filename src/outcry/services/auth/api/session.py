"""Endpoints of accounts and sessions. The refresh token lives in a cookie that no script can read."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from outcry.kit.http import public, refusals, requires
from outcry.kit.principal import Principal
from outcry.services.auth.api.browser import (
    PREFIX,
    REFRESH_COOKIE,
    Guard,
    Solved,
    answer,
    browser_cookie_of,
    client_of,
    device_token_of,
    drop_cookie,
    refresh_cookie_of,
    remember_browser,
)
from outcry.services.auth.api.passwords import EmailInput, PasswordInput
from outcry.services.auth.commands.accounts import AccountCommands
from outcry.services.auth.contracts import FactorNeeded, Me, Session
from outcry.services.auth.errors import SessionEndedError
from outcry.services.auth.queries.people import AuthQueries
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.signing_keys import SigningKeys


class Credentials(BaseModel):
    """An e-mail address and its password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: EmailInput
    password: PasswordInput


class KeySet(BaseModel):
    """Public keys (RFC 7517, section 5)."""

    keys: list[dict[str, Any]]


def session_router(
    commands: AccountCommands, queries: AuthQueries, keys: SigningKeys, settings: AuthSettings
) -> APIRouter:
    """Return the endpoints of accounts and sessions."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])
    days = settings.device_days

    @router.post("/sign-in", responses=refusals(401), dependencies=[public()])
    async def sign_in(
        body: Credentials, request: Request, response: Response, solved: Solved = None
    ) -> Session | FactorNeeded:
        """Sign in, or learn which second factor is wanted. An unknown account and a wrong password look alike."""
        result = await commands.sign_in(
            email=body.email,
            password=body.password.get_secret_value(),
            client=client_of(request, solved),
            device_token=device_token_of(request),
            browser=browser_cookie_of(request),
        )
        answered = answer(result, request, response, device_days=days)
        remember_browser(response, request, commands.know_browser(browser_cookie_of(request), body.email))
        return answered

    @router.post("/refresh", responses=refusals(401), dependencies=[public()])
    async def refresh(request: Request, response: Response, guard: Guard = None) -> Session:
        """Go on with the session of the cookie: a new access token, a new cookie."""
        token = refresh_cookie_of(request, guard)
        if token is None:
            raise SessionEndedError()
        signed_in = await commands.refresh(token=token, client=client_of(request))
        return answer(signed_in, request, response, device_days=days)

    @router.post("/sign-out", status_code=204, dependencies=[public()])
    async def sign_out(request: Request, response: Response, guard: Guard = None) -> None:
        """End the session of the cookie, everywhere within a second."""
        token = refresh_cookie_of(request, guard)
        if token is not None:
            await commands.sign_out(token=token)
        drop_cookie(response, request, REFRESH_COOKIE)

    @router.get("/me")
    async def get_me(principal: Annotated[Principal, requires("auth:me:read")]) -> Me:
        """Say who is signed in, where, and what they may do there."""
        return await queries.get_me(person_id=principal.user_id, tenant_id=principal.tenant_id)

    @router.get("/jwks", dependencies=[public()])
    async def get_jwks() -> KeySet:
        """Return the public keys that access tokens are signed with."""
        return KeySet(keys=await keys.public_keys())

    return router
