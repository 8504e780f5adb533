"""What SQLite and PostgreSQL share: sessions, transactions, the outbox and the inbox."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import String, Table, column, delete, insert, or_, select, text, update
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from outcry.adapters.database.bulk import Row, insert_many
from outcry.adapters.database.outbox import InboxRow, OutboxRow, to_envelope, to_values
from outcry.kit import trace
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.kit.events import Envelope, Event, seal
from outcry.ports.database import Transaction

OWN_MIGRATIONS = Path(__file__).parent / "migrations"
OWN_VERSIONS = "alembic_version_outbox"
VERSIONS = "alembic_version"

InsertMany = Callable[[AsyncConnection, Table, Sequence[Row]], Awaitable[None]]


class RelationalTransaction:
    """An open transaction; see the Transaction port."""

    def __init__(self, session: AsyncSession, clock: Clock, insert_many: InsertMany) -> None:
        self._session = session
        self._clock = clock
        self._insert_many = insert_many
        self._events: list[Envelope] = []

    @property
    def session(self) -> AsyncSession:
        """The session of this transaction."""
        return self._session

    def publish(
        self,
        event: Event,
        *,
        tenant_id: UUID,
        key: str,
        actor_id: UUID | None = None,
        causation_id: UUID | None = None,
    ) -> UUID:
        """Write an event to the outbox, with all others of the transaction at its end."""
        envelope = seal(
            event,
            clock=self._clock,
            tenant_id=tenant_id,
            key=key,
            actor_id=actor_id,
            causation_id=causation_id or trace.causation_id.get(),
            trace=trace.trace_id.get(),
            address=trace.address.get(),
        )
        self._events.append(envelope)
        return envelope.id

    async def write_events(self) -> bool:
        """Write the published events in one statement; False when there are none.

        As objects of the session each would be a statement that asks for its position, which nobody needs.
        """
        if self._events:
            await self._session.execute(insert(OutboxRow), [to_values(envelope) for envelope in self._events])
        return bool(self._events)

    async def add_rows(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert many rows."""
        if rows:
            await self._insert_many(await self._session.connection(), table, rows)

    async def first_time(self, event_id: UUID, consumer: str) -> bool:
        """Record the event in the inbox unless it is there."""
        row = {"consumer": consumer, "event_id": event_id, "handled_at": self._clock.now()}
        try:
            async with self._session.begin_nested():
                await self._session.execute(insert(InboxRow).values(row))
        except IntegrityError:
            return False
        return True


@contextmanager
def answering(gone: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Tell a database that is gone, full or read-only from a mistake of ours: UnavailableError, and nothing written."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError, OSError) as error:
        raise UnavailableError("The database does not answer or cannot write. Try again in a moment.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise UnavailableError("The database went away. Try again in a moment.") from error
        raise
    except gone as error:
        raise UnavailableError("The database does not answer. Try again in a moment.") from error


class RelationalDatabase:
    """The Database port over two SQLAlchemy engines: one that writes, one that reads (they may be the same)."""

    def __init__(self, *, name: str, writer: AsyncEngine, reader: AsyncEngine, clock: Clock) -> None:
        self._name = name
        self._writer = writer
        self._reader = reader
        self._clock = clock
        self._on_publish: Callable[[], None] | None = None
        # What a driver raises by itself, past SQLAlchemy, when there is no server to connect to.
        self._gone: tuple[type[Exception], ...] = ()

    @property
    def engine_name(self) -> str:
        """The name of SQLAlchemy's dialect."""
        return self._writer.dialect.name

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction for writing."""
        return self._transaction()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        with answering(self._gone):
            async with AsyncSession(self._writer, expire_on_commit=False) as session:
                transaction = RelationalTransaction(session, self._clock, self._insert_many)
                async with session.begin():
                    yield transaction
                    published = await transaction.write_events()
        if published and self._on_publish:
            self._on_publish()

    async def _insert_many(self, connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, of which there is at least one; each engine has its own quickest way."""
        await insert_many(connection, table, rows)

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open a session that only reads."""
        return self._reading()

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncSession]:
        with answering(self._gone):
            async with AsyncSession(self._reader, expire_on_commit=False, autoflush=False) as session:
                yield session

    async def pending(
        self, *, after: int, limit: int, without: Collection[str] = ()
    ) -> Sequence[tuple[int, Envelope, int]]:
        """Return undelivered events, oldest first."""
        query = (
            select(OutboxRow)
            .where(OutboxRow.dead.is_(False), OutboxRow.position > after)
            .order_by(OutboxRow.position)
            .limit(limit)
        )
        if without:
            query = query.where(OutboxRow.key.not_in(without))
        async with self.reading() as session:
            rows = (await session.scalars(query)).all()
        return [(row.position, to_envelope(row), row.tries) for row in rows]

    async def delivered(self, positions: Sequence[int]) -> None:
        """Take events out of the outbox."""
        async with self.transaction() as transaction:
            await transaction.session.execute(delete(OutboxRow).where(OutboxRow.position.in_(positions)))

    async def failed(self, position: int, reason: str, *, dead: bool) -> None:
        """Count a failed try."""
        change = (
            update(OutboxRow)
            .where(OutboxRow.position == position)
            .values(tries=OutboxRow.tries + 1, reason=reason[:2000], dead=dead)
        )
        async with self.transaction() as transaction:
            await transaction.session.execute(change)

    async def forget(self, *, actor_ids: Sequence[UUID], tenant_ids: Sequence[UUID]) -> None:
        """Remove events that were set aside, and overwrite what was deleted."""
        theirs = or_(OutboxRow.actor_id.in_(actor_ids), OutboxRow.tenant_id.in_(tenant_ids))
        async with self.transaction() as transaction:
            await transaction.session.execute(delete(OutboxRow).where(OutboxRow.dead.is_(True), theirs))
        with answering(self._gone):
            await self._overwrite_deleted()

    async def _overwrite_deleted(self) -> None:
        """Overwrite what deleted rows left behind; each engine has its own way."""

    def on_publish(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after each commit that wrote an event."""
        self._on_publish = wake

    async def migrate(self, folder: Path) -> list[str]:
        """Bring the outbox and the service's own tables (migrations in ``folder``) to their newest form."""
        if await self._is_newest(folder):
            return []
        # Imported here: Alembic takes a sixth of a second, which a start that has nothing to do can spare.
        from outcry.adapters.database import migrating

        async with self._writer.begin() as connection:
            await self._prepare(connection)
            await connection.run_sync(migrating.upgrade, OWN_MIGRATIONS, OWN_VERSIONS)
            return await connection.run_sync(migrating.upgrade, folder, VERSIONS)

    async def _is_newest(self, folder: Path) -> bool:
        """Say whether both version tables name the newest migration file; they are named by their revision."""
        try:
            async with AsyncSession(self._reader) as session:
                for table, migrations in ((OWN_VERSIONS, OWN_MIGRATIONS), (VERSIONS, folder)):
                    newest = max(path.name.partition("_")[0] for path in migrations.glob("versions/[0-9]*.py"))
                    found = await session.scalars(select(column("version_num", String)).select_from(sql_table(table)))
                    if found.all() != [newest]:
                        return False
        except (OperationalError, ProgrammingError):
            # There is no such table yet, or the service has no database: migrating says what is wrong, if it is.
            return False
        return True

    async def _prepare(self, connection: AsyncConnection) -> None:
        """Make what migrations need; nothing unless an engine says otherwise."""

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
