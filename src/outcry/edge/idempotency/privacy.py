"""The edge's part in exports and erasures: the answers that are kept for a day."""

import json
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select

from outcry.edge.idempotency.models import KeyedRequestRow
from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database


class KeptAnswers(PersonalData):
    """Which calls of a person came with a key. What they were answered is in the services, which give it out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return when the calls came and how they ended. The answers may tell of others, and are left out."""
        row = KeyedRequestRow
        query = (
            select(row.tenant_id, row.begun_at, row.state, row.status)
            .where(row.person_id == person_id)
            .order_by(row.begun_at)
        )
        async with self._database.reading() as session:
            calls = [found._asdict() for found in await session.execute(query)]
        text = "".join(json.dumps(call, default=str) + "\n" for call in calls)
        return (ExportFile(path="edge/keyed_requests.jsonl", text=text),) if calls else ()

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove every call of these people, and of these organisations."""
        row = KeyedRequestRow
        theirs = delete(row).where(or_(row.person_id.in_(person_ids), row.tenant_id.in_(organisation_ids)))
        async with self._database.transaction() as transaction:
            return cast(CursorResult[Any], await transaction.session.execute(theirs)).rowcount
