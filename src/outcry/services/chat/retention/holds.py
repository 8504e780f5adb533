"""Whether words must stay, and where they are kept then: asked by whatever takes words away."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.messages.models import ReactionRow, VersionRow
from outcry.services.chat.models import MessageRow
from outcry.services.chat.retention.models import EVERYWHERE, HeldMessageRow, HoldRow


async def is_held(session: AsyncSession, tenant_id: UUID, room_id: UUID) -> bool:
    """Say whether a room, or its whole organisation, is under a hold."""
    return (await session.scalars(_holds_on(tenant_id, room_id).limit(1))).first() is not None


def under_hold(tenant_id: SQLColumnExpression[UUID], room_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Return the condition that the room of a row, by these columns of it, is under a hold."""
    of_room = or_(HoldRow.room_id == room_id, HoldRow.room_id == EVERYWHERE)
    return exists().where(HoldRow.tenant_id == tenant_id, of_room).correlate_except(HoldRow)


async def keep_if_held(session: AsyncSession, row: MessageRow) -> None:
    """Keep a copy of what a message says that is about to lose it, where a hold asks for that.

    The hold cannot be lifted before this is committed, so that lifting it finds the copy.
    """
    if not (row.text or row.cards or row.answer or row.files):
        return
    holds = _holds_on(row.tenant_id, row.room_id).with_for_update(read=True)
    if not (await session.scalars(holds)).all():
        return
    kept = HeldMessageRow(
        message_id=row.id,
        tenant_id=row.tenant_id,
        room_id=row.room_id,
        sequence=row.sequence,
        author_id=row.author_id,
        text=row.text,
        record=await _record_of(session, row),
        written_at=row.edited_at or row.created_at,
    )
    await session.merge(kept)


def _holds_on(tenant_id: UUID, room_id: UUID) -> Select[UUID]:
    return select(HoldRow.room_id).where(HoldRow.tenant_id == tenant_id, HoldRow.room_id.in_((room_id, EVERYWHERE)))


async def _record_of(session: AsyncSession, row: MessageRow) -> dict[str, Any]:
    """Return what there is of a message besides its text, without what is empty."""
    versions = select(VersionRow).where(VersionRow.message_id == row.id).order_by(VersionRow.number)
    reactions = select(ReactionRow).where(ReactionRow.message_id == row.id)
    record = {
        "cards": row.cards,
        "answer": row.answer,
        "files": row.files,
        "versions": [
            {"text": version.text, "written_at": version.written_at.isoformat()}
            for version in await session.scalars(versions)
        ],
        "reactions": [
            {"emoji": each.emoji, "person_id": str(each.user_id), "at": each.reacted_at.isoformat()}
            for each in await session.scalars(reactions.order_by(ReactionRow.reacted_at, ReactionRow.user_id))
        ],
    }
    return {name: value for name, value in record.items() if value}
