"""The MessageLog on a service's own database, SQLite or PostgreSQL: entries commit with the rows they tell of."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from outcry.adapters.message_log.lineage import open_epoch, renew_epoch
from outcry.adapters.message_log.tables import EntryRow, HeadRow
from outcry.kit.clock import Clock
from outcry.kit.topics import Position
from outcry.ports.database import Database, Transaction
from outcry.ports.message_log import Entry, NewEntry, Stretch

CUT_A_STEP = 5_000
LOGS_A_LOOK = 200
# As tables: rows go in without the work that the ORM does for objects.
_HEADS, _ENTRIES = cast(Table, HeadRow.__table__), cast(Table, EntryRow.__table__)


class SqlMessageLog:
    """The head of a log is a row: counting it up locks it until the transaction ends, and a rollback counts it back."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._epoch: str | None = None
        self._opening = asyncio.Lock()
        self._count_up = _count_up(database.engine_name)

    async def epoch(self) -> str:
        """Return the epoch; the store is looked at once."""
        if self._epoch is None:
            async with self._opening:
                if self._epoch is None:
                    self._epoch = await open_epoch(self._database)
        return self._epoch

    async def append(self, transaction: Transaction, entries: Sequence[NewEntry]) -> Sequence[int]:
        """Count the heads up, always in the order of their ids, and insert."""
        if not entries:
            return ()
        more = Counter(entry.log_id for entry in entries)
        heads = [{"log_id": log_id, "newest": more[log_id], "floor": 0} for log_id in sorted(more)]
        counted = await transaction.session.execute(self._count_up, heads)
        following = {log_id: newest - more[log_id] + 1 for log_id, newest in counted}
        offsets: list[int] = []
        for entry in entries:
            offsets.append(following[entry.log_id])
            following[entry.log_id] += 1
        now = self._clock.now()
        rows = [
            {"log_id": entry.log_id, "number": offset, "kind": entry.kind, "subject_id": entry.subject_id, "at": now}
            for entry, offset in zip(entries, offsets, strict=True)
        ]
        await transaction.session.execute(insert(_ENTRIES), rows)
        return offsets

    async def position(self, log_id: UUID) -> Position:
        """Return a log's newest position."""
        epoch = await self.epoch()
        async with self._database.reading() as session:
            newest = await session.scalar(select(HeadRow.newest).where(HeadRow.log_id == log_id))
        return Position(epoch=epoch, offset=newest or 0)

    async def read(self, log_id: UUID, after: Position, *, most: int) -> Stretch | None:
        """Return what came after a position. One statement: head and entries are of one moment in every engine."""
        epoch = await self.epoch()
        if after.epoch != epoch or not 0 <= after.offset < 2**63:
            return None
        newest_of_each = func.max(EntryRow.number).label("number")
        query = (
            select(HeadRow.newest, HeadRow.floor, EntryRow.kind, EntryRow.subject_id, newest_of_each)
            .outerjoin(EntryRow, and_(EntryRow.log_id == HeadRow.log_id, EntryRow.number > after.offset))
            .where(HeadRow.log_id == log_id)
            .group_by(HeadRow.newest, HeadRow.floor, EntryRow.kind, EntryRow.subject_id)
            .order_by(newest_of_each)
            .limit(most + 1)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        newest, floor = (rows[0].newest, rows[0].floor) if rows else (0, 0)
        entries = tuple(
            Entry(offset=row.number, kind=row.kind, subject_id=row.subject_id) for row in rows if row.number is not None
        )
        if not floor <= after.offset <= newest or len(entries) > most:
            return None
        return Stretch(position=Position(epoch=epoch, offset=newest), entries=entries)

    async def drop(self, transaction: Transaction, log_id: UUID) -> None:
        """Remove a log."""
        await transaction.session.execute(delete(EntryRow).where(EntryRow.log_id == log_id))
        await transaction.session.execute(delete(HeadRow).where(HeadRow.log_id == log_id))

    async def cut(self, *, keep: int, before: datetime) -> int:
        """Cut old ends, a log and a step in a transaction."""
        removed = 0
        while ends := await self._old_ends(keep, before):
            for log_id, floor in ends:
                removed += await self._cut_one(log_id, floor)
        return removed

    async def _old_ends(self, keep: int, before: datetime) -> list[tuple[UUID, int]]:
        """Return some logs with the offset up to which each is to be cut."""
        aged = (
            select(EntryRow.log_id, func.max(EntryRow.number).label("number"))
            .where(EntryRow.at < before)
            .group_by(EntryRow.log_id)
            .subquery()
        )
        old = func.coalesce(aged.c.number, 0)
        query = (
            select(HeadRow.log_id, HeadRow.newest - keep, old, HeadRow.floor)
            .outerjoin(aged, aged.c.log_id == HeadRow.log_id)
            .where(or_(HeadRow.newest - keep > HeadRow.floor, old > HeadRow.floor))
            .limit(LOGS_A_LOOK)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return [(row[0], min(max(row[1], row[2]), row[3] + CUT_A_STEP)) for row in rows]

    async def _cut_one(self, log_id: UUID, floor: int) -> int:
        async with self._database.transaction() as transaction:
            session = transaction.session
            higher = update(HeadRow).where(HeadRow.log_id == log_id, HeadRow.floor < floor).values(floor=floor)
            await session.execute(higher)
            gone = delete(EntryRow).where(EntryRow.log_id == log_id, EntryRow.number <= floor)
            done: Any = await session.execute(gone)
            return int(done.rowcount)

    async def renew(self) -> str:
        """Begin a new epoch."""
        self._epoch = await renew_epoch(self._database)
        return self._epoch


def _count_up(engine_name: str) -> Any:
    """Return the statement that makes heads or counts them up, and says where they stand then."""
    statement: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[engine_name](_HEADS)
    columns = _HEADS.c
    counted = statement.on_conflict_do_update(
        index_elements=[columns.log_id], set_={"newest": columns.newest + statement.excluded.newest}
    )
    return counted.returning(columns.log_id, columns.newest)
