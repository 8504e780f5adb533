"""The TextSearch port: finds documents by their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What can be found. ``scope_id`` is what may be read as a whole, such as a room.

    ``flags`` are exact words to filter by, such as ``link`` or ``$AAPL``; they are not searched as text.
    """

    id: UUID
    tenant_id: UUID
    scope_id: UUID
    author_id: UUID
    time: datetime
    text: str
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Which documents of a tenant to remove: those that fit everything named, all of the tenant when nothing is."""

    tenant_id: UUID
    document_id: UUID | None = None
    scope_id: UUID | None = None
    author_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Words that stand next to each other, in this order. With ``prefix`` the last one may go on."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextQuery:
    """What to look for: every clause and every filter has to fit.

    ``scope_ids`` are the only ones that may be read whole, and of those in ``within`` only what has the flag beside it;
    without one of either nothing is found. ``author_ids`` of None are all, ``since`` is included and ``until`` is not.
    ``after`` is the place of the last hit of the page before.
    """

    tenant_id: UUID
    scope_ids: frozenset[UUID]
    within: frozenset[tuple[UUID, str]] = frozenset()
    clauses: tuple[Clause, ...] = ()
    author_ids: frozenset[UUID] | None = None
    since: datetime | None = None
    until: datetime | None = None
    flags: frozenset[str] = frozenset()
    limit: int = 20
    after: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A piece of a document's text, plain, never markup; ``ranges`` (start, end) in it are what was found.

    They count code points, are in order and do not overlap. ``before`` and ``after`` say that the text goes on there.
    """

    text: str
    ranges: tuple[tuple[int, int], ...] = ()
    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A document that fits. Its place in the order is (``time``, ``id``)."""

    id: UUID
    scope_id: UUID
    author_id: UUID
    time: datetime
    fragment: Fragment


class TextSearch(Protocol):
    """An index beside the truth: it may be lost at any time, and is then filled again by whoever owns the truth.

    Words are compared without case and accents. Words of scripts that are written without spaces are found by any part
    of them. A word with a sign in it (``BTC-USD``, ``BRK.B``) is found as it stands, and by its parts; ``$AAPL`` finds
    only texts that have the dollar sign, ``AAPL`` those too. Every method raises UnavailableError when the engine does
    not answer.
    """

    async def position(self) -> str:
        """Return the position that was given with the newest committed batch; empty for an index that is new.

        An index that was lost, damaged or written by an older version of the program is new.
        """
        ...

    async def write(self, documents: Sequence[Document], removals: Sequence[Removal], *, position: str) -> None:
        """Remove, then put documents (replacing those of the same id), and note the position.

        Once it returns, all of it is durable and found. After a crash the position is never ahead of the documents.
        """
        ...

    async def search(self, query: TextQuery) -> tuple[Hit, ...]:
        """Return the hits, the newest first, those of one time by the higher id first; at most ``limit``.

        A clause without a single word fits nothing.
        """
        ...

    async def purge(self) -> None:
        """Overwrite or drop whatever files still hold of removed and replaced documents. Slow: for after an erasure.

        Raises UnavailableError when it has to be tried again.
        """
        ...

    async def clear(self) -> None:
        """Remove everything, the position too."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...
