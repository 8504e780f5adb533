"""What moderation keeps of people: given out, and erased."""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.privacy import ExportFile
from outcry.ports.database import Database, Transaction
from outcry.services.chat.models import MessageRow
from outcry.services.chat.moderation.models import CaseRow, ReportRow, RestraintRow, WordListRow

_IDS_A_STATEMENT = 500


class ModerationTraces:
    """Gives it out and erases it. That somebody moderated stays without a word of theirs, like all acts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return a file with what a person reported and decided, and what held them back; none when that is nothing."""
        async with self._database.reading() as session:
            held = {
                "restraints": await _restraints(session, person_id),
                "reports": await _reports(session, person_id),
                "decisions": await _decisions(session, person_id),
            }
        if not any(held.values()):
            return ()
        return (ExportFile(path="chat/moderation.json", text=json.dumps(held, ensure_ascii=False, indent=2)),)

    async def erase(self, *, person_ids: Sequence[UUID], organisation_ids: Sequence[UUID]) -> int:
        """Erase it of people, with the reports of their messages, and of whole organisations; return the count."""
        changed = 0
        for start in range(0, len(person_ids), _IDS_A_STATEMENT):
            people = person_ids[start : start + _IDS_A_STATEMENT]
            async with self._database.transaction() as transaction:
                changed += await _erase_people(transaction, people)
        for organisation_id in organisation_ids:
            async with self._database.transaction() as transaction:
                gone = delete(WordListRow).where(WordListRow.tenant_id == organisation_id)
                changed += await _count(transaction, gone)
        return changed


async def _erase_people(transaction: Transaction, people: Sequence[UUID]) -> int:
    theirs = select(MessageRow.id).where(MessageRow.author_id.in_(people))
    changed = 0
    for statement in (
        delete(RestraintRow).where(RestraintRow.user_id.in_(people)),
        delete(ReportRow).where(ReportRow.reporter_id.in_(people)),
        delete(ReportRow).where(ReportRow.message_id.in_(theirs)),
        delete(CaseRow).where(CaseRow.author_id.in_(people)),
        update(CaseRow).where(CaseRow.decided_by.in_(people), CaseRow.note != "").values(note=""),
    ):
        changed += await _count(transaction, statement)
    return changed


async def _count(transaction: Transaction, statement: Any) -> int:
    return cast(CursorResult[Any], await transaction.session.execute(statement)).rowcount


async def _restraints(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(RestraintRow).where(RestraintRow.user_id == person_id).order_by(RestraintRow.since)
    return [
        {
            "room_id": str(row.room_id),
            "kind": row.kind,
            "since": row.since.isoformat(),
            "until": row.until and row.until.isoformat(),
        }
        for row in await session.scalars(query)
    ]


async def _reports(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(ReportRow).where(ReportRow.reporter_id == person_id).order_by(ReportRow.at)
    return [
        {"message_id": str(row.message_id), "reason": row.reason, "at": row.at.isoformat()}
        for row in await session.scalars(query)
    ]


async def _decisions(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    query = select(CaseRow).where(CaseRow.decided_by == person_id).order_by(CaseRow.decided_at)
    return [
        {
            "message_id": str(row.message_id),
            "room_id": str(row.room_id),
            "verdict": row.state,
            "note": row.note,
            "at": row.decided_at and row.decided_at.isoformat(),
        }
        for row in await session.scalars(query)
    ]
