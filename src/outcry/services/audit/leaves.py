"""Leaves: an entry as the bytes that are stored, hashed and exported. No input, no output.

Canonical JSON as RFC 8785 has it: keys in order, no spaces, UTF-8. There are no numbers in it but small whole ones.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import PydanticSerializationError, to_json

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


class Entry(NamedTuple):
    """An act with who did it, when and from where: all of a leaf but its place.

    A tuple, because one is made of every act, and a frozen dataclass takes several times as long to make.
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
    # In the order of their names, which saves sorting them; so are those of an address.
    leaf = {
        "act": act.kind,
        "actor": entry.actor_id,
        "address": entry.address,
        "after": _sorted(act.after),
        "before": _sorted(act.before),
        "id": entry.id,
        "index": index,
        "object": {"id": act.object_id, "type": act.object_type},
        "outcome": act.outcome,
        "person": act.person_id,
        "request": entry.request,
        "sealed": _sorted(act.sealed),
        "tenant": entry.tenant_id,
        "time": _utc(entry.time).isoformat(timespec="microseconds"),
        "trace": entry.trace,
        "v": VERSION,
    }
    try:
        return to_json(leaf)
    except PydanticSerializationError:
        # Half of a surrogate pair, which UTF-8 has no bytes for.
        return canonical(leaf)


def canonical(value: Any) -> bytes:
    """Return canonical JSON. Half of a surrogate pair is written as its escape."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return text.encode("utf-8", "backslashreplace")


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _sorted(words: dict[str, str]) -> dict[str, str]:
    return dict(sorted(words.items())) if len(words) > 1 else words
