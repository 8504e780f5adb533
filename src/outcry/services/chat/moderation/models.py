"""The tables of moderation: who is held back in a room, which words are not wanted, what was reported."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base

# In place of a room's id: the list of the whole organisation.
EVERYWHERE = UUID(int=0)
# In place of a person's id: a message that the list of words put into the review queue.
BY_WORDS = UUID(int=0)


class RestraintRow(Base):
    """What holds somebody back in a room: a ``silence`` or a ``ban``. It stays when they leave, and come again.

    A member's own row repeats their silence, so that posting needs to look nowhere else.
    """

    __tablename__ = "room_restraint"
    __table_args__ = (Index("restraint_person", "user_id"),)

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    by: Mapped[UUID] = mapped_column(Uuid)

    def holds(self, now: datetime) -> bool:
        """Say whether it is not over."""
        return self.until is None or self.until > now


class WordListRow(Base):
    """The words of a room, or of EVERYWHERE in the organisation: each its text, its ``words`` folded, its action."""

    __tablename__ = "word_list"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    entries: Mapped[list[Any]] = mapped_column(JSON)
    changed_by: Mapped[UUID] = mapped_column(Uuid)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class CaseRow(Base):
    """A message that somebody has to look at, and what they decided."""

    __tablename__ = "review_case"
    __table_args__ = (Index("case_queue", "tenant_id", "state", "opened_at"), Index("case_decided_by", "decided_by"))

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    author_id: Mapped[UUID] = mapped_column(Uuid)
    state: Mapped[str] = mapped_column(String(20))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(300), default="")


class ReportRow(Base):
    """That somebody reported a message, or BY_WORDS, and why."""

    __tablename__ = "message_report"
    __table_args__ = (Index("report_person", "reporter_id"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    reporter_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(Instant)
