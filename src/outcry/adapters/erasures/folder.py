"""The Erasures port on a folder: a small JSON file a person, written once, whole, and synced with its folder."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from outcry.kit.errors import UnavailableError
from outcry.ports.erasures import Erasure

_ERASURE = TypeAdapter(Erasure)


class FolderErasures:
    """Keeps ``<folder>/<person id>.json``. The folder is made with its first entry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def record(self, erasure: Erasure) -> None:
        """Write the file unless it is there; raises UnavailableError."""
        try:
            await asyncio.to_thread(self._write, f"{erasure.person_id}.json", _ERASURE.dump_json(erasure))
        except OSError as error:
            raise UnavailableError(f"The ledger of erasures cannot be written: {error.strerror}.") from error

    async def list_all(self) -> Sequence[Erasure]:
        """Read every file; raises UnavailableError for one that is damaged: somebody would come back to life."""
        try:
            found = await asyncio.to_thread(self._read)
        except OSError as error:
            raise UnavailableError(f"The ledger of erasures cannot be read: {error.strerror}.") from error
        return sorted(found, key=lambda erasure: (erasure.erased_at, erasure.person_id))

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, name: str, content: bytes) -> None:
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync(self._folder.parent)
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, self._folder / name)
            _sync(self._folder)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self) -> list[Erasure]:
        found = []
        for path in self._folder.glob("[!.]*.json"):
            try:
                found.append(_ERASURE.validate_json(path.read_bytes()))
            except ValidationError as error:
                raise UnavailableError(f"{path} is not an entry of the ledger of erasures.") from error
        return found


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
