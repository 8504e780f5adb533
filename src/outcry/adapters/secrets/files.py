"""The Secrets port on a folder: a file per secret that only its owner can read, and the environment above it."""

import asyncio
import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from outcry.kit.errors import UnavailableError
from outcry.ports.secrets import check_secret_name

ENVIRONMENT_PREFIX = "OUTCRY_SECRET_"


class FilesSecrets:
    """Keeps each secret in ``<folder>/<name>``, mode 0600 in a folder of mode 0700.

    ``OUTCRY_SECRET_<NAME>`` in ``environment`` (upper case, dashes as underscores, base64) goes before the file.
    """

    def __init__(self, folder: Path, *, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._given = {key: value for key, value in environment.items() if key.startswith(ENVIRONMENT_PREFIX)}

    async def find(self, name: str) -> bytes | None:
        """Return a secret from the environment or its file.

        Raises ValueError for a name that is not one, UnavailableError where a secret is there and cannot be read.
        """
        given = self._find_given(name)
        return given if given is not None else await asyncio.to_thread(self._read, name)

    async def get_or_create(self, name: str, *, size: int) -> bytes:
        """Return a secret, or make one; see ``find`` for what it raises."""
        found = await self.find(name)
        return found if found is not None else await asyncio.to_thread(self._create, name, size)

    async def close(self) -> None:
        """Nothing is open."""

    def _find_given(self, name: str) -> bytes | None:
        variable = ENVIRONMENT_PREFIX + check_secret_name(name).upper().replace("-", "_")
        text = self._given.get(variable)
        if not text:
            return None  # deployment files pass on unset variables as empty ones
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            # The cause is dropped: it might show the secret.
            raise UnavailableError(f"{variable} must be base64.") from None

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnavailableError(f"The secret {name} cannot be read: {error.strerror}.") from error

    def _create(self, name: str, size: int) -> bytes:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder.chmod(0o700)
            self._write_once(self._folder / name, secrets.token_bytes(size))
        except OSError as error:
            raise UnavailableError(f"The secret {name} cannot be written: {error.strerror}.") from error
        created = self._read(name)
        if created is None:
            raise UnavailableError(f"The secret {name} was removed while it was made.")
        return created

    def _write_once(self, path: Path, value: bytes) -> None:
        """Put the file there whole, unless another process was first: a hard link never replaces."""
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                return
            _sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    # What is encrypted with a secret must not outlive it, so its name is on the disk before it is used.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
