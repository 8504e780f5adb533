"""What can go wrong with a topic."""

from outcry.kit.errors import ConflictError, NotFoundError


class TopicNotFoundError(NotFoundError):
    """There is no such topic in this room."""

    code, title = "topic_not_found", "There is no such topic in this room"


class TopicArchivedError(ConflictError):
    """Nothing more is said in an archived topic."""

    code, title = "topic_archived", "This topic is archived"


class TooManyTopicsError(ConflictError):
    """A room has so many open topics at most."""

    code, title = "too_many_topics", "This room has too many topics: archive some"
