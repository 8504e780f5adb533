"""Where the bytes of files lie among the blobs: under their organisation, by their SHA-256."""

from collections.abc import AsyncIterator
from uuid import UUID

from outcry.ports.blobs import Blobs

# So much is held in memory of a file that goes out.
PART_BYTES = 1_000_000


class FileStore:
    """Keeps bytes and thumbnails under the same digest."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def put(self, tenant_id: UUID, digest: str, data: bytes, thumbnail: bytes | None) -> None:
        """Keep them; the thumbnail first, so that whatever has its bytes has it too."""
        if thumbnail is not None:
            await self._blobs.put(_key(tenant_id, "thumbnails", digest), thumbnail)
        await self._blobs.put(_key(tenant_id, "files", digest), data)

    async def thumbnail(self, tenant_id: UUID, digest: str) -> bytes:
        """Return a thumbnail; raises NotFoundError."""
        return await self._blobs.get(_key(tenant_id, "thumbnails", digest))

    async def parts(self, tenant_id: UUID, digest: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from ``start`` up to ``end``; raises NotFoundError, also when they go while they are read."""
        while start < end:
            part = await self._blobs.get_range(_key(tenant_id, "files", digest), start, min(PART_BYTES, end - start))
            if not part:
                return
            yield part
            start += len(part)

    async def remove(self, tenant_id: UUID, digest: str) -> None:
        """Remove what is kept under a digest."""
        await self._blobs.delete(_key(tenant_id, "files", digest))
        await self._blobs.delete(_key(tenant_id, "thumbnails", digest))


def _key(tenant_id: UUID, folder: str, digest: str) -> str:
    return f"{tenant_id}/chat/{folder}/{digest}"
