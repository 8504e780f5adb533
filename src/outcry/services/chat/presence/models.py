"""The tables of presence."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class StandingRow(Base):
    """What a person chose to be in an organisation. Whether they are connected is in no table."""

    __tablename__ = "standing"
    __table_args__ = (Index("standing_person", "user_id"),)

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    until: Mapped[datetime | None] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(String(100))
    emoji: Mapped[str] = mapped_column(String(40))
    receipts: Mapped[bool] = mapped_column(Boolean)
