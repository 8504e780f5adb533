"""The table of the edge's own database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.ports.database import Instant


class Base(DeclarativeBase):
    """The base of the edge's tables."""


class KeyedRequestRow(Base):
    """A request that came with an Idempotency-Key; see ``requests.py`` for its states.

    ``run_id`` is the process that took it. ``sealed`` is the answer, under the person's key.
    """

    __tablename__ = "keyed_request"
    __table_args__ = (
        Index("keyed_request_person", "person_id", "begun_at"),
        Index("keyed_request_tenant", "tenant_id"),
        Index("keyed_request_begun", "begun_at"),
    )

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    run_id: Mapped[UUID] = mapped_column(Uuid)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    begun_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10))
    status: Mapped[int | None] = mapped_column(Integer)
    sealed: Mapped[str | None] = mapped_column(Text)
