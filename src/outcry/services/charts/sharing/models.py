"""The tables of shared charts."""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.kit.market import Timeframe
from outcry.ports.database import Instant
from outcry.services.charts.models import Base
from outcry.services.charts.sharing.contracts import Audience, ChartSnapshot, Share

SNAPSHOT = TypeAdapter(ChartSnapshot)


class ShareRow(Base):
    """A shared chart. ``token_hash`` is the SHA-256 of its link's token; one that stands in a room has none."""

    __tablename__ = "share"
    __table_args__ = (Index("share_owner", "owner_id"), Index("share_tenant", "tenant_id", "created_at"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    owner_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(String(120))
    symbol: Mapped[str] = mapped_column(String(32))
    timeframe: Mapped[str] = mapped_column(String(4))
    audience: Mapped[str] = mapped_column(String(20))
    room_id: Mapped[UUID | None] = mapped_column(Uuid)
    people: Mapped[list[Any]] = mapped_column(JSON)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    opened: Mapped[int] = mapped_column(Integer)
    last_opened_at: Mapped[datetime | None] = mapped_column(Instant)

    def state(self, now: datetime) -> Literal["open", "revoked", "expired"]:
        """Return whether it can be opened now."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "open"

    def to_share(self, now: datetime) -> Share:
        """Return the share as the contracts have it."""
        return Share(
            id=self.id,
            title=self.title,
            symbol=self.symbol,
            timeframe=Timeframe(self.timeframe),
            audience=cast(Audience, self.audience),
            people=tuple(UUID(one) for one in self.people),
            room_id=self.room_id,
            owner_id=self.owner_id,
            state=self.state(now),
            created_at=self.created_at,
            expires_at=self.expires_at,
            opened=self.opened,
            last_opened_at=self.last_opened_at,
        )


class ShareAuthorRow(Base):
    """Whose drawings, or words on them, a shared chart has in it."""

    __tablename__ = "share_author"
    __table_args__ = (Index("share_author_person", "person_id"),)

    share_id: Mapped[UUID] = mapped_column(ForeignKey("share.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
