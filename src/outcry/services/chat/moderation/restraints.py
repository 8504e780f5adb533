"""What holds somebody back: asked wherever something is said in a room, and wherever somebody comes in."""

import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.models import UNHURRIED, MemberRow, RoomRow
from outcry.services.chat.moderation.errors import BannedError, SlowModeError
from outcry.services.chat.moderation.models import RestraintRow
from outcry.services.chat.rights import Right, require


def require_voice(member: MemberRow, right: Right, now: datetime) -> None:
    """Raise ForbiddenError unless a member's role has a right, SilencedError while they are silenced."""
    require(member, right)
    silence = member.silence()
    if silence is not None:
        silence.check(now)


def keep_pace(room: RoomRow, member: MemberRow, now: datetime) -> None:
    """Raise SlowModeError when a member of a room in slow mode posts again too soon."""
    if not room.slow_s or member.last_posted_at is None or member.role in UNHURRIED:
        return
    wait = member.last_posted_at + timedelta(seconds=room.slow_s) - now
    if wait > timedelta():
        wait_s = math.ceil(wait.total_seconds())
        raise SlowModeError(f"This room is in slow mode. You may post again in {wait_s} s.", wait_s=wait_s)


async def check_ban(session: AsyncSession, room_id: UUID, user_id: UUID, now: datetime) -> None:
    """Raise BannedError for who may not come into a room."""
    row = await session.get(RestraintRow, (room_id, user_id, "ban"))
    if row is not None and row.holds(now):
        raise BannedError()


async def let_in(session: AsyncSession, room_id: UUID, user_id: UUID, now: datetime) -> RestraintRow | None:
    """Return the silence that somebody brings with them into a room; raises BannedError for who may not come in."""
    query = select(RestraintRow).where(RestraintRow.room_id == room_id, RestraintRow.user_id == user_id)
    rows = [row for row in await session.scalars(query) if row.holds(now)]
    if any(row.kind == "ban" for row in rows):
        raise BannedError()
    return next(iter(rows), None)
