"""Who shows others nothing of what they read: those who switched receipts off, and those who are invisible now."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.presence.models import StandingRow


async def hiding_people(
    session: AsyncSession, person_ids: Iterable[UUID], now: datetime
) -> frozenset[tuple[UUID, UUID]]:
    """Return the (organisation, person) pairs of these people who hide what they read."""
    invisible = and_(StandingRow.state == "invisible", or_(StandingRow.until.is_(None), StandingRow.until > now))
    query = select(StandingRow.tenant_id, StandingRow.user_id).where(
        StandingRow.user_id.in_(list(person_ids)), or_(StandingRow.receipts.is_(False), invisible)
    )
    return frozenset((row.tenant_id, row.user_id) for row in await session.execute(query))
