"""What can go wrong with duties."""

from outcry.kit.errors import ConflictError, NotFoundError


class DutyNotFoundError(NotFoundError):
    """The room has no such duty."""

    code, title = "duty_not_found", "There is no such duty"


class TooManyDutiesError(ConflictError):
    """A room can have so many duties at most."""

    code, title = "too_many_duties", "The room has so many duties already that no more fit"


class NothingProposedError(NotFoundError):
    """Whoever said yes had not been asked anything."""

    code, title = "nothing_proposed", "There is nothing that waits for your yes"
