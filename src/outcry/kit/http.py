"""What a service's endpoints need of the request: the principal that the edge put there, and a permission."""

from collections.abc import Awaitable, Callable

from fastapi import Depends, Request
from fastapi.params import Depends as DependsParam

from outcry.kit.errors import UnauthenticatedError
from outcry.kit.principal import Principal

Authenticate = Callable[[Request], Awaitable[Principal]]


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
