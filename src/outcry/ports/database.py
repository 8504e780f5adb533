"""The Database port: rows, and the events that are written with them in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import BigInteger, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeDecorator

from outcry.kit.events import Envelope, Event
from outcry.kit.market import from_micros, to_micros


class Instant(TypeDecorator[datetime]):
    """A column type for times: aware UTC in Python, microseconds since 1970 in every engine, so both sort alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a time into microseconds."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn microseconds into a time."""
        return None if value is None else from_micros(value)


class Transaction(Protocol):
    """One open transaction: it commits when its block ends well and rolls back when it raises."""

    @property
    def session(self) -> AsyncSession:
        """The session that all rows of this transaction go through."""
        ...

    def publish(
        self,
        event: Event,
        *,
        tenant_id: UUID,
        key: str,
        actor_id: UUID | None = None,
        causation_id: UUID | None = None,
    ) -> UUID:
        """Write an event to the outbox, in this transaction; return its id.

        It is delivered at least once after the commit, in order among events of one ``key``, and never without it.
        """
        ...

    async def add_rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows by the engine's quickest way, each a value for every column of the table by its name.

        Raises IntegrityError, after which the transaction can only be rolled back.
        """
        ...

    async def first_time(self, event_id: UUID, consumer: str) -> bool:
        """Record in the inbox that ``consumer`` handled this event; False when it already had."""
        ...


class Database(Protocol):
    """The rows of one service. SQL is written once, for every engine, with SQLAlchemy."""

    @property
    def engine_name(self) -> str:
        """``sqlite`` or ``postgresql``, for the few statements that differ."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction for writing. Durable once the block has ended: it survives kill -9 and power loss.

        Writers on SQLite wait for each other; on PostgreSQL the isolation level is READ COMMITTED.
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open a session that only reads, from one consistent snapshot."""
        ...

    async def pending(
        self, *, after: int, limit: int, without: Collection[str] = ()
    ) -> Sequence[tuple[int, Envelope, int]]:
        """Return outbox events that are not yet delivered: (position, envelope, failed tries), oldest first.

        Those of the keys ``without`` are left out.
        """
        ...

    async def delivered(self, positions: Sequence[int]) -> None:
        """Take these events out of the outbox."""
        ...

    async def failed(self, position: int, reason: str, *, dead: bool) -> None:
        """Count a failed try of this event and keep the reason; ``dead`` sets it aside for good."""
        ...

    async def forget(self, *, actor_ids: Sequence[UUID], tenant_ids: Sequence[UUID]) -> None:
        """Remove set-aside events of these, then overwrite what all deleted rows left in files, where the engine can.

        Slow: for after an erasure. Raises UnavailableError when it has to be tried again.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
