"""The tables of what is done with messages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class VersionRow(Base):
    """A text that a message had before an edit: ``number`` 1 is what was posted, written at ``written_at``."""

    __tablename__ = "message_version"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    written_at: Mapped[datetime] = mapped_column(Instant)


class ReactionRow(Base):
    """An emoji that somebody put on a message. The message's own row has the counts."""

    __tablename__ = "message_reaction"
    __table_args__ = (Index("reaction_person", "user_id"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    emoji: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    reacted_at: Mapped[datetime] = mapped_column(Instant)


class MentionRow(Base):
    """Somebody whom a message names, once however often it does; HERE_ID for everybody in the room."""

    __tablename__ = "message_mention"
    __table_args__ = (Index("mention_person", "person_id", "room_id", "sequence"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    sequence: Mapped[int] = mapped_column(Integer)
