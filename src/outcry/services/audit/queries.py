"""Reads entries, proofs and checkpoints. Only ever of the organisation that asks."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.ports.database import Database
from outcry.services.audit.checkpoints import Checkpoints, SignedCheckpoint, to_signed
from outcry.services.audit.errors import (
    CheckpointNotFoundError,
    EntryNotFoundError,
    InvalidLogSizeError,
    NotCheckpointedError,
)
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import CheckpointRow, EntryRow, LogRow, TileRow
from outcry.services.audit.tiles import reader, tiles_for
from outcry.services.audit.tree import ReadNode, consistency_proof, inclusion_proof
from outcry.services.audit.views import AuditEntry, open_entries
from outcry.services.auth.contracts import AuthFacade

T = TypeVar("T")
_MOST_INDEX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted; None and empty ask for all. ``act`` is how an act begins, such as ``auth.``."""

    start: datetime | None = None
    end: datetime | None = None
    actor_id: UUID | None = None
    person_id: UUID | None = None
    act: str = ""
    object_type: str = ""
    object_id: str = ""
    outcome: str = ""

    def told(self) -> dict[str, str]:
        """Return the filters that are set, as text."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) for name, value in values.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """What shows that an entry is in the log: ``leaf`` hashes, with ``hashes``, to the root in the checkpoint.

    Hashes are in base64. Verify as RFC 9162, section 2.1.3.2, says; ``key`` is whom the checkpoint must be signed by.
    ``leaf`` is empty where it was archived away; its hash is proved all the same.
    """

    index: int
    leaf: str
    leaf_hash: str
    hashes: tuple[str, ...]
    checkpoint: SignedCheckpoint
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """What shows that a log of ``new`` entries begins with the ``old`` ones that it had (RFC 9162, section 2.1.4.2)."""

    old: int
    new: int
    hashes: tuple[str, ...]


class AuditQueries:
    """Reads the logs."""

    def __init__(self, *, database: Database, auth: AuthFacade, checkpoints: Checkpoints, store: LeafStore) -> None:
        self._database = database
        self._auth = auth
        self._checkpoints = checkpoints
        self._store = store

    async def list_entries(
        self, *, tenant_id: UUID, wanted: EntryFilter, cursor: str | None, limit: int
    ) -> Page[AuditEntry]:
        """Return entries, the newest first, with what is sealed opened."""
        limit = clamp_limit(limit)
        conditions = _conditions(tenant_id, wanted)
        if cursor is not None:
            conditions.append(EntryRow.index < decode_cursor(cursor, int)[0])
        query = select(EntryRow).where(*conditions).order_by(EntryRow.index.desc()).limit(limit + 1)
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        more = len(rows) > limit
        entries = await open_entries(self._auth, self._store, rows[:limit])
        return Page(items=entries, next_cursor=encode_cursor(rows[limit - 1].index) if more else None)

    async def get_entry(self, *, tenant_id: UUID, entry: UUID | int) -> AuditEntry:
        """Return an entry by its index or its id; raises EntryNotFoundError."""
        async with self._database.reading() as session:
            row = await _find_row(session, tenant_id, entry)
        return (await open_entries(self._auth, self._store, (row,)))[0]

    async def prove_entry(self, *, tenant_id: UUID, entry: UUID | int, size: int | None) -> InclusionProof:
        """Return the proof that an entry is in the log of a checkpoint: of this size, or of the newest.

        Raises EntryNotFoundError, CheckpointNotFoundError, InvalidLogSizeError and NotCheckpointedError.
        """
        async with self._database.reading() as session:
            row = await _find_row(session, tenant_id, entry)
            checkpoint = await _find_checkpoint(session, tenant_id, size)
            if checkpoint is None and size is not None:
                raise CheckpointNotFoundError()
            if checkpoint is None or checkpoint.size <= row.index:
                if size is not None:
                    raise InvalidLogSizeError("The entry is newer than this checkpoint.")
                raise NotCheckpointedError("The entry is newer than the newest checkpoint. Try again in a minute.")
            until = checkpoint.size
            hashes = await _read_nodes(session, tenant_id, lambda node: inclusion_proof(row.index, until, node))
        (leaf,) = await self._store.leaves_of((row,))
        return InclusionProof(
            index=row.index,
            leaf=leaf.decode(),
            leaf_hash=_text(row.leaf_hash),
            hashes=tuple(map(_text, hashes)),
            checkpoint=to_signed(checkpoint),
            key=str(self._checkpoints.key),
        )

    async def prove_growth(self, *, tenant_id: UUID, old: int, new: int) -> ConsistencyProof:
        """Return the proof that the log of ``new`` entries begins with that of ``old``; raises InvalidLogSizeError."""
        async with self._database.reading() as session:
            size = await session.scalar(select(LogRow.size).where(LogRow.tenant_id == tenant_id)) or 0
            if not 0 <= old <= new <= size:
                raise InvalidLogSizeError(f"Sizes go from 0 to {size}, the older one first.")
            hashes = await _read_nodes(session, tenant_id, lambda node: consistency_proof(old, new, node))
        return ConsistencyProof(old=old, new=new, hashes=tuple(map(_text, hashes)))

    async def list_checkpoints(self, *, tenant_id: UUID, cursor: str | None, limit: int) -> Page[SignedCheckpoint]:
        """Return checkpoints, the newest first."""
        limit = clamp_limit(limit)
        conditions = [CheckpointRow.tenant_id == tenant_id]
        if cursor is not None:
            conditions.append(CheckpointRow.size < decode_cursor(cursor, int)[0])
        query = select(CheckpointRow).where(*conditions).order_by(CheckpointRow.size.desc()).limit(limit + 1)
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        shown = rows[:limit]
        return Page(
            items=tuple(map(to_signed, shown)),
            next_cursor=encode_cursor(shown[-1].size) if len(rows) > limit else None,
        )

    async def get_checkpoint(self, *, tenant_id: UUID, size: int | None) -> SignedCheckpoint:
        """Return the checkpoint of this size, or the newest; raises CheckpointNotFoundError."""
        async with self._database.reading() as session:
            row = await _find_checkpoint(session, tenant_id, size)
        if row is None:
            raise CheckpointNotFoundError()
        return to_signed(row)

    def verifier_key(self) -> str:
        """Return the key that every checkpoint is checked by, as notes write it."""
        return str(self._checkpoints.key)


def _conditions(tenant_id: UUID, wanted: EntryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [EntryRow.tenant_id == tenant_id]
    if wanted.start is not None:
        conditions.append(EntryRow.time >= wanted.start)
    if wanted.end is not None:
        conditions.append(EntryRow.time < wanted.end)
    if wanted.act:
        conditions.append(EntryRow.act.startswith(wanted.act, autoescape=True))
    for name in ("actor_id", "person_id", "object_type", "object_id", "outcome"):
        value = getattr(wanted, name)
        if value not in (None, ""):
            conditions.append(getattr(EntryRow, name) == value)
    return conditions


async def _find_row(session: AsyncSession, tenant_id: UUID, entry: UUID | int) -> EntryRow:
    if isinstance(entry, int) and entry > _MOST_INDEX:
        raise EntryNotFoundError()
    this = EntryRow.id == entry if isinstance(entry, UUID) else EntryRow.index == entry
    row = await session.scalar(select(EntryRow).where(EntryRow.tenant_id == tenant_id, this))
    if row is None:
        raise EntryNotFoundError()
    return row


async def _find_checkpoint(session: AsyncSession, tenant_id: UUID, size: int | None) -> CheckpointRow | None:
    query = select(CheckpointRow).where(CheckpointRow.tenant_id == tenant_id)
    if size is not None:
        query = query.where(CheckpointRow.size == size)
    found: CheckpointRow | None = await session.scalar(query.order_by(CheckpointRow.size.desc()).limit(1))
    return found


async def _read_nodes(session: AsyncSession, tenant_id: UUID, compute: Callable[[ReadNode], T]) -> T:
    """Compute something of the tree, after one query for the few tiles that it takes."""
    keys = tiles_for(compute)
    query = select(TileRow.level, TileRow.index, TileRow.hashes).where(
        TileRow.tenant_id == tenant_id, tuple_(TileRow.level, TileRow.index).in_(sorted(keys))
    )
    rows = await session.execute(query) if keys else ()
    # By place, not by name: a row is a tuple, whose ``index`` is a method.
    tiles = {(level, index): hashes for level, index, hashes in rows}
    return compute(reader(tiles))


def _text(hashed: bytes) -> str:
    return base64.b64encode(hashed).decode()
