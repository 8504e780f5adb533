"""The words by which people call rooms and topics, made uniform before they are stored."""

from outcry.kit.errors import InvalidInputError
from outcry.kit.text import clean_line

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 500


def read_title(text: str) -> str:
    """Return a title as one clean line; raises InvalidInputError for none and for too much."""
    title = clean_line(text)
    if not title:
        raise InvalidInputError("A title needs some text.", errors=({"field": "title", "message": "is empty"},))
    return _short(title, "title", LONGEST_TITLE)


def read_description(text: str) -> str:
    """Return what a room is for as one clean line, which may be empty; raises InvalidInputError for too much."""
    return _short(clean_line(text), "description", LONGEST_DESCRIPTION)


def _short(text: str, field: str, longest: int) -> str:
    if len(text) > longest:
        reason = f"A {field} can have {longest} characters at most."
        raise InvalidInputError(reason, errors=({"field": field, "message": reason},))
    return text
