"""Notes, in the transaction that changes a message, that the index has to hear of it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.models import MessageRow
from outcry.services.chat.search.models import ChangeRow


def note_message(session: AsyncSession, row: MessageRow) -> None:
    """Note that a message's words are other than before."""
    session.add(ChangeRow(tenant_id=row.tenant_id, room_id=row.room_id, message_id=row.id))


def note_room_gone(session: AsyncSession, *, tenant_id: UUID, room_id: UUID) -> None:
    """Note that a room was deleted with all its messages."""
    session.add(ChangeRow(tenant_id=tenant_id, room_id=room_id))
