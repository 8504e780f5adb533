"""The tables of receipts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Integer, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class ReadingRow(Base):
    """How far a member has read a room's main stream; without a row, everything since they joined is unread.

    ``shown_read`` and ``shown_delivered`` are what others may see of it: they stand still while the person shows no
    receipts or is invisible. A membership that ends takes the row with it.
    """

    __tablename__ = "reading"
    __table_args__ = (
        ForeignKeyConstraint(("room_id", "user_id"), ("member.room_id", "member.user_id"), ondelete="CASCADE"),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    read: Mapped[int] = mapped_column(Integer)
    shown_read: Mapped[int] = mapped_column(Integer)
    shown_delivered: Mapped[int] = mapped_column(Integer)


class TopicReadingRow(Base):
    """The same of one of the room's topics; without a row, everything in it since they joined is unread."""

    __tablename__ = "topic_reading"
    __table_args__ = (
        ForeignKeyConstraint(("room_id", "user_id"), ("member.room_id", "member.user_id"), ondelete="CASCADE"),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    read: Mapped[int] = mapped_column(Integer)
    shown_read: Mapped[int] = mapped_column(Integer)


class DeliveryRow(Base):
    """Up to where one device of a member has a room's messages. A device is a session, or the key of a program."""

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(("room_id", "user_id"), ("member.room_id", "member.user_id"), ondelete="CASCADE"),
    )

    room_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    device_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    delivered: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)
