"""The part of a file that a request asks for (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

from outcry.services.chat.files.errors import RangeError

_ONE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` up to ``end`` of a file."""

    start: int
    end: int


def read_range(header: str, size: int) -> Span | None:
    """Return the one part that a Range header names; None for the whole file, also where it names several or is odd.

    Raises RangeError when the file ends before it.
    """
    found = _ONE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise RangeError(f"The file has {size:,} bytes.")
    return Span(start, end)
