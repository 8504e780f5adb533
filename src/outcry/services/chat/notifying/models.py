"""The tables of notices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class ChoiceRow(Base):
    """How a person of an organisation is told of what is new. Quiet hours are minutes of the day in their zone.

    ``token`` stands in each of their mails and switches mails off, and can do nothing else: so it is kept as it is,
    and stays the same, that the link in an old mail works too.

    Whoever mails claims the row first, until ``claimed_until``: after a crash somebody else does, under the same
    ``mail_id``, by which a mail that had gone out already can be recognised.
    """

    __tablename__ = "notice_choice"
    __table_args__ = (
        Index("notice_choice_person", "user_id"),
        Index("notice_choice_token", "token", unique=True),
    )

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    zone: Mapped[str] = mapped_column(String(64))
    quiet_start: Mapped[int | None] = mapped_column(Integer)
    quiet_end: Mapped[int | None] = mapped_column(Integer)
    mail: Mapped[str] = mapped_column(String(20))
    mail_after: Mapped[int] = mapped_column(Integer)
    token: Mapped[str] = mapped_column(String(64))
    mail_id: Mapped[UUID | None] = mapped_column(Uuid)
    mailed_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)


class NoticeRow(Base):
    """A message that somebody is to hear of by mail at ``due_at``, unless they have read it by then.

    ``called`` says that it names them, or was said to them alone.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("notice_due", "due_at"), Index("notice_message", "message_id"))

    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    called: Mapped[bool] = mapped_column(Boolean)
    due_at: Mapped[datetime] = mapped_column(Instant)
