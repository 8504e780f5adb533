"""Entries as they are given out: the leaf read, and what is sealed in it opened."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import EntryRow
from outcry.services.auth.contracts import AuthFacade, SealedText

Kept = Literal["here", "archived", "archived_away"]

# What stands in for a leaf that was archived away.
GONE: dict[str, Any] = {
    "person": None,
    "request": None,
    "trace": "",
    "address": {},
    "before": {},
    "after": {},
    "sealed": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry of the log, readable. ``leaf`` is the exact text that was hashed.

    ``address`` and ``opened`` were encrypted under a person's key. ``erased`` says that such a key is destroyed, so
    that something of the entry stays closed for ever. ``kept`` is ``here``, ``archived`` (the leaf came from the
    archive), or ``archived_away``: then only the time, the place and the hash of the entry are left.
    """

    index: int
    id: UUID
    time: datetime
    actor_id: UUID | None
    act: str
    object_type: str
    object_id: str
    person_id: UUID | None
    outcome: str
    request_id: UUID | None
    trace: str
    address: str
    before: dict[str, str]
    after: dict[str, str]
    opened: dict[str, str]
    erased: bool
    leaf: str
    kept: Kept


async def open_entries(auth: AuthFacade, store: LeafStore, rows: Sequence[EntryRow]) -> tuple[AuditEntry, ...]:
    """Return entries with what is sealed in them opened, by one question to the auth service."""
    texts = await store.leaves_of(rows)
    leaves = [json.loads(text) if text else GONE for text in texts]
    found = [sealed_of(leaf) for leaf in leaves]
    items = tuple(item for some in found for _, item in some)
    opened = iter(await auth.open_for_people(items=items) if items else ())
    return tuple(
        _view(row, text, leaf, {name: next(opened) for name, _ in some})
        for row, text, leaf, some in zip(rows, texts, leaves, found, strict=True)
    )


def sealed_of(leaf: dict[str, Any]) -> list[tuple[str, SealedText]]:
    """Return what is sealed in a leaf, the address under an empty name."""
    found: list[tuple[str, SealedText]] = []
    if "sealed" in leaf["address"]:
        of, sealed = UUID(leaf["address"]["of"]), leaf["address"]["sealed"]
        found.append(("", SealedText(person_id=of, sealed=sealed)))
    if leaf["person"]:
        person_id = UUID(leaf["person"])
        found += [(name, SealedText(person_id=person_id, sealed=sealed)) for name, sealed in leaf["sealed"].items()]
    return found


def _view(row: EntryRow, text: bytes, leaf: dict[str, Any], opened: dict[str, str | None]) -> AuditEntry:
    readable = {name: text for name, text in opened.items() if text is not None}
    return AuditEntry(
        index=row.index,
        id=row.id,
        time=row.time,
        actor_id=row.actor_id,
        act=row.act,
        object_type=row.object_type,
        object_id=row.object_id,
        person_id=row.person_id,
        outcome=row.outcome,
        request_id=UUID(leaf["request"]) if leaf["request"] else None,
        trace=leaf["trace"],
        address=leaf["address"].get("plain") or readable.pop("", ""),
        before=leaf["before"],
        after=leaf["after"],
        opened=readable,
        erased=None in opened.values(),
        leaf=text.decode(),
        kept="here" if row.leaf else "archived" if text else "archived_away",
    )
