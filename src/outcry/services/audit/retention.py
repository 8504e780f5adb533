"""Moves old leaves from the rows into the archive, and in the end away.

Each step may be cut short anywhere and is done again by the next run: a range is named first, then written, read back
and compared, and only then, in one transaction, taken out of the rows.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import ConflictError, OutcryError
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database, Transaction
from outcry.services.audit.archives import MOST_BYTES, ArchiveError, archive_key, pack, unpack
from outcry.services.audit.errors import ArchiveDamagedError
from outcry.services.audit.events import EntriesArchived
from outcry.services.audit.leaf_store import SEALED
from outcry.services.audit.models import ArchiveRow, EntryRow, LogRow
from outcry.services.audit.settings import AuditSettings
from outcry.services.audit.tree import hash_leaf

WRITING, REMOVING, REMOVED = "writing", "removing", "removed"

_EVERY_S = 3600
_MOST_ENTRIES = 1000
# A range that is not full waits as long for more, so that a quiet log has a file a day and not one an hour.
_WAIT = timedelta(days=1)

log = logging.getLogger(__name__)


class Retention:
    """The task that keeps the logs' rows and archives no longer than the settings say."""

    def __init__(
        self,
        *,
        database: Database,
        blobs: Blobs,
        clock: Clock,
        settings: AuditSettings,
        most_entries: int = _MOST_ENTRIES,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._most = most_entries
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look every hour."""
        self._task = asyncio.create_task(self._run(), name="audit-retention")

    async def stop(self) -> None:
        """Stop looking; what is under way goes on at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def tidy(self) -> int:
        """Move what is old enough, one organisation after the other; return how many ranges changed."""
        async with self._database.reading() as session:
            tenants = list(await session.scalars(select(LogRow.tenant_id).order_by(LogRow.tenant_id)))
        changed = 0
        for tenant_id in tenants:
            try:
                changed += await self._tidy(tenant_id)
            except OutcryError as error:
                # The next organisation's may be well; this one's is tried again in an hour.
                log.warning("the old entries of %s stay where they are: %s", tenant_id, error)
        return changed

    async def _tidy(self, tenant_id: UUID) -> int:
        changed = 0
        for row in await self._ranges(tenant_id, WRITING):
            changed += await self._seal(row)
        if self._settings.keep_days:
            while (begun := await self._begin(tenant_id)) is not None:
                changed += await self._seal(begun)
        if self._settings.archive_days:
            before = self._clock.now() - timedelta(days=self._settings.archive_days)
            for row in await self._ranges(tenant_id, SEALED, before):
                await self._close(row)
        for row in await self._ranges(tenant_id, REMOVING):
            await self._remove(row)
            changed += 1
        return changed

    async def _ranges(self, tenant_id: UUID, state: str, before: datetime | None = None) -> Sequence[ArchiveRow]:
        query = select(ArchiveRow).where(ArchiveRow.tenant_id == tenant_id, ArchiveRow.state == state)
        if before is not None:
            query = query.where(ArchiveRow.time <= before)
        async with self._database.reading() as session:
            return (await session.scalars(query.order_by(ArchiveRow.first))).all()

    async def _begin(self, tenant_id: UUID) -> ArchiveRow | None:
        """Name the next range of old entries; None where there is none yet."""
        now = self._clock.now()
        try:
            async with self._database.transaction() as transaction:
                session = transaction.session
                first, until = await self._next(session, tenant_id, now - timedelta(days=self._settings.keep_days))
                if first == until:
                    return None
                values = {"tenant_id": tenant_id, "first": first, "until": until, "state": WRITING, "time": now}
                await session.execute(insert(ArchiveRow).values(values))
        except IntegrityError:  # another process did, and goes on with it
            return None
        return ArchiveRow(**values)

    async def _next(self, session: AsyncSession, tenant_id: UUID, cutoff: datetime) -> tuple[int, int]:
        """Return the first index of the next range, and the one after its last. Only what is checkpointed is moved."""
        ended = select(func.max(ArchiveRow.until)).where(ArchiveRow.tenant_id == tenant_id)
        first = await session.scalar(ended) or 0
        signed = await session.scalar(select(LogRow.checkpoint_size).where(LogRow.tenant_id == tenant_id)) or 0
        query = (
            select(EntryRow.index, EntryRow.time, func.length(EntryRow.leaf))
            .where(EntryRow.tenant_id == tenant_id, EntryRow.index >= first, EntryRow.index < signed)
            .order_by(EntryRow.index)
            .limit(self._most)
        )
        rows = (await session.execute(query)).all()
        until, size, full = first, 0, len(rows) == self._most
        for index, time, length in rows:
            if time >= cutoff or (size + length > MOST_BYTES and until > first):
                full = time < cutoff
                break
            until, size = index + 1, size + length
        ripe = bool(rows) and (full or rows[0][1] < cutoff - _WAIT)
        return first, until if ripe else first

    async def _seal(self, row: ArchiveRow) -> int:
        """Write a range, read it back, and take it out of the rows."""
        tenant_id, first, until = row.tenant_id, row.first, row.until
        within = (EntryRow.tenant_id == tenant_id, EntryRow.index >= first, EntryRow.index < until)
        query = select(EntryRow.leaf, EntryRow.leaf_hash).where(*within).order_by(EntryRow.index)
        state = select(ArchiveRow.state).where(ArchiveRow.tenant_id == tenant_id, ArchiveRow.first == first)
        async with self._database.reading() as session:
            if await session.scalar(state) != WRITING:  # another process was faster
                return 0
            rows = (await session.execute(query)).all()
        if len(rows) != until - first or not all(hash_leaf(leaf) == hashed for leaf, hashed in rows):
            # Whatever happened to them there, it must not be carried into the archive.
            raise ArchiveDamagedError(f"Entries {first} to {until - 1} are not those that were logged.")
        await self._write(row, [leaf for leaf, _ in rows])
        async with self._database.transaction() as transaction:
            if not await self._turn(transaction.session, row, WRITING, SEALED):
                return 0
            await transaction.session.execute(update(EntryRow).where(*within).values(leaf=b""))
            self._tell(transaction, row, "archived")
        return 1

    async def _write(self, row: ArchiveRow, leaves: list[bytes]) -> None:
        """Return once the archive has these leaves, and it was read that it has."""
        key, data = archive_key(row.tenant_id, row.first, row.until), await asyncio.to_thread(pack, leaves)
        # An earlier run, perhaps with another version of gzip, may have written it: what is in it decides.
        with suppress(ConflictError):
            await self._blobs.put_once(key, data, keep_until=self._lock_end())
        try:
            same = await asyncio.to_thread(unpack, await self._blobs.get(key), len(leaves)) == leaves
        except ArchiveError:
            same = False
        if not same:
            raise ArchiveDamagedError(f"{key} is not what was written.")

    async def _close(self, row: ArchiveRow) -> None:
        """Let nobody read a range any more; of its entries the place, the time, the id and the hash stay."""
        empty = {"act": "", "object_type": "", "object_id": "", "outcome": "", "actor_id": None, "person_id": None}
        within = (EntryRow.tenant_id == row.tenant_id, EntryRow.index >= row.first, EntryRow.index < row.until)
        async with self._database.transaction() as transaction:
            if await self._turn(transaction.session, row, SEALED, REMOVING):
                await transaction.session.execute(update(EntryRow).where(*within).values(empty))
                self._tell(transaction, row, "archived_away")

    async def _remove(self, row: ArchiveRow) -> None:
        await self._blobs.delete(archive_key(row.tenant_id, row.first, row.until))
        async with self._database.transaction() as transaction:
            await self._turn(transaction.session, row, REMOVING, REMOVED)

    async def _turn(self, session: AsyncSession, row: ArchiveRow, before: str, after: str) -> bool:
        """Change the state of a range; False where another process did."""
        this = (
            ArchiveRow.tenant_id == row.tenant_id,
            ArchiveRow.first == row.first,
            ArchiveRow.until == row.until,
            ArchiveRow.state == before,
        )
        statement = update(ArchiveRow).where(*this).values(state=after, time=self._clock.now())
        return len((await session.execute(statement.returning(ArchiveRow.first))).all()) == 1

    def _tell(self, transaction: Transaction, row: ArchiveRow, what: str) -> None:
        event = EntriesArchived(first=row.first, last=row.until - 1, what=what)
        transaction.publish(event, tenant_id=row.tenant_id, key=f"audit:{row.tenant_id}")

    def _lock_end(self) -> datetime | None:
        days = self._settings.lock_days
        return self._clock.now() + timedelta(days=days) if days else None

    async def _run(self) -> None:
        while True:
            try:
                await self.tidy()
            except (OutcryError, OSError) as error:
                log.warning("old entries of the audit log wait: %s", error)
            except Exception:
                log.exception("old entries of the audit log could not be moved; trying again")
            await asyncio.sleep(_EVERY_S)
