"""The Blobs port through obstore: a folder, or memory for tests; s3.py goes on from here."""

import asyncio
import os
import re
import stat
import unicodedata
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore

from outcry.kit.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError
from outcry.ports.blobs import BlobInfo

_LONGEST_KEY = 900  # bytes of UTF-8; S3 takes 1,024, a store's own prefix included
_LONGEST_SEGMENT = 200  # file systems take 255, with room for the draft's ending
# The local store writes drafts with this ending and hides them.
_DRAFT = re.compile("#[0-9]+$")
# ENOTDIR and EISDIR, which the library passes on only as text: a file stands where a folder is meant, or vice versa.
_FOLDER_OR_FILE = re.compile(r"\(os error (20|21)\)")


class ObstoreBlobs:
    """Stores blobs in an obstore store. ``put`` writes a draft and renames it; only ``put_once`` waits for the disk.

    In a folder a key cannot be both a file and the start of another key: ``put`` raises ConflictError for that.
    """

    def __init__(self, store: ObjectStore | None, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def in_folder(cls, folder: Path) -> "ObstoreBlobs":
        """Return a store over a folder, which is made."""
        return cls(LocalStore(folder, mkdir=True), folder=folder)

    @classmethod
    def in_memory(cls) -> "ObstoreBlobs":
        """Return a store that ends with the process."""
        return cls(MemoryStore())

    async def put(self, key: str, data: bytes) -> None:
        """Store bytes under a key; raises InvalidInputError, ConflictError, UnavailableError."""
        check_key(key)
        if self._folder is not None and await asyncio.to_thread(_is_read_only, self._folder / key):
            raise ConflictError("What is stored under this key is not to be replaced.")
        try:
            async with self._reaching():
                await obstore.put_async(await self._opened(), key, data, use_multipart=False)
        except (OSError, BaseError) as error:
            if _FOLDER_OR_FILE.search(str(error)):
                raise ConflictError("Something else is stored under a part of this key.") from error
            raise UnavailableError("The file could not be stored.") from error

    async def put_once(self, key: str, data: bytes, *, keep_until: datetime | None = None) -> None:
        """Store bytes where there are none; raises InvalidInputError, ConflictError, UnavailableError."""
        check_key(key)
        try:
            await self._create(key, data, keep_until)
        except AlreadyExistsError as error:
            if await self.get(key) != data:
                raise ConflictError("Something else is stored under this key.") from error
        except (OSError, BaseError) as error:
            if _FOLDER_OR_FILE.search(str(error)):
                raise ConflictError("Something else is stored under a part of this key.") from error
            raise UnavailableError("The file could not be stored.") from error
        if self._folder is not None:
            await asyncio.to_thread(_make_read_only, self._folder, self._folder / key)

    async def _create(self, key: str, data: bytes, keep_until: datetime | None) -> None:
        """Store bytes; raises AlreadyExistsError where there are any. Neither a folder nor memory can keep a date."""
        async with self._reaching():
            await obstore.put_async(await self._opened(), key, data, use_multipart=False, mode="create")

    async def get(self, key: str) -> bytes:
        """Return the bytes; raises InvalidInputError, NotFoundError, UnavailableError."""
        check_key(key)
        try:
            async with self._reaching():
                result = await obstore.get_async(await self._opened(), key)
                return bytes(await result.bytes_async())
        except (OSError, BaseError) as error:
            if is_missing(error):
                raise NotFoundError("There is no such file.") from error
            raise UnavailableError("The file could not be read.") from error

    async def get_range(self, key: str, start: int, length: int) -> bytes:
        """Return a part of the bytes; raises InvalidInputError, NotFoundError, UnavailableError."""
        info = await self.find(key)
        if info is None:
            raise NotFoundError("There is no such file.")
        end = min(start + length, info.size)
        if start >= end:
            return b""
        try:
            async with self._reaching():
                return bytes(await obstore.get_range_async(await self._opened(), key, start=start, end=end))
        except (OSError, BaseError) as error:
            if is_missing(error):
                raise NotFoundError("There is no such file.") from error
            raise UnavailableError("The file could not be read.") from error

    async def find(self, key: str) -> BlobInfo | None:
        """Return what is known of a key; raises InvalidInputError, UnavailableError."""
        check_key(key)
        try:
            async with self._reaching():
                return _to_info(await obstore.head_async(await self._opened(), key))
        except (OSError, BaseError) as error:
            if is_missing(error):
                return None
            raise UnavailableError("The file could not be read.") from error

    async def list_prefix(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """Go through the keys below a prefix; the empty prefix means all. One ``/`` at its end changes nothing."""
        below = prefix.removesuffix("/")
        if below:
            check_key(below)
        try:
            async for some in obstore.list(await self._opened(), below or None):
                for meta in some:
                    yield _to_info(meta)
        except (OSError, BaseError) as error:
            raise UnavailableError("The files could not be listed.") from error

    async def delete(self, key: str) -> None:
        """Remove a key; raises InvalidInputError, UnavailableError."""
        check_key(key)
        try:
            async with self._reaching():
                await obstore.delete_async(await self._opened(), key)
        except (OSError, BaseError) as error:
            if not is_missing(error):
                raise UnavailableError("The file could not be removed.") from error

    async def close(self) -> None:
        """Nothing is open."""

    def _reaching(self) -> AbstractAsyncContextManager[None]:
        """Go around each call; here there is nothing on the way."""
        return nullcontext()

    async def _opened(self) -> ObjectStore:
        if self._store is None:
            raise RuntimeError("the store was not opened")
        return self._store


def check_key(key: str) -> None:
    """Raise InvalidInputError unless a key is segments in NFC joined by ``/``, none empty and none a way out."""
    if not key or len(key.encode(errors="replace")) > _LONGEST_KEY or not unicodedata.is_normalized("NFC", key):
        raise InvalidInputError("The key of a file must have 1 to 900 bytes of UTF-8, in Unicode's form NFC.")
    for segment in key.split("/"):
        if segment in ("", ".", "..") or len(segment.encode(errors="replace")) > _LONGEST_SEGMENT:
            raise InvalidInputError("A part of the key of a file is empty, a dot, or too long.")
        if _DRAFT.search(segment) or any(_is_unfit(character) for character in segment):
            raise InvalidInputError("The key of a file contains a character that it may not have.")


def _is_read_only(path: Path) -> bool:
    try:
        return not path.stat().st_mode & stat.S_IWUSR
    except OSError:
        return False


def _make_read_only(folder: Path, path: Path) -> None:
    """Wait until a file and its way there are on the disk, and take its write bits: it may be all that is left."""
    try:
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.chmod(0o444)
        for parent in path.relative_to(folder).parents:
            descriptor = os.open(folder / parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    except OSError as error:
        raise UnavailableError("The file could not be stored.") from error


def _is_unfit(character: str) -> bool:
    return character == "\\" or unicodedata.category(character) in ("Cc", "Cs")


def is_missing(error: BaseException) -> bool:
    """Say whether an error of the library only tells that there is nothing."""
    return isinstance(error, FileNotFoundError) or bool(_FOLDER_OR_FILE.search(str(error)))


def _to_info(meta: Any) -> BlobInfo:
    fields = cast(Mapping[str, Any], meta)
    return BlobInfo(key=fields["path"], size=fields["size"], modified=fields["last_modified"])
