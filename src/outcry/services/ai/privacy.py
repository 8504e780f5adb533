"""The AI service's part in exports and erasures. What is said of or to people is the chat service's."""

import json
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update

from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.database import Database
from outcry.services.ai.duties.models import DutyRow
from outcry.services.ai.duties.store import schedule_of
from outcry.services.ai.models import ModelServerRow, ReplyRow

NOBODY = UUID(int=0)


class AiPersonalData(PersonalData):
    """Model servers that a person set, duties that they gave; an organisation's replies under way, and its server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return the model servers that the person set, without their keys, and what they told the AI to do."""
        async with self._database.reading() as session:
            rows = list(await session.scalars(select(ModelServerRow).where(ModelServerRow.changed_by == person_id)))
        servers = [
            {
                "organisation_id": str(row.tenant_id),
                "base_url": row.base_url,
                "model": row.model,
                "changed_at": row.changed_at.isoformat(),
            }
            for row in rows
        ]
        duties = await self._duties(person_id)
        text = json.dumps({"model_servers_you_set": servers}, ensure_ascii=False, indent=2)
        files = [ExportFile(path="ai/model_servers.json", text=text)] if servers else []
        if duties:
            files.append(ExportFile(path="ai/duties.json", text=json.dumps(duties, ensure_ascii=False, indent=2)))
        return tuple(files)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        """Remove the organisations' rows, and the people's ids from what others keep."""
        changed = 0
        async with self._database.transaction() as transaction:
            for statement in (
                delete(ReplyRow).where(ReplyRow.tenant_id.in_(organisation_ids)),
                delete(DutyRow).where(DutyRow.tenant_id.in_(organisation_ids) | DutyRow.made_by.in_(person_ids)),
                delete(ModelServerRow).where(ModelServerRow.tenant_id.in_(organisation_ids)),
                update(ModelServerRow).where(ModelServerRow.changed_by.in_(person_ids)).values(changed_by=NOBODY),
            ):
                changed += cast(CursorResult[Any], await transaction.session.execute(statement)).rowcount
        return changed

    async def _duties(self, person_id: UUID) -> list[dict[str, Any]]:
        async with self._database.reading() as session:
            rows = await session.scalars(select(DutyRow).where(DutyRow.made_by == person_id).order_by(DutyRow.made_at))
            return [
                {
                    "room_id": str(row.room_id),
                    "when": schedule_of(row).describe(),
                    "zone": row.zone,
                    "state": row.state,
                    "given_at": row.made_at.isoformat(),
                }
                for row in rows
            ]
