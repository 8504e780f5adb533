"""What can go wrong with a link."""

from outcry.kit.errors import ConflictError, ForbiddenError, NotFoundError


class LinkNotFoundError(NotFoundError):
    """There is no such link, or it ended: the two look alike."""

    code, title = "link_not_found", "This link does not work any more"


class LinkForMembersError(ForbiddenError):
    """The link is not for people from outside."""

    code, title = "link_for_members", "This link is for members of the organisation"


class TooManyLinksError(ConflictError):
    """A room has so many open links at most."""

    code, title = "too_many_links", "This room has too many links: revoke some"
