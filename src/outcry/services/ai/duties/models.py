"""The table of duties."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.ai.models import Base


class DutyRow(Base):
    """A summary that a room gets again and again, as somebody told the assistant.

    ``days`` has a bit a day of the week, the lowest one Monday's; ``minute`` counts from midnight in ``zone``. What was
    said up to ``covered_until`` has been summarised. Whoever runs it claims it first, until ``claimed_until``: after a
    crash somebody else does. ``question_id`` is the message whose words proposed it, None of one given by the form.
    """

    __tablename__ = "duty"
    __table_args__ = (Index("duty_due", "state", "due_at"), Index("duty_room", "room_id"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    made_by: Mapped[UUID] = mapped_column(Uuid)
    question_id: Mapped[UUID | None] = mapped_column(Uuid)
    days: Mapped[int] = mapped_column(Integer)
    minute: Mapped[int] = mapped_column(Integer)
    zone: Mapped[str] = mapped_column(String(64))
    quiet: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20))
    problem: Mapped[str] = mapped_column(String(300))
    due_at: Mapped[datetime] = mapped_column(Instant)
    covered_until: Mapped[datetime] = mapped_column(Instant)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
