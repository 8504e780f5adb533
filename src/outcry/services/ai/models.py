"""The AI service's tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.ports.database import Instant


class Base(DeclarativeBase):
    """The tables of the AI service."""


class ReplyRow(Base):
    """A question that wants a reply: one row a question, kept when it is done.

    ``round`` grows each time the question is asked again, so that what belongs to an earlier round is known as such.
    ``tries`` counts how often the reply was begun in this round. ``message_id`` and ``version`` are the reply's.
    """

    __tablename__ = "reply"
    __table_args__ = (Index("reply_open", "status"),)

    question_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(20))
    round: Mapped[int] = mapped_column(Integer)
    tries: Mapped[int] = mapped_column(Integer)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)
    version: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ModelServerRow(Base):
    """An organisation's model server. The key is sealed; ``key_hint`` is what may be shown of it."""

    __tablename__ = "model_server"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    base_url: Mapped[str] = mapped_column(String(500))
    model: Mapped[str] = mapped_column(String(200))
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_hint: Mapped[str] = mapped_column(String(20))
    private_allowed: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[UUID] = mapped_column(Uuid)
