"""What is kept of how people are told, given out and erased with them."""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.privacy import ExportFile
from outcry.ports.database import Database
from outcry.services.chat.notifying.models import ChoiceRow, NoticeRow

_IDS_A_STATEMENT = 500


class NoticeTraces:
    """A part of the service's PersonalData."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return a file with what a person chose, and what they are still to be told by mail; none for nothing."""
        async with self._database.reading() as session:
            choices = list(await session.scalars(select(ChoiceRow).where(ChoiceRow.user_id == person_id)))
            notices = list(await session.scalars(select(NoticeRow).where(NoticeRow.user_id == person_id)))
        if not (choices or notices):
            return ()
        held = {
            "chosen": [_choice(row) for row in choices],
            "to_be_mailed": [
                {"message_id": str(row.message_id), "names_you": row.called, "at": row.due_at.isoformat()}
                for row in notices
            ],
        }
        return (ExportFile(path="chat/notifications.json", text=json.dumps(held, ensure_ascii=False, indent=2)),)

    async def erase(self, *, person_ids: Sequence[UUID], organisation_ids: Sequence[UUID]) -> int:
        """Erase it of people and of whole organisations; return how many rows went."""
        changed = 0
        ids = [*person_ids, *organisation_ids]
        for start in range(0, len(ids), _IDS_A_STATEMENT):
            some = ids[start : start + _IDS_A_STATEMENT]
            async with self._database.transaction() as transaction:
                for table in (NoticeRow, ChoiceRow):
                    gone = delete(table).where(or_(table.user_id.in_(some), table.tenant_id.in_(some)))
                    changed += cast(CursorResult[Any], await transaction.session.execute(gone)).rowcount
        return changed


async def forget_choice(session: AsyncSession, tenant_id: UUID, person_id: UUID) -> None:
    """Forget how somebody is told in an organisation that they are no longer in."""
    for table in (NoticeRow, ChoiceRow):
        await session.execute(delete(table).where(table.tenant_id == tenant_id, table.user_id == person_id))


def _choice(row: ChoiceRow) -> dict[str, Any]:
    return {
        "organisation_id": str(row.tenant_id),
        "zone": row.zone,
        "quiet_start": row.quiet_start,
        "quiet_end": row.quiet_end,
        "mail": row.mail,
        "mail_after": row.mail_after,
        "mailed_at": row.mailed_at and row.mailed_at.isoformat(),
    }
