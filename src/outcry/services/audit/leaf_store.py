"""Gives leaves wherever they lie: in the rows, or in the archive."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import NotFoundError
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.services.audit.archives import ArchiveError, archive_key, unpack
from outcry.services.audit.errors import ArchiveDamagedError
from outcry.services.audit.models import ArchiveRow, EntryRow
from outcry.services.audit.tree import hash_leaf

_PAGE = 500
SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A leaf of a log and its hash. ``leaf`` is empty where it was archived away: then only the hash is left."""

    index: int
    leaf: bytes
    leaf_hash: bytes


class LeafStore:
    """Reads leaves. What comes out of the archive is compared with its hash first."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def read_leaves(
        self, tenant_id: UUID, first: int, until: int, *, page: int = _PAGE
    ) -> AsyncIterator[list[StoredLeaf]]:
        """Go through a log from ``first`` and before ``until``, a page at a time.

        Raises ArchiveDamagedError and UnavailableError.
        """
        while first < until:
            query = (
                select(EntryRow.index, EntryRow.leaf, EntryRow.leaf_hash)
                .where(EntryRow.tenant_id == tenant_id, EntryRow.index >= first, EntryRow.index < until)
                .order_by(EntryRow.index)
                .limit(page)
            )
            async with self._database.reading() as session:
                # By place, not by name: a row is a tuple, whose ``index`` is a method.
                stored = [StoredLeaf(index, leaf, hashed) for index, leaf, hashed in await session.execute(query)]
            if stored:
                yield await self._fill(tenant_id, stored)
            if len(stored) < page:
                return
            first = stored[-1].index + 1

    async def leaves_of(self, rows: Sequence[EntryRow]) -> list[bytes]:
        """Return the leaves of these entries, empty for those archived away; raises as ``read_leaves`` does."""
        found: dict[tuple[UUID, int], bytes] = {}
        for tenant_id in {row.tenant_id for row in rows}:
            theirs = [StoredLeaf(row.index, row.leaf, row.leaf_hash) for row in rows if row.tenant_id == tenant_id]
            found |= {(tenant_id, one.index): one.leaf for one in await self._fill(tenant_id, theirs)}
        return [found[row.tenant_id, row.index] for row in rows]

    async def _fill(self, tenant_id: UUID, stored: list[StoredLeaf]) -> list[StoredLeaf]:
        away = {one.index: one for one in stored if not one.leaf}
        if not away:
            return stored
        for archive in await self._archives(tenant_id, away):
            within = [one for index, one in away.items() if archive.first <= index < archive.until]
            if within:
                away |= {one.index: one for one in await self._read(archive, within)}
        return [away.get(one.index, one) for one in stored]

    async def _archives(self, tenant_id: UUID, indices: Iterable[int]) -> Sequence[ArchiveRow]:
        low, high = min(indices), max(indices)
        async with self._database.reading() as session:
            return await find_archives(session, tenant_id, low, high + 1)

    async def _read(self, archive: ArchiveRow, wanted: Iterable[StoredLeaf]) -> list[StoredLeaf]:
        key = archive_key(archive.tenant_id, archive.first, archive.until)
        try:
            data = await self._blobs.get(key)
            leaves = await asyncio.to_thread(unpack, data, archive.until - archive.first)
        except (NotFoundError, ArchiveError) as error:
            raise ArchiveDamagedError(f"Entries {archive.first} to {archive.until - 1}: {error}") from error
        found = [StoredLeaf(one.index, leaves[one.index - archive.first], one.leaf_hash) for one in wanted]
        for one in found:
            if hash_leaf(one.leaf) != one.leaf_hash:
                raise ArchiveDamagedError(f"Entry {one.index} in the archive is not the one that was put there.")
        return found


async def find_archives(session: AsyncSession, tenant_id: UUID, first: int, until: int) -> Sequence[ArchiveRow]:
    """Return the sealed ranges that have something from ``first`` and before ``until``, in order."""
    query = select(ArchiveRow).where(
        ArchiveRow.tenant_id == tenant_id,
        ArchiveRow.state == SEALED,
        ArchiveRow.first < until,
        ArchiveRow.until > first,
    )
    return (await session.scalars(query.order_by(ArchiveRow.first))).all()
