"""Cursor paging: a page of items and an opaque word that says where the next page starts."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from outcry.kit.errors import InvalidInputError

T = TypeVar("T")

MAX_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items of a list, and the cursor of the next page, None on the last."""

    items: tuple[T, ...]
    next_cursor: str | None = None


def encode_cursor(*position: str | int) -> str:
    """Make a cursor of the sort key of the last item given out."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """Read a cursor back; raises InvalidInputError unless it holds exactly values of these kinds."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values: list[str | int] = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
    fits = isinstance(values, list) and [type(value) for value in values] == list(kinds)
    if not fits or not all(_fits_a_column(value) for value in values):
        raise InvalidInputError("The cursor is not one that this list gave out.")
    return values


def _fits_a_column(value: str | int) -> bool:
    """Say whether every engine can compare a column with this: 64 bits, or text without NUL and lone surrogates."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)


def clamp_limit(limit: int, *, most: int = MAX_LIMIT) -> int:
    """Return a page size between 1 and ``most``."""
    return max(1, min(limit, most))
