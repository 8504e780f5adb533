"""Which messages the AI should answer."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.messages.mentions import calls_desk
from outcry.services.chat.models import MessageRow, RoomRow


async def is_question(session: AsyncSession, room: RoomRow, row: MessageRow, *, assistant_here: bool) -> bool:
    """Say whether the AI should answer a new message: it is in the room, and the message is meant for it.

    A message is meant for it that names it (``@desk``) or answers one of its own; in a conversation with it, every one.
    """
    if not assistant_here:
        return False
    if calls_desk(row.mentions):
        return True
    if row.cards or not row.text:
        # What is only shown is no question.
        return False
    return room.kind == "conversation" or await _answers_assistant(session, row)


async def _answers_assistant(session: AsyncSession, row: MessageRow) -> bool:
    if row.quote_id is None or row.quote_room_id != row.room_id:
        return False
    author = await session.scalar(select(MessageRow.author_kind).where(MessageRow.id == row.quote_id))
    return author == "assistant"
