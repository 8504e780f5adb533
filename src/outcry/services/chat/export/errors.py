"""What can go wrong when a room is exported."""

from outcry.kit.errors import ConflictError, ForbiddenError


class ExportForbiddenError(ForbiddenError):
    """Neither the owner of the room nor an admin of the organisation."""

    code, title = "export_forbidden", "Only the owner of a room, or an admin who is in it, exports it"


class ExportRunsError(ConflictError):
    """One export of a person runs at a time."""

    code, title = "export_runs", "Another export of yours is still being made"
