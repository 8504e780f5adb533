"""Links that let somebody into a room."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.models import Base


class LinkRow(Base):
    """A link to a room. ``token_hash`` is the SHA-256 of its token, which is shown once, to who made it."""

    __tablename__ = "room_link"
    __table_args__ = (Index("room_link_room", "room_id"), Index("room_link_made_by", "made_by"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    guests: Mapped[bool] = mapped_column(Boolean)
    made_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    most_uses: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    def is_open(self, now: datetime) -> bool:
        """Say whether the link may still be used."""
        used_up = self.most_uses is not None and self.uses >= self.most_uses
        return self.revoked_at is None and self.expires_at > now and not used_up
