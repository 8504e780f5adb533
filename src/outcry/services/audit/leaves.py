"""Leaves: an entry as the bytes that are stored, hashed and exported. No input, no output.

Canonical JSON as RFC 8785 has it: keys in order, no spaces, UTF-8. There are no numbers in it but small whole ones.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What was done to what, as an event tells it.

    ``kind`` is such as ``auth.role_changed``, ``outcome`` is ``done``, ``failed`` or ``refused``. ``person_id`` is the
    person whom it is about, and whose data ``sealed`` is: encrypted under their key by the service that published it.
    """

    kind: str
    object_type: str
    object_id: str
    person_id: UUID | None = None
    outcome: str = "done"
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act with who did it, when and from where: all of a leaf but its place.

    ``address`` is ``{"plain": ...}`` where nobody is known whom it belongs to, else ``{"of": person, "sealed": ...}``.
    """

    id: UUID
    time: datetime
    tenant_id: UUID
    actor_id: UUID | None
    request: UUID | None
    trace: str
    address: dict[str, str]
    act: Act


def to_leaf(entry: Entry, index: int) -> bytes:
    """Return the leaf of an entry at its place in the log."""
    act = entry.act
    return canonical(
        {
            "v": VERSION,
            "index": index,
            "id": str(entry.id),
            "time": entry.time.astimezone(UTC).isoformat(timespec="microseconds"),
            "tenant": str(entry.tenant_id),
            "actor": _text(entry.actor_id),
            "act": act.kind,
            "object": {"type": act.object_type, "id": act.object_id},
            "person": _text(act.person_id),
            "outcome": act.outcome,
            "request": _text(entry.request),
            "trace": entry.trace,
            "address": entry.address,
            "before": act.before,
            "after": act.after,
            "sealed": act.sealed,
        }
    )


def canonical(value: Any) -> bytes:
    """Return canonical JSON. Half of a surrogate pair, which UTF-8 has no bytes for, is written as its escape."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
