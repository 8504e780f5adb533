"""What can be wrong with link previews."""

from outcry.kit.errors import NotFoundError


class PreviewNotFoundError(NotFoundError):
    """The message has no such preview, or it has no picture."""

    code, title = "preview_not_found", "There is no such preview"
