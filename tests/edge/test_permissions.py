"""Every endpoint says who may call it."""

from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from outcry.edge.batch import batch_router
from outcry.edge.counting import counts_router
from outcry.edge.tickets import Tickets, ticket_router
from outcry.main import Platform
from outcry.settings import Settings


def permissions_of(route: APIRoute) -> list[str]:
    """Return the permissions among a route's dependencies."""
    calls: list[Any] = [dependency.call for dependency in route.dependant.dependencies]
    return [call.permission for call in calls if hasattr(call, "permission")]


def documented_routes(platform: Platform) -> list[APIRoute]:
    """Return the endpoints of the services and of the edge itself."""
    own = [ticket_router(Tickets(platform._cache)), batch_router(seconds=1), counts_router(platform.counts)]
    routers = [*(module.router for module in platform.modules), *own]
    return [route for router in routers for route in router.routes if isinstance(route, APIRoute)]


async def test_every_endpoint_declares_one_permission(tmp_path: Path) -> None:
    platform = Platform(Settings(data=tmp_path))
    routes = documented_routes(platform)
    declared = {f"{sorted(route.methods or ())[0]} {route.path}": permissions_of(route) for route in routes}
    documented = {
        f"{method.upper()} {path}" for path, methods in platform.app.openapi()["paths"].items() for method in methods
    }
    await platform.stop()
    assert set(declared) == documented
    assert len(declared) > 20
    assert [where for where, names in declared.items() if len(names) != 1] == []
    public = {where for where, names in declared.items() if names == ["public"]}
    assert public == {
        "GET /api/v1/auth/jwks",
        "GET /api/v1/auth/oidc/{provider}/callback",
        "GET /api/v1/auth/providers",
        "POST /api/v1/auth/oidc/{provider}/start",
        "POST /api/v1/auth/register",
        "POST /api/v1/auth/register/passkey",
        "POST /api/v1/auth/register/passkey/options",
        "POST /api/v1/auth/confirm",
        "POST /api/v1/auth/email/confirm",
        "POST /api/v1/auth/recover",
        "POST /api/v1/auth/recover/finish",
        "POST /api/v1/auth/sign-in",
        "POST /api/v1/auth/sign-in/factor",
        "POST /api/v1/auth/sign-in/passkey",
        "POST /api/v1/auth/sign-in/passkey/options",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/sign-out",
        "POST /api/v1/auth/invitations/look",
        "POST /api/v1/notifications/stop-mails",
        "POST /api/v1/batch",
        "POST /api/v1/room-links/look",
        "POST /api/v1/shares/open",
    }
