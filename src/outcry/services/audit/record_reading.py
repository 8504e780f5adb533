"""Reads a record as it was at any time, from the log."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from outcry.ports.database import Database
from outcry.services.audit.errors import EntryNotFoundError
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import EntryRow
from outcry.services.audit.records import Record, replay
from outcry.services.auth.contracts import AuthFacade, SealedText


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """A record as it was. ``closed`` names what is sealed under the key of somebody who was erased.

    It is of ``versions`` changes, told by the entries ``first`` to ``index``, the last of them made at ``time``.
    """

    object_type: str
    object_id: str
    versions: int
    first: int
    index: int
    time: datetime
    fields: dict[str, str]
    closed: tuple[str, ...]


class RecordQueries:
    """Makes records again."""

    def __init__(self, *, database: Database, auth: AuthFacade, store: LeafStore) -> None:
        self._database = database
        self._auth = auth
        self._store = store

    async def get_record(
        self, *, tenant_id: UUID, object_type: str, object_id: str, at: datetime | None
    ) -> AuditRecord:
        """Return a record as it was at a time, else as it is; raises EntryNotFoundError where there was none."""
        query = (
            select(EntryRow)
            .where(
                EntryRow.tenant_id == tenant_id,
                EntryRow.object_type == object_type,
                EntryRow.object_id == object_id,
                EntryRow.outcome == "done",
            )
            .order_by(EntryRow.index)
        )
        if at is not None:
            query = query.where(EntryRow.time <= at)
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        leaves = [json.loads(leaf) for leaf in await self._store.leaves_of(rows) if leaf]
        record = replay(leaves, object_type=object_type, object_id=object_id, at=at)
        if record.time is None:
            raise EntryNotFoundError("The log has nothing about this, at least not until then.")
        opened = await self._open(record)
        return AuditRecord(
            object_type=object_type,
            object_id=object_id,
            versions=record.versions,
            first=record.first,
            index=record.index,
            time=record.time,
            fields=record.fields | {name: text for name, text in opened.items() if text is not None},
            closed=tuple(sorted(name for name, text in opened.items() if text is None)),
        )

    async def _open(self, record: Record) -> dict[str, str | None]:
        items = tuple(SealedText(person_id=one.person_id, sealed=one.sealed) for one in record.sealed.values())
        opened = await self._auth.open_for_people(items=items) if items else ()
        return dict(zip(record.sealed, opened, strict=True))
