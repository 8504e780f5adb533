"""The table of messages that are sent later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class LaterRow(Base):
    """A message that waits for its time, or could not be sent then; one that was sent has no row any more.

    Whoever sends it claims it first, until ``claimed_until``: after a crash somebody else does. It is posted under a
    client id made of its id, so that even then it is posted once.
    """

    __tablename__ = "later"
    __table_args__ = (Index("later_due", "state", "due_at"), Index("later_person", "user_id"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(Uuid)
    topic_id: Mapped[UUID | None] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    quote_id: Mapped[UUID | None] = mapped_column(Uuid)
    due_at: Mapped[datetime] = mapped_column(Instant)
    zone: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(20))
    problem: Mapped[str] = mapped_column(String(300))
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
