"""What endpoints know of the browser, and give it: its address, the cookies that no script can read."""

from typing import Annotated, TypeVar

from fastapi import Header, Request, Response

from outcry.kit.errors import ForbiddenError
from outcry.ports.challenges import LONGEST_RESPONSE
from outcry.services.auth.contracts import Session
from outcry.services.auth.entrance import SignedInBrowser
from outcry.services.auth.identity import Client, read_client

PREFIX = "/api/v1/auth"
REFRESH_COOKIE = "outcry_refresh"
DEVICE_COOKIE = "outcry_device"
BROWSER_COOKIE = "outcry_browser"
_BROWSER_DAYS = 365

T = TypeVar("T")

Guard = Annotated[
    str | None,
    Header(alias="X-Outcry", description="Must be `1`. A page of another site cannot send it.", examples=["1"]),
]

Solved = Annotated[
    str | None,
    Header(
        alias="Challenge-Response",
        max_length=LONGEST_RESPONSE,
        description="What the widget gave, where an answer asked for it: 403 `challenge_required`, whose `challenge` "
        "says whose widget (`provider`, `site_key`, `script`). Good for one request.",
    ),
]


def client_of(request: Request, challenge_response: str | None = None) -> Client:
    """Return what a request came from."""
    host = request.client.host if request.client else None
    user_agent = request.headers.get("user-agent", "")
    return read_client(host, user_agent, request.cookies.get(REFRESH_COOKIE), challenge_response)


def is_secure(request: Request) -> bool:
    """Say whether the browser speaks TLS to us, so that cookies may insist on it."""
    return request.url.scheme == "https"


def refresh_cookie_of(request: Request, guard: str | None) -> str | None:
    """Return the refresh token; raises ForbiddenError for a request that a page of another site could have made."""
    if guard != "1":
        raise ForbiddenError("The header X-Outcry: 1 is missing.")
    return request.cookies.get(REFRESH_COOKIE)


def device_token_of(request: Request) -> str | None:
    """Return the token of a remembered device."""
    return request.cookies.get(DEVICE_COOKIE)


def browser_cookie_of(request: Request) -> str | None:
    """Return the device cookie by which the throttle knows a browser."""
    return request.cookies.get(BROWSER_COOKIE)


def remember_browser(response: Response, request: Request, value: str) -> None:
    """Let the throttle know this browser again."""
    set_cookie(response, request, BROWSER_COOKIE, value, max_age=_BROWSER_DAYS * 86_400)


def set_cookie(response: Response, request: Request, name: str, value: str, *, max_age: int) -> None:
    """Set a cookie that only the auth endpoints get, and no script."""
    response.set_cookie(
        name, value, max_age=max_age, path=PREFIX, httponly=True, samesite="strict", secure=is_secure(request)
    )


def drop_cookie(response: Response, request: Request, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(name, path=PREFIX, httponly=True, samesite="strict", secure=is_secure(request))


def answer(result: SignedInBrowser | T, request: Request, response: Response, *, device_days: int) -> Session | T:
    """Set the cookies of who is signed in now and return what the page gets; anything else is passed on."""
    response.headers["cache-control"] = "no-store"
    if not isinstance(result, SignedInBrowser):
        return result
    set_cookie(response, request, REFRESH_COOKIE, result.refresh_token, max_age=result.refresh_expires_in)
    if result.device_token is not None:
        set_cookie(response, request, DEVICE_COOKIE, result.device_token, max_age=device_days * 86_400)
    return result.session
