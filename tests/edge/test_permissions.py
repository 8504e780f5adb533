"""Every endpoint says who may call it."""

from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from outcry.main import Platform
from outcry.settings import Settings


def permissions_of(route: APIRoute) -> list[str]:
    """Return the permissions among a route's dependencies."""
    calls: list[Any] = [dependency.call for dependency in route.dependant.dependencies]
    return [call.permission for call in calls if hasattr(call, "permission")]


async def test_every_endpoint_declares_one_permission(tmp_path: Path) -> None:
    platform = Platform(Settings(data=tmp_path))
    routes = [route for route in platform.app.routes if isinstance(route, APIRoute)]
    declared = {f"{sorted(route.methods or ())[0]} {route.path}": permissions_of(route) for route in routes}
    await platform.stop()
    assert len(declared) > 20
    assert [where for where, names in declared.items() if len(names) != 1] == []
    public = {where for where, names in declared.items() if names == ["public"]}
    assert public == {
        "GET /livez",
        "GET /readyz",
        "GET /api/v1/auth/jwks",
        "POST /api/v1/auth/register",
        "POST /api/v1/auth/sign-in",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/sign-out",
    }
