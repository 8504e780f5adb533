"""What retention and holds keep of people: given out, and erased."""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Text, delete, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.privacy import ExportFile
from outcry.ports.database import Database
from outcry.services.chat.retention.models import HeldMessageRow, HoldRow, RuleRow

_IDS_A_STATEMENT = 500


class RetentionTraces:
    """A hold outlasts the erasure of people, which is what it is for; not that of the organisation that placed it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, person_id: UUID) -> tuple[ExportFile, ...]:
        """Return a file with what is held of a person and the holds that they placed; none for nothing."""
        async with self._database.reading() as session:
            words = select(HeldMessageRow).where(HeldMessageRow.author_id == person_id)
            placed = select(HoldRow).where(HoldRow.placed_by == person_id).order_by(HoldRow.placed_at)
            held = {
                "held_messages": [
                    {"message_id": str(row.message_id), "room_id": str(row.room_id), "text": row.text} | _theirs(row)
                    for row in await session.scalars(words.order_by(HeldMessageRow.room_id, HeldMessageRow.sequence))
                ],
                "held_reactions": await _reactions(session, person_id),
                "holds_placed": [
                    {"reason": row.reason, "placed_at": row.placed_at.isoformat()}
                    for row in await session.scalars(placed)
                ],
            }
        if not any(held.values()):
            return ()
        return (ExportFile(path="chat/holds.json", text=json.dumps(held, ensure_ascii=False, indent=2)),)

    async def erase(self, *, person_ids: Sequence[UUID], organisation_ids: Sequence[UUID]) -> int:
        """Erase the reasons that people gave, and all of whole organisations; return how many rows changed."""
        statements: list[Any] = []
        for start in range(0, len(person_ids), _IDS_A_STATEMENT):
            people = person_ids[start : start + _IDS_A_STATEMENT]
            theirs = update(HoldRow).where(HoldRow.placed_by.in_(people), HoldRow.reason != "")
            statements.append(theirs.values(reason=""))
        for organisation_id in organisation_ids:
            statements += [
                delete(table).where(table.tenant_id == organisation_id) for table in (RuleRow, HoldRow, HeldMessageRow)
            ]
        changed = 0
        for statement in statements:
            async with self._database.transaction() as transaction:
                done = await transaction.session.execute(statement)
                changed += cast(CursorResult[Any], done).rowcount
        return changed


def _theirs(row: HeldMessageRow) -> dict[str, Any]:
    """Return what a message had besides its text; what others put on it is theirs."""
    return {name: value for name, value in row.record.items() if name != "reactions"}


async def _reactions(session: AsyncSession, person_id: UUID) -> list[dict[str, Any]]:
    """Return what a person had put on messages that are held."""
    named = cast_to(HeldMessageRow.record, Text).contains(str(person_id))
    query = select(HeldMessageRow).where(named).order_by(HeldMessageRow.room_id, HeldMessageRow.sequence)
    return [
        {"message_id": str(row.message_id), "room_id": str(row.room_id), "emoji": each["emoji"], "at": each["at"]}
        for row in await session.scalars(query)
        for each in row.record.get("reactions", ())
        if each["person_id"] == str(person_id)
    ]
