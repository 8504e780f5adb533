"""What can go wrong with notices."""

from outcry.kit.errors import NotFoundError


class NoticeLinkError(NotFoundError):
    """Nobody's mails carry this token, or they are erased."""

    code, title = "notice_link_unknown", "This link switches off nobody's mails"
