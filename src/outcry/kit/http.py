"""What a service's endpoints need of the request: the principal that the edge put there, and a permission."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParam
from pydantic import AfterValidator, BeforeValidator

from outcry.kit.errors import UnauthenticatedError
from outcry.kit.principal import Principal

Authenticate = Callable[[Request], Awaitable[Principal]]

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _written_out(value: object) -> object:
    # A bare number would be read as seconds, or as milliseconds if it is large: nobody who sends one means that.
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DATE.match(value)):
        raise ValueError("must be a date and time, such as 2026-01-31T09:30:00Z")
    return value


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the years 1 to 9999") from error


Moment = Annotated[datetime, BeforeValidator(_written_out), AfterValidator(_to_utc)]
"""A time in a query: RFC 3339, and UTC where it names no zone. It comes in as UTC."""


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return ``responses`` for a route that refuses with more than what its parameters, body and permission imply."""
    return {status: {} for status in statuses}


def bearer_of(request: Request) -> str:
    """Return the token or key of a request's Authorization header (RFC 6750); raises UnauthenticatedError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthenticatedError()
    return token.strip()


def requires(permission: str, *, fresh: bool = False) -> DependsParam:
    """Return the dependency that gives an endpoint its Principal, who must hold this permission.

    ``fresh`` also asks for a factor shown within the last minutes. The edge sets ``app.state.authenticate``, and finds
    in ``request.state.principal`` who asked; raises UnauthenticatedError, ForbiddenError or StepUpRequiredError.
    """

    async def principal_of(request: Request) -> Principal:
        authenticate: Authenticate | None = getattr(request.app.state, "authenticate", None)
        if authenticate is None:
            raise UnauthenticatedError()
        principal = await authenticate(request)
        request.state.principal = principal
        principal.require(permission)
        if fresh:
            principal.require_fresh()
        return principal

    principal_of.permission = permission  # type: ignore[attr-defined]  # read by the test that walks all endpoints
    principal_of.fresh = fresh  # type: ignore[attr-defined]  # the same
    dependency: DependsParam = Depends(principal_of)
    return dependency


def public() -> DependsParam:
    """Return the dependency that marks an endpoint as open to everybody, on purpose."""

    async def anybody() -> None:
        return None

    anybody.permission = "public"  # type: ignore[attr-defined]  # read by the test that walks all endpoints
    dependency: DependsParam = Depends(anybody)
    return dependency
