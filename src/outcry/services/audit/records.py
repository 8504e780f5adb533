"""Makes a record again as it was at any time, from the entries about it. No input, no output.

Every entry tells what changed: its ``before`` and ``after``, and sealed under a person's key what are that person's
words. Laid over each other in the order of the log they are the record. What was refused or failed changed nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

# Which fields an entry is about; their values stand beside it.
_ABOUT = "fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedField:
    """A field that is some person's words, encrypted under that person's key, in base64."""

    person_id: UUID
    sealed: str


@dataclass(slots=True, kw_only=True)
class Record:
    """A record as it was after ``versions`` changes, which the entries ``first`` to ``index`` of the log tell."""

    versions: int = 0
    first: int = -1
    index: int = -1
    time: datetime | None = None
    fields: dict[str, str] = field(default_factory=dict)
    sealed: dict[str, SealedField] = field(default_factory=dict)


def replay(
    leaves: Iterable[Mapping[str, Any]], *, object_type: str, object_id: str, at: datetime | None = None
) -> Record:
    """Return the record of an object as it was at a time, else as it is; with no versions where there was none yet.

    ``leaves`` are entries in the order of the log, of any objects, as they stand in an export.
    """
    record = Record()
    for _ in _laid(record, leaves, object_type, object_id, at):
        pass
    return record


def replay_all(
    leaves: Iterable[Mapping[str, Any]], *, object_type: str, object_id: str, at: datetime | None = None
) -> Iterator[Record]:
    """Give every version of a record, the original first, as ``replay`` gives the last."""
    record = Record()
    for _ in _laid(record, leaves, object_type, object_id, at):
        yield replace(record, fields=dict(record.fields), sealed=dict(record.sealed))


def _laid(
    record: Record, leaves: Iterable[Mapping[str, Any]], object_type: str, object_id: str, at: datetime | None
) -> Iterator[None]:
    """Lay one leaf after the other over the record."""
    for leaf in leaves:
        if leaf["object"] != {"type": object_type, "id": object_id} or leaf["outcome"] != "done":
            continue
        time = datetime.fromisoformat(leaf["time"])
        if at is None or time <= at:
            _apply(record, leaf)
            record.first = leaf["index"] if record.first < 0 else record.first
            record.versions, record.index, record.time = record.versions + 1, leaf["index"], time
            yield


def _apply(record: Record, leaf: Mapping[str, Any]) -> None:
    # What an older entry does not tell, because the log began later, is known from what it was before.
    for side, known_too in (("before", False), ("after", True)):
        for name, value in _values(leaf, side).items():
            if not known_too and (name in record.fields or name in record.sealed):
                continue
            record.fields.pop(name, None)
            record.sealed.pop(name, None)
            if isinstance(value, SealedField):
                record.sealed[name] = value
            else:
                record.fields[name] = value


def _values(leaf: Mapping[str, Any], side: str) -> dict[str, str | SealedField]:
    values: dict[str, str | SealedField] = {name: value for name, value in leaf[side].items() if name != _ABOUT}
    for name, sealed in leaf["sealed"].items():
        where, _, called = name.partition(".")
        if where == side and leaf["person"]:
            values[called] = SealedField(person_id=UUID(leaf["person"]), sealed=sealed)
    return values
