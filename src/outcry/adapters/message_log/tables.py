"""The tables of the MessageLog on a service's own database. The service's migrations make them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.ports.database import Instant


class Base(DeclarativeBase):
    """The tables of the MessageLog."""


class LineageRow(Base):
    """The one row that names the epoch, and the store that it was begun in."""

    __tablename__ = "log_lineage"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(String(32))
    store: Mapped[str] = mapped_column(String(200))


class HeadRow(Base):
    """Where a log stands: its newest offset, and the offset up to which its old end was cut."""

    __tablename__ = "log_head"

    log_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    newest: Mapped[int] = mapped_column(BigInteger)
    floor: Mapped[int] = mapped_column(BigInteger)


class EntryRow(Base):
    """An entry; no words, no names."""

    __tablename__ = "log_entry"
    __table_args__ = (Index("log_entry_at", "at"),)

    log_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(Instant)
