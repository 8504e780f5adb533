"""Counts what is unread: one statement for all rooms that are asked for, and none when a message is posted."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.models import MemberRow, MessageRow, RoomRow
from outcry.services.chat.receipts.contracts import Unread
from outcry.services.chat.receipts.models import ReadingRow

# What is longer ago than so many messages is not counted: who sees "999+" does not need the figure behind it.
MOST_COUNTED = 1_000
# A message that has lost its words is nothing to read.
GONE = ("erased",)


async def unread_of(
    session: AsyncSession, tenant_id: UUID, person_id: UUID, *, room_ids: Iterable[UUID] | None = None
) -> tuple[Unread, ...]:
    """Return how a person's rooms stand for them, all or some; a room that they are not in is left out.

    The index over (room, sequence) makes it cost as much as there are unread messages, not as there are messages.
    """
    query = (
        select(
            MemberRow.room_id,
            func.coalesce(ReadingRow.read, 0).label("read"),
            (RoomRow.next_sequence - 1).label("last"),
            func.count(MessageRow.id).label("unread"),
            func.min(MessageRow.sequence).label("first"),
        )
        .join(RoomRow, RoomRow.id == MemberRow.room_id)
        .outerjoin(ReadingRow, _same_member())
        .outerjoin(MessageRow, _unread_message())
        .where(MemberRow.user_id == person_id, MemberRow.tenant_id == tenant_id, RoomRow.tenant_id == tenant_id)
        .group_by(MemberRow.room_id, ReadingRow.read, RoomRow.next_sequence)
    )
    if room_ids is not None:
        query = query.where(MemberRow.room_id.in_(list(room_ids)))
    rows = await session.execute(query)
    return tuple(
        Unread(room_id=row.room_id, read=row.read, last=row.last, unread=row.unread, first=row.first) for row in rows
    )


def _same_member() -> ColumnElement[bool]:
    return and_(ReadingRow.room_id == MemberRow.room_id, ReadingRow.user_id == MemberRow.user_id)


def _unread_message() -> ColumnElement[bool]:
    read, oldest = func.coalesce(ReadingRow.read, 0), RoomRow.next_sequence - 1 - MOST_COUNTED
    return and_(
        MessageRow.room_id == MemberRow.room_id,
        # One bound, so that the index is entered at it.
        MessageRow.sequence > case((read > oldest, read), else_=oldest),
        MessageRow.created_at >= MemberRow.joined_at,
        MessageRow.author_id != MemberRow.user_id,
        MessageRow.status.not_in(GONE),
    )
