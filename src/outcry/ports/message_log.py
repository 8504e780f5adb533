"""The MessageLog port: the durable order of what happened in each of many logs (a room is one)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from outcry.kit.topics import Position
from outcry.ports.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What happened, without a word of it: in which log, to what (``kind``, at most 20 characters, and its id)."""

    log_id: UUID
    kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The newest entry of its kind and subject in a stretch of a log."""

    offset: int
    kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The log after some position, up to ``position``: in the order of their offsets, each subject once a kind."""

    position: Position
    entries: tuple[Entry, ...]


class MessageLog(Protocol):
    """Logs of thin entries. Offsets begin at 1 and count up by one a log: there is no hole, whatever is rolled back.

    An entry names its subject and holds nothing of it. Who reads asks for the present state of the subjects, so nothing
    has to be taken out of a log when words are erased.
    """

    async def epoch(self) -> str:
        """Return the epoch of all logs here. It stays over restarts; it is another one after ``renew``, and when the
        engine sees at its opening that its store is a copy that was put in place of the one that it knew.

        Not to be called for the first time inside a transaction.
        """
        ...

    async def append(self, transaction: Transaction, entries: Sequence[NewEntry]) -> Sequence[int]:
        """Add entries, of any logs, in the transaction of what they tell of; return their offsets, in their order.

        They are there when the transaction commits, and not otherwise. Until it ends, nobody else appends to these
        logs, in this process or another. Call it last: whoever holds logs waits for nothing else.
        """
        ...

    async def position(self, log_id: UUID) -> Position:
        """Return a log's newest position; offset 0 for one that has no entry."""
        ...

    async def read(self, log_id: UUID, after: Position, *, most: int) -> Stretch | None:
        """Return what came after a position, whole and of one moment, never a part.

        None when it is more than ``most`` subjects, when the old end was cut beyond it, or when the position is of
        another epoch or past the end: whoever shows such a one saw what is no longer so.
        """
        ...

    async def drop(self, transaction: Transaction, log_id: UUID) -> None:
        """Remove a log with its entries, in the transaction that removes what it tells of."""
        ...

    async def cut(self, *, keep: int, before: datetime) -> int:
        """Remove entries from the old ends: all but the newest ``keep`` of a log, and those older than ``before``.

        In steps that hold no log long. Returns how many went; offsets of what stays do not change.
        """
        ...

    async def renew(self) -> str:
        """Begin a new epoch, which is returned: every position given out before is answered by None from now on."""
        ...
