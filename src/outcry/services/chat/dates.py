"""Where in a room a moment is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.models import MessageRow
from outcry.services.chat.topics.streams import Stream, in_stream


async def first_since(
    session: AsyncSession, room_id: UUID, moment: datetime, *, end: int, stream: Stream = None
) -> int:
    """Return the sequence of the first message of a stream that was not posted before a moment, ``end`` when all were.

    ``end`` is the sequence that the room gives out next. Messages are posted in the order of their sequence, so it is
    looked for by halves: some twenty looks into the index of a room with a million messages.
    """
    low, high, first = 1, end, end
    while low < high:
        middle = (low + high) // 2
        query = (
            select(MessageRow.sequence, MessageRow.created_at)
            .where(MessageRow.room_id == room_id, MessageRow.sequence >= middle, in_stream(stream))
            .order_by(MessageRow.sequence)
            .limit(1)
        )
        found = (await session.execute(query)).first()
        if found is None or found.created_at >= moment:
            high, first = middle, found.sequence if found else first
        else:
            low = found.sequence + 1
    return first
