"""Which role may do what: one table, reviewed as data. Rules about single things live where the things live."""

from typing import Literal, get_args

Role = Literal["owner", "admin", "analyst", "member", "viewer"]
ROLES: tuple[str, ...] = get_args(Role)

# Only the person who made the first account of an installation has it, whatever their role.
OPERATE = "platform:operate"

_EVERYBODY = frozenset(ROLES)
_DESK = _EVERYBODY - {"viewer"}
_ADMINS = frozenset({"owner", "admin"})

TABLE: dict[str, frozenset[str]] = {
    "auth:me:read": _EVERYBODY,
    "charts:instrument:read": _EVERYBODY,
    "charts:bars:read": _EVERYBODY,
    "charts:indicator:read": _EVERYBODY,
    "charts:replay:read": _EVERYBODY,
    "charts:replay:control": _DESK,
    "chat:room:read": _EVERYBODY,
    "chat:room:create": _DESK,
    "chat:room:update": _DESK,
    "chat:member:read": _EVERYBODY,
    "chat:member:manage": _DESK,
    "chat:message:read": _EVERYBODY,
    "chat:message:post": _DESK,
    "chat:reply:stop": _DESK,
    "chat:reply:retry": _DESK,
    "ai:mode:read": _EVERYBODY,
    "ai:model_server:read": _ADMINS,
    "ai:model_server:manage": _ADMINS,
}


def scopes_of(role: str, *, operator: bool) -> frozenset[str]:
    """Return the permissions of a role; an unknown role has none."""
    scopes = frozenset(permission for permission, roles in TABLE.items() if role in roles)
    return scopes | {OPERATE} if operator else scopes
