"""The Erasures port: the ledger of who was erased, kept apart from the data so that an older copy of it knows too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Somebody who was erased, the organisations that went with them, and when. Ids and a time, nothing else."""

    person_id: UUID
    organisation_ids: tuple[UUID, ...]
    erased_at: datetime


class Erasures(Protocol):
    """Keeps erasures for good. Nothing in it can be changed or removed."""

    async def record(self, erasure: Erasure) -> None:
        """Keep an erasure; durable when this returns. Of two of one person the first stays.

        Raises UnavailableError when it cannot be kept.
        """
        ...

    async def list_all(self) -> Sequence[Erasure]:
        """Return every erasure, oldest first; raises UnavailableError when one cannot be read."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
