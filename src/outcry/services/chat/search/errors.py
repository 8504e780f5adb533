"""What can be wrong with a search."""

from outcry.kit.errors import InvalidInputError


class UnreadableSearchError(InvalidInputError):
    """The words cannot be read as a search; the detail says which."""

    code, title = "unreadable_search", "This cannot be searched for"
