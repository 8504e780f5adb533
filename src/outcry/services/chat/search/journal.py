"""Notes, in the transaction that changes a message, that the index has to hear of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.models import MessageRow
from outcry.services.chat.search.models import ChangeRow


def note_message(session: AsyncSession, row: MessageRow) -> None:
    """Note that a message's words are other than before."""
    session.add(ChangeRow(tenant_id=row.tenant_id, room_id=row.room_id, message_id=row.id))


async def note_posted(session: AsyncSession, rows: Sequence[MessageRow]) -> None:
    """Note that messages are new, all in one statement."""
    changes = [{"tenant_id": row.tenant_id, "room_id": row.room_id, "message_id": row.id} for row in rows]
    if changes:
        await session.execute(insert(ChangeRow), changes)


def note_room_gone(session: AsyncSession, *, tenant_id: UUID, room_id: UUID) -> None:
    """Note that a room was deleted with all its messages."""
    session.add(ChangeRow(tenant_id=tenant_id, room_id=room_id))
