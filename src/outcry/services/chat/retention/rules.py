"""How many days a room keeps messages, by its own rule or the organisation's."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.retention.models import EVERYWHERE, RuleRow

FOR_GOOD = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """``own`` is the room's, None where it has none; ``usual`` the organisation's. 0 is for good."""

    own: int | None
    usual: int

    @property
    def days(self) -> int:
        """What holds."""
        return self.usual if self.own is None else self.own


async def rule_of(session: AsyncSession, tenant_id: UUID, room_id: UUID) -> Rule:
    """Return the rule of a room."""
    query = select(RuleRow).where(RuleRow.tenant_id == tenant_id, RuleRow.room_id.in_((room_id, EVERYWHERE)))
    days = {row.room_id: row.days for row in await session.scalars(query)}
    return Rule(own=days.get(room_id), usual=days.get(EVERYWHERE, FOR_GOOD))
