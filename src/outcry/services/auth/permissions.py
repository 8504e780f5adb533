"""Which role may do what: one table, reviewed as data. Rules about single things live where the things live."""

from functools import lru_cache
from typing import Literal, get_args

Role = Literal["owner", "admin", "analyst", "member", "viewer", "guest"]
ROLES: tuple[str, ...] = get_args(Role)

# Only the person who made the first account of an installation has it, whatever their role.
OPERATE = "platform:operate"

_EVERYBODY = frozenset(ROLES)
_INSIDE = _EVERYBODY - {"guest"}  # a guest sees one room, and what its answers lean on
_DESK = _INSIDE - {"viewer"}
_ADMINS = frozenset({"owner", "admin"})
_OWNER = frozenset({"owner"})
_DATA = _ADMINS | {"analyst"}  # who answers for what is recorded of markets

TABLE: dict[str, frozenset[str]] = {
    "auth:me:read": _EVERYBODY,
    "auth:me:update": _EVERYBODY,
    "auth:session:read": _EVERYBODY,
    "auth:session:manage": _EVERYBODY,
    "auth:factor:read": _EVERYBODY,
    "auth:factor:manage": _EVERYBODY,
    "auth:privacy:manage": _EVERYBODY,
    "auth:api_key:read": _INSIDE,
    "auth:api_key:manage": _INSIDE,
    "auth:organisation:read": _EVERYBODY,
    "auth:organisation:create": _EVERYBODY,
    "auth:organisation:leave": _EVERYBODY,
    "auth:organisation:update": _ADMINS,
    "auth:organisation:transfer": _OWNER,
    "auth:member:read": _INSIDE,
    "auth:member:manage": _ADMINS,
    "auth:invitation:manage": _ADMINS,
    "auth:plan:manage": _ADMINS,
    "charts:instrument:read": _EVERYBODY,
    "charts:instrument:manage": _DATA,
    "charts:import:read": _DATA,
    "charts:import:create": _DATA,
    "charts:bars:read": _EVERYBODY,
    "charts:indicator:read": _EVERYBODY,
    "charts:fundamentals:read": _EVERYBODY,
    "charts:fundamentals:refresh": _DATA,
    "charts:drawing:read": _EVERYBODY,
    "charts:drawing:change": _EVERYBODY,  # in a room only who may post in it
    "charts:feed:read": _INSIDE,
    "charts:formula:evaluate": _EVERYBODY,
    "charts:layout:read": _INSIDE,
    "charts:layout:change": _INSIDE,
    "charts:layout:share": _DESK,
    "charts:layout:manage": _ADMINS,  # what others shared
    "charts:watchlist:read": _INSIDE,
    "charts:watchlist:change": _INSIDE,
    "charts:watchlist:share": _DESK,
    "charts:watchlist:manage": _ADMINS,  # what others shared
    "charts:picture:read": _EVERYBODY,
    "charts:share:read": _EVERYBODY,
    "charts:share:create": _DESK,
    "charts:share:publish": _DESK - {"member"},  # for anyone who has the link
    "charts:share:post": _DESK | {"guest"},
    "charts:share:revoke": _DESK | {"guest"},
    "charts:share:manage": _ADMINS,
    "charts:replay:read": _EVERYBODY,
    "charts:replay:control": _DESK,
    "chat:room:read": _EVERYBODY,
    "chat:room:create": _DESK,
    "chat:room:update": _DESK | {"guest"},
    "chat:room:join": _INSIDE,
    "chat:room:keep": _EVERYBODY,
    "chat:room:export": _DESK,  # a room that they own
    "chat:export:oversee": _ADMINS,  # with a reason, a room that they are in and somebody else owns
    "chat:directory:read": _INSIDE,
    "chat:person:search": _DESK,
    "chat:topic:read": _EVERYBODY,
    "chat:topic:change": _DESK | {"guest"},
    "chat:link:manage": _DESK,  # in a room only its owner and moderators
    "chat:link:use": _EVERYBODY,  # also from another organisation, as a guest
    "chat:member:read": _EVERYBODY,
    "chat:member:manage": _DESK,
    "chat:member:leave": _EVERYBODY,
    "chat:message:read": _EVERYBODY,
    "chat:message:post": _DESK | {"guest"},
    "chat:presence:read": _EVERYBODY,
    "chat:presence:change": _EVERYBODY,
    "chat:notice:read": _EVERYBODY,
    "chat:notice:change": _EVERYBODY,  # their own
    "chat:receipt:read": _EVERYBODY,
    "chat:receipt:change": _EVERYBODY,  # their own
    "chat:message:edit": _DESK | {"guest"},  # one's own
    "chat:message:remove": _DESK | {"guest"},  # one's own, and of others who moderates the room
    "chat:message:react": _DESK | {"guest"},
    "chat:message:pin": _DESK | {"guest"},
    "chat:file:read": _EVERYBODY,
    "chat:file:upload": _DESK | {"guest"},
    "chat:preview:manage": _ADMINS,  # whether links of the organisation are looked at
    "chat:message:report": _EVERYBODY,
    "chat:moderation:manage": _DESK,  # in a room only its owner and moderators
    "chat:review:manage": _DESK,  # of the rooms that they look after
    "chat:review:all": _ADMINS,  # of every room, also those that they are not in
    "chat:retention:manage": _DESK,  # in a room only its owner
    "chat:retention:default": _ADMINS,
    "chat:hold:manage": _ADMINS,  # and reads what is held
    "chat:words:manage": _ADMINS,  # of the organisation
    "chat:reply:stop": _DESK | {"guest"},
    "chat:reply:retry": _DESK | {"guest"},
    "ai:mode:read": _EVERYBODY,
    "ai:duty:read": _EVERYBODY,
    "ai:duty:change": _DESK,  # one's own, and those of rooms that one moderates
    "realtime:socket:open": _EVERYBODY,
    "ai:model_server:read": _ADMINS,
    "ai:model_server:manage": _ADMINS,
    "audit:entry:read": _ADMINS,
    "audit:export:create": _ADMINS,
    "audit:report:read": _ADMINS,
}

# What a key for programs never may, whoever made it: a stolen one must not become an account.
NOT_FOR_KEYS = frozenset(
    {
        "auth:me:update",
        "auth:session:manage",
        "auth:factor:read",
        "auth:factor:manage",
        "auth:privacy:manage",
        "auth:api_key:manage",
        "auth:organisation:create",
        "auth:organisation:leave",
        "auth:organisation:transfer",
        "auth:member:manage",
        "auth:invitation:manage",
        "auth:plan:manage",
        "audit:export:create",
        OPERATE,
    }
)


@lru_cache(maxsize=1_000)
def scopes_of(role: str, *, operator: bool, withheld: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the permissions of a role, less what the organisation's features withhold; an unknown role has none.

    Equal ones are the same object: 8 kB that every open socket would hold otherwise.
    """
    scopes = frozenset(permission for permission, roles in TABLE.items() if role in roles) - withheld
    return scopes | {OPERATE} if operator else scopes


def key_scopes(chosen: frozenset[str], scopes: frozenset[str]) -> frozenset[str]:
    """Return what a key may: what was chosen for it, of what its person may now, of what keys may at all."""
    return (chosen & scopes) - NOT_FOR_KEYS
