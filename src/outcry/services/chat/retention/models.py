"""The tables of retention: how long rooms keep messages, what must not go, and what is kept of what went."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base

# In place of a room's id: the whole organisation.
EVERYWHERE = UUID(int=0)


class RuleRow(Base):
    """How many days a room keeps messages, or by default EVERYWHERE in the organisation; 0 is for good."""

    __tablename__ = "retention_rule"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    days: Mapped[int] = mapped_column(Integer)
    changed_by: Mapped[UUID] = mapped_column(Uuid)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class HoldRow(Base):
    """A legal hold of a room, or EVERYWHERE in the organisation: as long as it is there, no words go."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("hold_placed_by", "placed_by"),)

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
    placed_by: Mapped[UUID] = mapped_column(Uuid)
    placed_at: Mapped[datetime] = mapped_column(Instant)


class HeldMessageRow(Base):
    """What a message said when it was taken away under a hold. It shows nowhere, and goes with its room's last hold.

    ``record`` has what was there besides the text: charts, the answer, files, earlier versions, reactions. The rows of
    its files are marked as held.
    """

    __tablename__ = "held_message"
    __table_args__ = (Index("held_room", "tenant_id", "room_id", "sequence"), Index("held_author", "author_id"))

    message_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    sequence: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_at: Mapped[datetime] = mapped_column(Instant)


class SweepRow(Base):
    """Until when one process has the work of removing what is too old, in one row of id 1."""

    __tablename__ = "retention_sweep"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    claimed_until: Mapped[datetime] = mapped_column(Instant)
