"""The table of reported figures."""

from datetime import date
from uuid import UUID

from sqlalchemy import Date, Double, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.services.charts.models import Base


class FactRow(Base):
    """One figure of one filing. ``filing`` tells the filings of a company apart: see ``Filing.key``."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("fact_by_concept", "tenant_id", "symbol", "concept", "period_end"),
        Index("fact_by_filing", "tenant_id", "symbol", "filing"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    symbol: Mapped[str] = mapped_column(String(32))
    concept: Mapped[str] = mapped_column(String(241))
    unit: Mapped[str] = mapped_column(String(40))
    period_start: Mapped[date | None] = mapped_column(Date)
    period_end: Mapped[date] = mapped_column(Date)
    value: Mapped[float] = mapped_column(Double)
    filing: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(40))
    filed: Mapped[date] = mapped_column(Date)
    accession: Mapped[str] = mapped_column(String(40))
    fiscal_year: Mapped[int | None] = mapped_column(Integer)
    fiscal_period: Mapped[str] = mapped_column(String(4))
