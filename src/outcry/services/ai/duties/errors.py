"""What can go wrong with duties."""

from outcry.kit.errors import ConflictError, NotFoundError


class DutyNotFoundError(NotFoundError):
    """The room has no such duty."""

    code, title = "duty_not_found", "There is no such duty"


class TooManyDutiesError(ConflictError):
    """A room can have so many duties at most."""

    code, title = "too_many_duties", "The room has so many duties already that no more fit"


class DeskAbsentError(ConflictError):
    """The assistant is not in the room, so nothing that it is asked there is done."""

    code, title = "desk_absent", "Desk is not in this room"


class NothingProposedError(NotFoundError):
    """Whoever said yes had not been asked anything."""

    code, title = "nothing_proposed", "There is nothing that waits for your yes"
