"""What can go wrong with shared charts."""

from outcry.kit.errors import ConflictError, NotFoundError


class ShareNotFoundError(NotFoundError):
    """There is no such share, it is over, or it is for others: these look alike."""

    code, title = "share_not_found", "There is no such shared chart, or it is no longer shared"


class TooManySharesError(ConflictError):
    """The person shares as many charts as one may."""

    code, title = "too_many_shares", "Too many charts are shared"
