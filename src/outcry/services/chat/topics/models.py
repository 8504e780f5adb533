"""Topics of rooms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.contracts import Topic
from outcry.services.chat.models import Base

# What a topic is called whose words are gone.
UNTITLED = "Topic"


class TopicRow(Base):
    """A topic of a room, changed while the room is held. ``titled_by`` is the person whose words the title is.

    ``messages`` counts those that belong to it; the one that it was made from (``message_id``) stays where it was.
    """

    __tablename__ = "topic"
    __table_args__ = (
        Index("topic_room", "room_id", "archived", "last_activity_at"),
        Index("topic_titled_by", "titled_by"),
        Index("topic_started_by", "started_by"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    titled_by: Mapped[UUID | None] = mapped_column(Uuid)
    started_by: Mapped[UUID] = mapped_column(Uuid)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)
    archived: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_activity_at: Mapped[datetime] = mapped_column(Instant)
    messages: Mapped[int] = mapped_column(Integer)

    def to_topic(self) -> Topic:
        """Return the topic as the contracts have it."""
        return Topic(
            id=self.id,
            room_id=self.room_id,
            title=self.title,
            started_by=self.started_by,
            message_id=self.message_id,
            archived=self.archived,
            created_at=self.created_at,
            last_activity_at=self.last_activity_at,
            messages=self.messages,
        )
