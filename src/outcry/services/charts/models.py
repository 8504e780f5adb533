"""The tables of the charts service. Bars themselves live in the TimeSeries engine."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Date, Float, Integer, String, Text, UniqueConstraint, Uuid
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
    tick_size: Mapped[float | None] = mapped_column(Float, default=None)
    lot_size: Mapped[float | None] = mapped_column(Float, default=None)
    calendar: Mapped[str] = mapped_column(String(32), default="")
    identifiers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    active_from: Mapped[date | None] = mapped_column(Date, default=None)
    active_until: Mapped[date | None] = mapped_column(Date, default=None)


class CorporateActionRow(Base):
    """A split (``ratio`` new shares for one old) or a cash dividend (``amount`` a share) on its ex-date."""

    __tablename__ = "corporate_action"
    __table_args__ = (UniqueConstraint("tenant_id", "symbol", "date", "kind"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    symbol: Mapped[str] = mapped_column(String(32))
    date: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(16))
    ratio: Mapped[float | None] = mapped_column(Float)
    amount: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)


class ImportRow(Base):
    """One import of a person: what was asked, how far it is, and in the end the report of each file, less its rows."""

    __tablename__ = "import_run"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(16))
    dry_run: Mapped[bool] = mapped_column(Boolean)
    report: Mapped[list[Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class RefusedRow(Base):
    """A row of an imported file that could not be used. ``number`` counts those of one file from 0."""

    __tablename__ = "refused_row"

    import_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    file: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    line: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(300))


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
