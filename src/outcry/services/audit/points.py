"""The signed checkpoints that an export is held against: its own, and those that somebody kept elsewhere."""

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

from outcry.services.audit import export_files as files
from outcry.services.audit.export_files import ExportFiles, UnreadableError
from outcry.services.audit.notes import Checkpoint, NoteError, VerifierKey, open_checkpoint, parse_verifier_key

_MOST_NOTE_BYTES = 64 * 1024

What = Literal[
    "changed",
    "removed",
    "inserted",
    "reordered",
    "cut off the end",
    "checkpoint",
    "split view",
    "leaf_hashes",
    "manifest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, first of all: ``what`` was done to entry ``index``, or to one of it up to ``until``."""

    what: What
    says: str
    index: int | None = None
    until: int | None = None
    id: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A checkpoint whose signature holds. ``kept`` is the file that it comes from where that is not the export."""

    origin: str
    size: int
    root: bytes
    time: datetime
    kept: str = ""

    def __str__(self) -> str:
        """Return it in words."""
        whose = f" that you keep in {printable(self.kept)}" if self.kept else ""
        return f"the checkpoint of {self.size} entries{whose}, signed at {self.time:%Y-%m-%d %H:%M:%S} UTC"


class Points:
    """Goes through all checkpoints by their size, as often as wanted. ``problem`` is the first that does not hold."""

    def __init__(self, export: ExportFiles, keys: Sequence[VerifierKey], tenant: UUID, kept: Sequence[Path]) -> None:
        self._export = export
        self._keys = keys
        self._tenant = tenant
        self.problem: Finding | None = None
        self.signers: dict[str, None] = {}
        found = [self._kept(path) for given in kept for path in _notes_of(given)]
        newest = self._open(export.text(files.NEWEST), files.NEWEST, kept="")
        self._apart = sorted(filter(None, [*found, newest]), key=lambda point: point.size)

    def __iter__(self) -> Iterator[Point]:
        """Go through them."""
        return heapq.merge(self._own(), self._apart, key=lambda point: point.size)

    def _own(self) -> Iterator[Point]:
        last = -1
        for line in self._export.lines(files.CHECKPOINTS):
            try:
                value = json.loads(line)
                size, note = value["size"], value["note"]
            except (ValueError, TypeError, KeyError, RecursionError):
                self._blame(f"A line of {files.CHECKPOINTS} is no checkpoint.")
                continue
            point = self._open(str(note), f"checkpoint of {printable(size)} entries", kept="")
            if point is None:
                continue
            if point.size != size or point.size <= last:
                self._blame(f"In {files.CHECKPOINTS} the checkpoint of {point.size} entries is out of its place.")
            if point.size > last:
                last = point.size
                yield point

    def _kept(self, path: Path) -> Point | None:
        try:
            with path.open("rb") as file:
                note = file.read(_MOST_NOTE_BYTES + 1).decode()
        except (OSError, ValueError) as error:
            raise UnreadableError(f"The checkpoint {printable(path)} cannot be read.") from error
        return self._open(note, str(path), kept=str(path))

    def _open(self, note: str, what: str, *, kept: str) -> Point | None:
        """Return a note's checkpoint; None, after noting why, where it is not this log's or no key signed it."""
        problem = "there is no key"
        for key in self._keys:
            try:
                found = open_checkpoint(note, key)
            except NoteError as error:
                problem = str(error)
                continue
            if found.origin != f"{key.name}/{self._tenant}":
                self._blame(f"{what}: it is of another log, {printable(found.origin)}.")
                return None
            self.signers.setdefault(str(key))
            return _point(found, kept)
        self._blame(f"{what}: {problem}")
        return None

    def _blame(self, says: str) -> None:
        if self.problem is None:
            self.problem = Finding(what="checkpoint", says=says)


def keys_of(export: ExportFiles) -> list[VerifierKey]:
    """Return the keys that came with an export; raises UnreadableError."""
    written = export.json(files.KEYS).get("keys")
    if not isinstance(written, list) or not written:
        raise UnreadableError(f"{files.KEYS} names no key.")
    return [read_key(str(one)) for one in written]


def read_key(written: str) -> VerifierKey:
    """Return the key that was written; raises UnreadableError."""
    try:
        return parse_verifier_key(written)
    except NoteError as error:
        raise UnreadableError(str(error)) from error


def printable(value: object) -> str:
    """Return something out of an export so that it cannot play with a terminal."""
    return "".join(one if one.isprintable() else "?" for one in str(value)[:200])


def _point(found: Checkpoint, kept: str) -> Point:
    return Point(origin=found.origin, size=found.size, root=found.root, time=found.time, kept=kept)


def _notes_of(given: Path) -> list[Path]:
    """Return a file, or all notes in a folder, such as the copies that the Blobs have."""
    if not given.is_dir():
        return [given]
    found = sorted(given.rglob("*.note"))
    if not found:
        raise UnreadableError(f"There is no .note file in {printable(given)}.")
    return found
