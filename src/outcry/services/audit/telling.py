"""What an entry says of itself, where it may have been tampered with: nothing of it is believed, or shown as it is."""

import json
from dataclasses import dataclass
from typing import Any

from outcry.services.audit.leaves import canonical
from outcry.services.audit.points import printable
from outcry.services.audit.tree import hash_leaf


@dataclass(frozen=True, slots=True)
class About:
    """An entry's own words about itself, harmless to print; empty where it has none."""

    id: str
    time: str
    act: str
    tenant: str

    def __str__(self) -> str:
        """Return them in words."""
        return f"id {self.id or '?'}, of {self.time or '?'}, {self.act or '?'}"


def about(leaf: bytes | None) -> About:
    """Return what an entry says of itself."""
    value = read(leaf or b"") or {}
    return About(*(printable(value.get(name, "")) for name in ("id", "time", "act", "tenant")))


def own_index(leaf: bytes) -> int | None:
    """Return the place that an entry says to have."""
    found = (read(leaf) or {}).get("index")
    return found if type(found) is int else None


def hash_at(leaf: bytes, place: int) -> bytes | None:
    """Return the hash that an entry would have at this place; None for what is no entry."""
    value = read(leaf)
    return None if value is None else hash_leaf(canonical(value | {"index": place}))


def is_canonical(leaf: bytes) -> bool:
    """Say whether an entry is written as entries are."""
    value = read(leaf)
    return value is not None and canonical(value) == leaf


def read(leaf: bytes) -> dict[str, Any] | None:
    """Return an entry; None for what is none."""
    try:
        value = json.loads(leaf)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
