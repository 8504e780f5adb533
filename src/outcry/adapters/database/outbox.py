"""The two tables that every service's database has besides its own: outbox and inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.kit.events import Envelope
from outcry.ports.database import Instant


class Base(DeclarativeBase):
    """The tables of the Database adapter itself."""


class OutboxRow(Base):
    """An event that waits to be published. ``position`` orders; a ``dead`` one is kept for a person to look at."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_waiting", "dead", "position"), {"sqlite_autoincrement": True})

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(120))
    time: Mapped[datetime] = mapped_column(Instant)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    causation_id: Mapped[UUID | None] = mapped_column(Uuid)
    trace: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    address: Mapped[str] = mapped_column(String(64), default="")
    tries: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    dead: Mapped[bool] = mapped_column(Boolean, default=False)


class InboxRow(Base):
    """An event that a consumer has handled."""

    __tablename__ = "inbox"

    consumer: Mapped[str] = mapped_column(String(120), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(Instant)


def to_values(envelope: Envelope) -> dict[str, Any]:
    """Return the columns of the row that keeps an envelope."""
    return {
        "id": envelope.id,
        "name": envelope.name,
        "time": envelope.time,
        "tenant_id": envelope.tenant_id,
        "actor_id": envelope.actor_id,
        "causation_id": envelope.causation_id,
        "trace": envelope.trace,
        "key": envelope.key,
        "data": envelope.data,
        "address": envelope.address,
    }


def to_envelope(row: OutboxRow) -> Envelope:
    """Return the envelope that a row keeps."""
    return Envelope(
        id=row.id,
        name=row.name,
        time=row.time,
        tenant_id=row.tenant_id,
        actor_id=row.actor_id,
        causation_id=row.causation_id,
        trace=row.trace,
        key=row.key,
        data=row.data,
        address=row.address,
    )
