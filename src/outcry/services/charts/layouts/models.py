"""The tables of layouts."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.kit.principal import Principal
from outcry.services.charts.layouts.contracts import ChartLayout, Layout, LayoutKind, LayoutSummary
from outcry.services.charts.layouts.rules import LAYOUT
from outcry.services.charts.models import Base
from outcry.services.charts.ownership import Kept, may_change


class LayoutRow(Kept, Base):
    """A layout or a template."""

    __tablename__ = "layout"
    __table_args__ = (Index("layout_tenant", "tenant_id"), Index("layout_owner", "owner_id"))

    kind: Mapped[str] = mapped_column(String(10))
    chart: Mapped[dict[str, Any]] = mapped_column(JSON)

    def take(self, chart: ChartLayout) -> None:
        """Be of another arrangement."""
        self.chart = LAYOUT.dump_python(chart, mode="json")

    def to_summary(self, principal: Principal) -> LayoutSummary:
        """Return it as it stands in the list of somebody who sees it."""
        chart = LAYOUT.validate_python(self.chart)
        return LayoutSummary(
            id=self.id,
            kind=cast(LayoutKind, self.kind),
            name=self.name,
            shared=self.shared,
            mine=self.owner_id == principal.user_id,
            can_change=may_change(principal, self, what="layout"),
            version=self.version,
            symbol=chart.symbol,
            timeframe=chart.timeframe,
            changed_at=self.changed_at,
        )

    def to_layout(self, principal: Principal) -> Layout:
        """Return it whole, as somebody sees it."""
        return Layout(
            id=self.id,
            kind=cast(LayoutKind, self.kind),
            name=self.name,
            shared=self.shared,
            mine=self.owner_id == principal.user_id,
            can_change=may_change(principal, self, what="layout"),
            version=self.version,
            changed_at=self.changed_at,
            chart=LAYOUT.validate_python(self.chart),
        )


class DefaultLayoutRow(Base):
    """The layout that a person's charts open with, in one organisation."""

    __tablename__ = "default_layout"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    layout_id: Mapped[UUID] = mapped_column(ForeignKey("layout.id", ondelete="CASCADE"))
