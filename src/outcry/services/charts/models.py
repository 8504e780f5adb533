"""The tables of the charts service. Bars themselves live in the TimeSeries engine."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.ports.database import Instant


class Base(DeclarativeBase):
    """The base of this service's tables."""


class InstrumentRow(Base):
    """An instrument of one organisation, or of all (SHARED_TENANT).

    ``words`` is what a search looks through: ``|symbol|name|alias|...|``, folded by ``naming.fold``.
    """

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("tenant_id", "symbol"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    symbol: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(32))
    exchange: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(64))
    aliases: Mapped[list[Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ReplayRow(Base):
    """How an organisation's replay is set; without a row the settings' defaults hold."""

    __tablename__ = "replay"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    running: Mapped[bool] = mapped_column(Boolean)
    speed: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class SampleRow(Base):
    """Which version of a sample was loaded, so that a start need not load it again."""

    __tablename__ = "sample"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime] = mapped_column(Instant)
