"""Whether words must stay, and where they are kept then: asked by whatever takes words away."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.messages.models import VersionRow
from outcry.services.chat.models import MessageRow
from outcry.services.chat.retention.models import EVERYWHERE, HeldMessageRow, HoldRow


async def is_held(session: AsyncSession, tenant_id: UUID, room_id: UUID) -> bool:
    """Say whether a room, or its whole organisation, is under a hold."""
    query = select(HoldRow.room_id).where(HoldRow.tenant_id == tenant_id, HoldRow.room_id.in_((room_id, EVERYWHERE)))
    return (await session.scalars(query.limit(1))).first() is not None


async def keep_if_held(session: AsyncSession, row: MessageRow) -> None:
    """Keep a copy of what a message says that is about to lose it, where a hold asks for that."""
    if not (row.text or row.cards or row.answer) or not await is_held(session, row.tenant_id, row.room_id):
        return
    versions = select(VersionRow).where(VersionRow.message_id == row.id).order_by(VersionRow.number)
    record: dict[str, Any] = {
        "cards": row.cards,
        "answer": row.answer,
        "versions": [
            {"text": version.text, "written_at": version.written_at.isoformat()}
            for version in await session.scalars(versions)
        ],
    }
    kept = HeldMessageRow(
        message_id=row.id,
        tenant_id=row.tenant_id,
        room_id=row.room_id,
        sequence=row.sequence,
        author_id=row.author_id,
        text=row.text,
        record={name: value for name, value in record.items() if value},
        written_at=row.edited_at or row.created_at,
    )
    await session.merge(kept)


async def let_go(session: AsyncSession, tenant_id: UUID) -> None:
    """Delete the copies of what no hold of an organisation asks to keep any more."""
    held = set(await session.scalars(select(HoldRow.room_id).where(HoldRow.tenant_id == tenant_id)))
    if EVERYWHERE in held:
        return
    freed = delete(HeldMessageRow).where(HeldMessageRow.tenant_id == tenant_id)
    await session.execute(freed.where(HeldMessageRow.room_id.not_in(held)) if held else freed)
