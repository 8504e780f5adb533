"""What goes alone: secrets, uploads and what is only shown are never kept, and never part of a batch."""

# What opens sessions, shows or takes secrets, or gives everything out. Matched by its beginning, with all below it.
_ALONE = (
    "/api/v1/ai/model-server",
    "/api/v1/auth/api-keys",
    "/api/v1/auth/confirm",
    "/api/v1/auth/email/confirm",
    "/api/v1/auth/factors",
    "/api/v1/auth/invitations",
    "/api/v1/auth/me/email",
    "/api/v1/auth/me/erasure",
    "/api/v1/auth/me/export",
    "/api/v1/auth/me/password",
    "/api/v1/auth/oidc",
    "/api/v1/auth/recover",
    "/api/v1/auth/refresh",
    "/api/v1/auth/register",
    "/api/v1/auth/sign-in",
    "/api/v1/auth/sign-out",
    "/api/v1/auth/step-up",
    "/api/v1/auth/switch",
    "/api/v1/batch",
    "/api/v1/files",
    "/api/v1/imports",
    "/api/v1/realtime",
    "/api/v1/room-links",
    "/api/v1/shares",
)
_BELOW = tuple(f"{path}/" for path in _ALONE)
# A drawing that is being moved: several times a second, and the next move says where it is.
_DRAWINGS, _DRAG = "/api/v1/drawings/", "/drag"
# Of a room: a link is shown once, when it is made; an export is a stream without an end that is known.
_ROOMS, _OF_ROOM = "/api/v1/rooms/", ("/links", "/export")


def goes_alone(path: str) -> bool:
    """Say whether calls of this path take no Idempotency-Key and are no part of a batch."""
    moved = path.startswith(_DRAWINGS) and path.endswith(_DRAG)
    of_room = path.startswith(_ROOMS) and path.endswith(_OF_ROOM)
    return moved or of_room or path in _ALONE or path.startswith(_BELOW)
