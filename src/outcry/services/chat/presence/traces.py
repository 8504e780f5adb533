"""What is kept of people beside their words: what they chose to be, what they read, and what reached their devices."""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.privacy import ExportFile
from outcry.ports.database import Database
from outcry.services.chat.presence.models import StandingRow
from outcry.services.chat.receipts.models import DeliveryRow, ReadingRow, TopicReadingRow

_IDS_A_STATEMENT = 500


class Traces:
    """Gives them out, and erases them; those of a room go with the membership too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return a file with all that is held of a person, none when that is nothing."""
        async with self._database.reading() as session:
            standings = (await session.scalars(select(StandingRow).where(StandingRow.user_id == person_id))).all()
            readings = (await session.scalars(select(ReadingRow).where(ReadingRow.user_id == person_id))).all()
            topics = (await session.scalars(select(TopicReadingRow).where(TopicReadingRow.user_id == person_id))).all()
            deliveries = (await session.scalars(select(DeliveryRow).where(DeliveryRow.user_id == person_id))).all()
        if not (standings or readings or topics or deliveries):
            return ()
        held = {
            "chosen": [_standing(row) for row in standings],
            "read": [{"room_id": str(row.room_id), "up_to": row.read, "shown": row.shown_read} for row in readings],
            "read_topics": [
                {"topic_id": str(row.topic_id), "up_to": row.read, "shown": row.shown_read} for row in topics
            ],
            "delivered": [
                {
                    "room_id": str(row.room_id),
                    "session_id": str(row.device_id),
                    "up_to": row.delivered,
                    "at": row.at.isoformat(),
                }
                for row in deliveries
            ],
        }
        return (ExportFile(path="chat/presence.json", text=json.dumps(held, ensure_ascii=False, indent=2)),)

    async def erase(self, *, person_ids: Sequence[UUID], organisation_ids: Sequence[UUID]) -> int:
        """Erase it of people and of whole organisations; return how many rows went."""
        changed = 0
        ids = [*person_ids, *organisation_ids]
        for start in range(0, len(ids), _IDS_A_STATEMENT):
            some = ids[start : start + _IDS_A_STATEMENT]
            async with self._database.transaction() as transaction:
                for table in (StandingRow, ReadingRow, TopicReadingRow, DeliveryRow):
                    gone = delete(table).where(or_(table.user_id.in_(some), table.tenant_id.in_(some)))
                    changed += cast(CursorResult[Any], await transaction.session.execute(gone)).rowcount
        return changed


async def forget_standing(session: AsyncSession, tenant_id: UUID, person_id: UUID) -> None:
    """Forget what somebody chose to be in an organisation that they are no longer in."""
    await session.execute(
        delete(StandingRow).where(StandingRow.tenant_id == tenant_id, StandingRow.user_id == person_id)
    )


def _standing(row: StandingRow) -> dict[str, Any]:
    return {
        "organisation_id": str(row.tenant_id),
        "state": row.state,
        "until": row.until and row.until.isoformat(),
        "text": row.text,
        "emoji": row.emoji,
        "receipts": row.receipts,
    }
