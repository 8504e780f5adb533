"""How long past imports are kept: with the rows that they refused, they would fill the database in time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, delete, select

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.charts.models import ImportRow, RefusedRow

_OVER = ("done", "failed", "interrupted")
_AT_ONCE = 50


class ImportHistory:
    """Forgets imports that are over: the bars that came of them stay.

    Args:
        keep: how long an import is kept.
        most: how many of an organisation are kept, the newest.
    """

    def __init__(self, *, database: Database, clock: Clock, keep: timedelta, most: int) -> None:
        self._database = database
        self._clock = clock
        self._keep = keep
        self._most = most

    async def prune(self) -> int:
        """Forget what is too old, of every organisation; return how many imports that were."""
        old = select(ImportRow.id).where(ImportRow.created_at < self._clock.now() - self._keep)
        return await self._forget(old.where(ImportRow.status.in_(_OVER)).order_by(ImportRow.id))

    async def prune_of(self, tenant_id: UUID) -> int:
        """Forget what an organisation has more than it may keep; return how many imports that were."""
        all_of = select(ImportRow.id).where(ImportRow.tenant_id == tenant_id, ImportRow.status.in_(_OVER))
        return await self._forget(all_of.order_by(ImportRow.id.desc()).offset(self._most))

    async def _forget(self, chosen: Select[UUID]) -> int:
        forgotten = 0
        while found := await self._some(chosen):
            for import_id in found:
                # One at a time: an import may have refused millions of rows, and others want to write, too.
                async with self._database.transaction() as transaction:
                    await transaction.session.execute(delete(RefusedRow).where(RefusedRow.import_id == import_id))
                    await transaction.session.execute(delete(ImportRow).where(ImportRow.id == import_id))
            forgotten += len(found)
        return forgotten

    async def _some(self, chosen: Select[UUID]) -> Sequence[UUID]:
        async with self._database.reading() as session:
            return (await session.scalars(chosen.limit(_AT_ONCE))).all()
