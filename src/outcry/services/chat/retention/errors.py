"""What can go wrong with legal holds."""

from outcry.kit.errors import NotFoundError


class HoldNotFoundError(NotFoundError):
    """There is no such hold."""

    code, title = "hold_not_found", "There is no such hold"
