"""The Blobs port: files by key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """What is known of a stored file without reading it; ``size`` in bytes."""

    key: str
    size: int
    modified: datetime


class Blobs(Protocol):
    """Stores bytes under keys such as ``<tenant>/charts/<id>.png``. A key never leads outside the store."""

    async def put(self, key: str, data: bytes) -> None:
        """Store bytes, replacing what was there at once: a reader sees the old or the new, never a part."""
        ...

    async def put_once(self, key: str, data: bytes, *, keep_until: datetime | None = None) -> None:
        """Store bytes durably under a key that has none yet; the same bytes again change nothing.

        Raises ConflictError where others are there. What an engine has to keep them as they are it uses: in a folder
        they are read-only, and ``put`` refuses to replace them; S3 with Object Lock lets nobody remove them until
        ``keep_until``.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Return the bytes; raises NotFoundError."""
        ...

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return ``length`` bytes from ``start`` on, fewer where the blob ends before; raises NotFoundError."""
        ...

    async def find(self, key: str) -> BlobInfo | None:
        """Return what is known of a key, None when there is nothing."""
        ...

    def list_prefix(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """Go through the keys that start with ``prefix`` (whole path segments), in any order."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a key; nothing happens when there is none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
