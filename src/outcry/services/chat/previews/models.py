"""The tables of link previews. What a message shows of its links is in its own row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class WishRow(Base):
    """A message whose links somebody has to look at, at ``due_at``.

    Whoever does it claims it first, until ``claimed_until``: after a crash somebody else does. It holds no words.
    """

    __tablename__ = "preview_wish"
    __table_args__ = (Index("preview_wish_due", "due_at"),)

    message_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    # Another one each time that the words change.
    edition: Mapped[UUID] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)


class PageRow(Base):
    """What an organisation's links led to, once however often it is linked; empty where there was nothing to show.

    ``digest`` is the SHA-256 of the link. A ``dropped`` one has no words any more, and waits for its picture to go.
    """

    __tablename__ = "preview_page"
    __table_args__ = (UniqueConstraint("tenant_id", "digest", name="preview_page_once"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    digest: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(String(600))
    site: Mapped[str] = mapped_column(String(120))
    picture_id: Mapped[UUID | None] = mapped_column(Uuid)
    picture_width: Mapped[int] = mapped_column(Integer)
    picture_height: Mapped[int] = mapped_column(Integer)
    fetched_at: Mapped[datetime] = mapped_column(Instant)
    dropped: Mapped[bool] = mapped_column(Boolean)


class UseRow(Base):
    """A message that links to a page. A page without any goes."""

    __tablename__ = "preview_use"
    __table_args__ = (Index("preview_use_page", "page_id"),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    page_id: Mapped[UUID] = mapped_column(ForeignKey("preview_page.id"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)


class SwitchRow(Base):
    """An organisation that has chosen whether its links are looked at."""

    __tablename__ = "preview_switch"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(Instant)
