"""What can go wrong with a message that is sent later."""

from outcry.kit.errors import ConflictError, NotFoundError


class LaterNotFoundError(NotFoundError):
    """There is no such message of this person's, or it was sent."""

    code, title = "later_not_found", "There is no such message to send, or it was sent"


class TooManyLaterError(ConflictError):
    """A person can have so many messages wait at most."""

    code, title = "too_many_later", "So many messages wait already that no more fit"
