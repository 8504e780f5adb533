"""Watchlists as the browser sees them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from outcry.kit.market import Timeframe
from outcry.services.charts.contracts import Quote

MOST_SYMBOLS = 100
SPARK_CLOSES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """Symbols in an order. ``mine`` says whose list it is; ``can_change`` whether the person may change it."""

    id: UUID
    name: str
    symbols: tuple[str, ...]
    shared: bool
    mine: bool
    can_change: bool
    version: int
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedInstrument:
    """A line of a watchlist: the newest price, and the last closes of ``timeframe``, oldest first.

    ``name`` is empty for a symbol that the organisation has no more; ``quote`` is None where nothing is recorded.
    """

    symbol: str
    name: str
    quote: Quote | None
    timeframe: Timeframe | None
    closes: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistView:
    """A watchlist with the quote and the last 30 closes of each symbol."""

    watchlist: Watchlist
    rows: tuple[WatchedInstrument, ...]
