"""An export's files by their names, written and read as streams: an export of millions of entries fits no memory.

An export is a zip, or the folder that one was unpacked to. No server, no database: only this and the standard library.
"""

import contextlib
import io
import json
import threading
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self, cast

from outcry.services.audit.tree import HASH_SIZE

FORMAT = "outcry-audit-export"
FORMAT_VERSION = 1

MANIFEST = "manifest.json"
README = "README.txt"
NEWEST = "checkpoint.note"
CHECKPOINTS = "checkpoints.jsonl"
KEYS = "keys.json"
HASHES = "leaf_hashes"
ENTRIES = "entries.jsonl"
OPENED = "opened.jsonl"

_BUFFER = 1 << 20
# The longest line and the largest small file that are read: longer ones are no part of an export.
_MOST_BYTES = 16 * 1024 * 1024
# Entries are mostly much alike: the fastest level makes them an eighth as large.
_LEVEL = 1


class UnreadableError(Exception):
    """There is no export here, or the file is damaged; what it says cannot be judged."""


class _Sink(io.RawIOBase):
    """Takes what a zip is written to, for whoever sends it on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class StreamedZip:
    """Writes a zip in one go, of which never more than the part that was not taken yet is in memory."""

    def __init__(self, time: datetime) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._time = time
        self._member: IO[bytes] | None = None
        # Whoever is cancelled while a thread writes closes beside it.
        self._lock = threading.Lock()

    def begin(self, name: str) -> None:
        """Begin a file."""
        info = zipfile.ZipInfo(name, self._time.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if name == HASHES else zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        # The level that the zip was opened with is for files given by their names alone.
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # public as compress_level from Python 3.13 on
        self._member = self._zip.open(info, "w", force_zip64=True)

    def write(self, data: bytes) -> bytes:
        """Add to the file, and return what can be sent on."""
        with self._lock:
            if self._member is None:
                raise RuntimeError("no file was begun")
            self._member.write(data)
            return self._sink.take()

    def end(self) -> bytes:
        """End the file, and return what can be sent on."""
        with self._lock:
            if self._member is not None:
                self._member.close()
                self._member = None
            return self._sink.take()

    def close(self) -> bytes:
        """End the zip, and return the last of it."""
        last = self.end()
        self._zip.close()
        return last + self._sink.take()


class ExportFiles:
    """An export to read. Close it, or use it as a context."""

    def __init__(self, path: Path) -> None:
        self._folder = path
        self._zip: zipfile.ZipFile | None = None
        if not path.is_dir():
            with _readable(path.name):
                self._zip = zipfile.ZipFile(path)
                names = self._zip.namelist()
            if len({*names}) != len(names):
                raise UnreadableError("The zip has two files of one name, so nobody knows which is meant.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def has(self, name: str) -> bool:
        """Say whether a file is there."""
        return (self._folder / name).exists() if self._zip is None else name in self._zip.namelist()

    def lines(self, name: str) -> Iterator[bytes]:
        """Go through the lines of a file, without their ends; raises UnreadableError."""
        with _readable(name), self._open(name) as file:
            while line := file.readline(_MOST_BYTES):
                if len(line) == _MOST_BYTES:
                    raise UnreadableError(f"{name} has a line that is no entry's: it is too long.")
                yield line[:-1] if line.endswith(b"\n") else line

    def hashes(self) -> Iterator[bytes]:
        """Go through the leaf hashes; the last may be cut."""
        with _readable(HASHES), self._open(HASHES) as file:
            while hashed := file.read(HASH_SIZE):
                yield hashed

    def text(self, name: str) -> str:
        """Return a small file; raises UnreadableError."""
        with _readable(name), self._open(name) as file:
            content = file.read(_MOST_BYTES)
            if len(content) == _MOST_BYTES:
                raise UnreadableError(f"{name} is too large.")
            return content.decode()

    def json(self, name: str) -> dict[str, Any]:
        """Return a small file of one JSON object; raises UnreadableError."""
        with _readable(name):
            found = json.loads(self.text(name))
        if not isinstance(found, dict):
            raise UnreadableError(f"{name} is not what an export has under this name.")
        return found

    def _open(self, name: str) -> IO[bytes]:
        if self._zip is None:
            return (self._folder / name).open("rb", buffering=_BUFFER)
        # A member reads like a raw file, whatever its class says, and far faster through a large buffer.
        return io.BufferedReader(cast(io.RawIOBase, self._zip.open(name)), _BUFFER)


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    """Say in one sentence what keeps a file from being read."""
    try:
        yield
    except (FileNotFoundError, KeyError) as error:
        raise UnreadableError(f"{name} is not there.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError(f"{name} is damaged, or no zip: get the export anew ({error}).") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{name} is not what an export has under this name.") from error
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read: {error.strerror or error}.") from error
