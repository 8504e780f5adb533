"""HTTP endpoints of the auth service. The refresh token lives in a cookie that no script can read."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from outcry.kit.errors import ForbiddenError
from outcry.kit.http import public, requires
from outcry.kit.principal import Principal
from outcry.services.auth.commands import AuthCommands, SignedInBrowser
from outcry.services.auth.contracts import Me, Session
from outcry.services.auth.errors import SessionEndedError
from outcry.services.auth.identity import Client, read_client
from outcry.services.auth.queries import AuthQueries
from outcry.services.auth.signing_keys import SigningKeys

COOKIE = "outcry_refresh"
PREFIX = "/api/v1/auth"

# Longer than any password that is taken, so that one that is too long is told so by the rules of passwords.
_Password = Annotated[SecretStr, Field(max_length=1_000, description="At least 15 characters, at most 256.")]
_Email = Annotated[str, Field(max_length=1_000, description="An e-mail address.", examples=["ann@example.com"])]
_Guard = Annotated[
    str | None,
    Header(alias="X-Outcry", description="Must be `1`. A page of another site cannot send it.", examples=["1"]),
]


class Registration(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: _Email
    password: _Password
    name: Annotated[str, Field(max_length=1_000, description="What colleagues see: 1 to 80 characters.")]


class Credentials(BaseModel):
    """An e-mail address and its password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: _Email
    password: _Password


class KeySet(BaseModel):
    """Public keys (RFC 7517, section 5)."""

    keys: list[dict[str, Any]]


def build_router(commands: AuthCommands, queries: AuthQueries, keys: SigningKeys) -> APIRouter:
    """Return the endpoints under ``/api/v1/auth``."""
    router = APIRouter(prefix=PREFIX, tags=["auth"])

    @router.post("/register", status_code=201, dependencies=[public()])
    async def register(body: Registration, request: Request, response: Response) -> Session:
        """Make an account with an organisation of its own, and sign in. An address that is taken gets a 409."""
        signed_in = await commands.register(
            email=body.email,
            password=body.password.get_secret_value(),
            name=body.name,
            client=_client_of(request),
        )
        return _answer(signed_in, request, response)

    @router.post("/sign-in", dependencies=[public()])
    async def sign_in(body: Credentials, request: Request, response: Response) -> Session:
        """Sign in. An unknown account and a wrong password are answered alike."""
        signed_in = await commands.sign_in(
            email=body.email, password=body.password.get_secret_value(), client=_client_of(request)
        )
        return _answer(signed_in, request, response)

    @router.post("/refresh", dependencies=[public()])
    async def refresh(request: Request, response: Response, guard: _Guard = None) -> Session:
        """Go on with the session of the cookie: a new access token, a new cookie."""
        token = _cookie_of(request, guard)
        if token is None:
            raise SessionEndedError()
        signed_in = await commands.refresh(token=token, client=_client_of(request))
        return _answer(signed_in, request, response)

    @router.post("/sign-out", status_code=204, dependencies=[public()])
    async def sign_out(request: Request, response: Response, guard: _Guard = None) -> None:
        """End the session of the cookie, everywhere within a second."""
        token = _cookie_of(request, guard)
        if token is not None:
            await commands.sign_out(token=token)
        response.delete_cookie(COOKIE, path=PREFIX, httponly=True, samesite="strict", secure=_is_secure(request))

    @router.get("/me")
    async def get_me(principal: Annotated[Principal, requires("auth:me:read")]) -> Me:
        """Say who is signed in, where, and what they may do there."""
        return await queries.get_me(person_id=principal.user_id, tenant_id=principal.tenant_id)

    @router.get("/jwks", dependencies=[public()])
    async def get_jwks() -> KeySet:
        """Return the public keys that access tokens are signed with."""
        return KeySet(keys=await keys.public_keys())

    return router


def _client_of(request: Request) -> Client:
    host = request.client.host if request.client else None
    return read_client(host, request.headers.get("user-agent", ""))


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _cookie_of(request: Request, guard: str | None) -> str | None:
    """Return the refresh token; raises ForbiddenError for a request that a page of another site could have made."""
    if guard != "1":
        raise ForbiddenError("The header X-Outcry: 1 is missing.")
    return request.cookies.get(COOKIE)


def _answer(signed_in: SignedInBrowser, request: Request, response: Response) -> Session:
    response.headers["cache-control"] = "no-store"
    response.set_cookie(
        COOKIE,
        signed_in.refresh_token,
        max_age=signed_in.refresh_expires_in,
        path=PREFIX,
        httponly=True,
        samesite="strict",
        secure=_is_secure(request),
    )
    return signed_in.session
