"""Makes a record again, in every version that it had, from an export alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from outcry.services.audit import export_files as files
from outcry.services.audit.export_files import ExportFiles, UnreadableError
from outcry.services.audit.leaves import canonical
from outcry.services.audit.records import Record, replay_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A record after so many changes; the last was made by entry ``index`` at ``time``.

    ``closed`` names the fields that are sealed and that the export has no words for: their person was erased.
    """

    version: int
    index: int
    time: datetime
    fields: dict[str, str]
    closed: tuple[str, ...]


def list_versions(path: Path, *, object_type: str, object_id: str, at: datetime | None = None) -> Iterator[Version]:
    """Go through the versions of a record up to a time, the original first; raises UnreadableError.

    It believes the export: whether that is what was signed, ``verify_export`` says.
    """
    try:
        with ExportFiles(path) as export:
            leaves = _leaves_of(export, object_type, object_id)
            words = _words_of(export, leaves)
        for record in replay_all(leaves, object_type=object_type, object_id=object_id, at=at):
            yield _version(record, words)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UnreadableError("An entry about this is not what an entry is: verify the export.") from error


def _leaves_of(export: ExportFiles, object_type: str, object_id: str) -> list[dict[str, Any]]:
    # To read them all as JSON would take ten times as long.
    mark = b'"object":' + canonical({"id": object_id, "type": object_type})
    return [json.loads(leaf) for leaf in export.lines(files.ENTRIES) if mark in leaf]


def _words_of(export: ExportFiles, leaves: list[dict[str, Any]]) -> dict[str, str]:
    """Return what sealed values say, by the sealed value; nothing where the file was deleted."""
    sealed: dict[int, dict[str, str]] = {leaf["index"]: leaf["sealed"] for leaf in leaves if leaf.get("sealed")}
    words: dict[str, str] = {}
    try:
        for line in export.lines(files.OPENED) if sealed else ():
            value = json.loads(line)
            here = sealed.get(value["index"], {})
            words |= {here[name]: text for name, text in value["opened"].items() if name in here}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableError(f"{files.OPENED} is damaged: delete it to go without it.") from error
    except UnreadableError:
        if export.has(files.OPENED):
            raise
    return words


def _version(record: Record, words: dict[str, str]) -> Version:
    opened = {name: words.get(one.sealed) for name, one in record.sealed.items()}
    if record.time is None:
        raise ValueError("a version without a time")
    return Version(
        version=record.versions,
        index=record.index,
        time=record.time,
        fields=record.fields | {name: text for name, text in opened.items() if text is not None},
        closed=tuple(sorted(name for name, text in opened.items() if text is None)),
    )
