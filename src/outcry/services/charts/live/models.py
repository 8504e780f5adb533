"""How far live bars were written."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.charts.models import Base


class LivePositionRow(Base):
    """Of a symbol that a feed gives: from when on every minute is known, and up to when all that closed was told.

    It is written in the transaction of the events that it speaks of, so each of them is published once.
    """

    __tablename__ = "live_position"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    symbol: Mapped[str] = mapped_column(String(32), primary_key=True)
    known_since: Mapped[datetime] = mapped_column(Instant)
    settled_until: Mapped[datetime] = mapped_column(Instant)
