"""Duties as a person sees them, and the events that tell of them."""

from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.ports.database import Transaction
from outcry.services.ai.duties.contracts import Duty, DutyState
from outcry.services.ai.duties.errors import DutyNotFoundError
from outcry.services.ai.duties.models import DutyRow
from outcry.services.ai.duties.schedule import Schedule
from outcry.services.ai.events import DutyChanged


def schedule_of(row: DutyRow) -> Schedule:
    """Return when a duty is due."""
    return Schedule(row.days, row.minute, row.zone)


def to_duty(row: DutyRow, *, mine: bool) -> Duty:
    """Return a duty as the contracts have it."""
    schedule = schedule_of(row)
    return Duty(
        id=row.id,
        room_id=row.room_id,
        made_by=row.made_by,
        days=schedule.day_numbers,
        at=schedule.at,
        zone=row.zone,
        quiet=row.quiet,
        state=cast(DutyState, row.state),
        problem=row.problem,
        next_at=row.due_at if row.state == "active" else None,
        mine=mine,
    )


async def duties_of(session: AsyncSession, tenant_id: UUID, room_id: UUID) -> list[DutyRow]:
    """Return a room's duties in the order in which they were given."""
    query = select(DutyRow).where(DutyRow.room_id == room_id, DutyRow.tenant_id == tenant_id)
    return list(await session.scalars(query.order_by(DutyRow.made_at, DutyRow.id)))


async def duty_of(session: AsyncSession, tenant_id: UUID, room_id: UUID, duty_id: UUID) -> DutyRow:
    """Hold a duty of a room until the transaction ends; raises DutyNotFoundError."""
    query = select(DutyRow).where(DutyRow.id == duty_id, DutyRow.room_id == room_id, DutyRow.tenant_id == tenant_id)
    row: DutyRow | None = await session.scalar(query.with_for_update())
    if row is None:
        raise DutyNotFoundError()
    return row


def tell(transaction: Transaction, row: DutyRow, act: str, *, by: UUID | None) -> None:
    """Publish what became of a duty; it carries nobody's words."""
    event = DutyChanged(duty_id=row.id, room_id=row.room_id, act=act, when=f"{schedule_of(row).describe()}, {row.zone}")
    transaction.publish(event, tenant_id=row.tenant_id, key=str(row.room_id), actor_id=by)
