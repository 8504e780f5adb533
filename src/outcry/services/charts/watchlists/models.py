"""The table of watchlists."""

from typing import Any

from sqlalchemy import JSON, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from outcry.kit.principal import Principal
from outcry.services.charts.models import Base
from outcry.services.charts.ownership import Kept, may_change
from outcry.services.charts.watchlists.contracts import Watchlist


class WatchlistRow(Kept, Base):
    """A watchlist. ``place`` orders those of its owner."""

    __tablename__ = "watchlist"
    __table_args__ = (Index("watchlist_tenant", "tenant_id"), Index("watchlist_owner", "owner_id"))

    place: Mapped[int] = mapped_column(Integer)
    symbols: Mapped[list[Any]] = mapped_column(JSON)

    def to_watchlist(self, principal: Principal) -> Watchlist:
        """Return the list as somebody sees it."""
        return Watchlist(
            id=self.id,
            name=self.name,
            symbols=tuple(self.symbols),
            shared=self.shared,
            mine=self.owner_id == principal.user_id,
            can_change=may_change(principal, self, what="watchlist"),
            version=self.version,
            changed_at=self.changed_at,
        )
