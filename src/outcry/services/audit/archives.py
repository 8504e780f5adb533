"""Archived ranges of a log as files: the exact leaves, a line each, packed by gzip. No input, no output."""

import gzip
import io
import zlib
from collections.abc import Sequence
from uuid import UUID

# Leaves of one range, unpacked; whoever reads one entry of it unpacks as much.
MOST_BYTES = 4 * 1024 * 1024
# What the fields of an event can come to at most, as one leaf may be larger than a range is meant to be.
_MOST_UNPACKED = 64 * 1024 * 1024


class ArchiveError(ValueError):
    """A file is not the archive that it should be."""


def archive_key(tenant_id: UUID, first: int, until: int) -> str:
    """Return where the range from ``first`` and before ``until`` lies in the Blobs."""
    return f"{tenant_id}/audit/archive/{first}-{until - 1}.jsonl.gz"


def pack(leaves: Sequence[bytes]) -> bytes:
    """Return the file of these leaves: always the same bytes for the same leaves."""
    return gzip.compress(b"".join(leaf + b"\n" for leaf in leaves), mtime=0)


def unpack(data: bytes, count: int) -> list[bytes]:
    """Return the ``count`` leaves of a file; raises ArchiveError for what is no such file."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            text = file.read(_MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveError("the archive cannot be unpacked") from error
    if len(text) > _MOST_UNPACKED:
        raise ArchiveError("the archive is larger than any that was made")
    leaves = text.split(b"\n")
    if leaves.pop() or len(leaves) != count:
        raise ArchiveError("the archive has another number of entries")
    return leaves
