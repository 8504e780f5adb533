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
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError("The cursor is not one that this list gave out.") from error
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise InvalidInputError("The cursor is not one that this list gave out.")
    return values


def clamp_limit(limit: int, *, most: int = MAX_LIMIT) -> int:
    """Return a page size between 1 and ``most``."""
    return max(1, min(limit, most))
