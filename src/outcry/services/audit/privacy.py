"""The audit service's part in exports and erasures."""

import json
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import or_, select

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import EntryRow
from outcry.services.audit.views import open_entries
from outcry.services.auth.contracts import AuthFacade

_PAGE = 500


class AuditPersonalData(PersonalData):
    """What a person did and what was done to them. Nothing of it is kept in the clear."""

    def __init__(self, database: Database, auth: AuthFacade, store: LeafStore) -> None:
        self._database = database
        self._auth = auth
        self._store = store

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the entries of what the person did or that are about them, a line each, in every organisation."""
        theirs = or_(EntryRow.actor_id == person_id, EntryRow.person_id == person_id)
        order = select(EntryRow).where(theirs).order_by(EntryRow.id)
        lines: list[str] = []
        after: UUID | None = None
        while True:
            query = order if after is None else order.where(EntryRow.id > after)
            async with self._database.reading() as session:
                rows = list(await session.scalars(query.limit(_PAGE)))
            for entry in await open_entries(self._auth, self._store, rows):
                if entry.person_id not in (person_id, None):
                    # What somebody else's key opens is theirs; that this person did it stays.
                    entry_dict = asdict(entry) | {"opened": {}, "leaf": ""}
                else:
                    entry_dict = asdict(entry)
                if entry.actor_id not in (person_id, None):
                    entry_dict["address"] = ""
                lines.append(json.dumps(entry_dict, ensure_ascii=False, default=str))
            if len(rows) < _PAGE:
                break
            after = rows[-1].id
        return (ExportFile(path="audit/entries.jsonl", text="\n".join(lines) + "\n"),) if lines else ()

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Change nothing: what is personal in an entry is under the person's key, which the auth service destroys.

        A changed leaf would break the proofs of all others. An organisation's log says what was done until its end.
        """
        return 0
