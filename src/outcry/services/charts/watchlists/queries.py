"""What reads watchlists, and what their instruments cost now."""

import asyncio
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.market import Timeframe
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.contracts import Quote
from outcry.services.charts.errors import TimeframeNotRecordedError
from outcry.services.charts.instruments import Found
from outcry.services.charts.ownership import visible_to
from outcry.services.charts.queries import ChartsQueries
from outcry.services.charts.series import newest_series, source_for
from outcry.services.charts.watchlists.contracts import SPARK_CLOSES, WatchedInstrument, Watchlist, WatchlistView
from outcry.services.charts.watchlists.errors import WatchlistNotFoundError
from outcry.services.charts.watchlists.models import WatchlistRow

MOST_LISTED = 500


class WatchlistQueries:
    """Watchlists that a person sees: their own, and those that are shared."""

    def __init__(self, *, database: Database, charts: ChartsQueries) -> None:
        self._database = database
        self._charts = charts

    async def list_watchlists(self, principal: Principal) -> tuple[Watchlist, ...]:
        """Return the person's own in their order, then the shared ones by name."""
        table = WatchlistRow
        mine = table.owner_id == principal.user_id
        query = select(table).where(visible_to(principal, table)).limit(MOST_LISTED)
        async with self._database.reading() as session:
            rows = await session.scalars(query.order_by(mine.desc(), table.place, table.name, table.id))
            lists = tuple(row.to_watchlist(principal) for row in rows)
        own = tuple(one for one in lists if one.mine)
        return own + tuple(sorted((one for one in lists if not one.mine), key=lambda one: one.name.casefold()))

    async def get_view(self, principal: Principal, watchlist_id: UUID) -> WatchlistView:
        """Return a list with the quote and the last closes of each symbol; raises WatchlistNotFoundError."""
        async with self._database.reading() as session:
            watchlist = (await watchlist_of(session, principal, watchlist_id)).to_watchlist(principal)
        tenant_id, symbols = principal.tenant_id, watchlist.symbols
        found, quotes = await asyncio.gather(
            self._charts.instrument_reader.list_by_symbol(tenant_id, symbols),
            self._charts.quotes(tenant_id=tenant_id, symbols=symbols),
        )
        priced = {quote.symbol: quote for quote in quotes}
        rows = await asyncio.gather(*(self._row(one, priced.get(one.instrument.symbol)) for one in found))
        known = {row.symbol: row for row in rows}
        return WatchlistView(watchlist=watchlist, rows=tuple(known.get(one) or _unknown(one) for one in symbols))

    async def _row(self, found: Found, quote: Quote | None) -> WatchedInstrument:
        timeframe, closes = _spark_timeframe(found), ()
        if timeframe is not None:
            bars = await self._charts.read_bars(found, timeframe, limit=SPARK_CLOSES)
            closes = tuple(bars.close.tolist())
        one = found.instrument
        return WatchedInstrument(
            symbol=one.symbol, name=one.name, quote=quote, timeframe=timeframe if closes else None, closes=closes
        )


def _spark_timeframe(found: Found) -> Timeframe | None:
    """Return days where they are recorded or can be built, else what the newest price is recorded in."""
    series = found.instrument.series
    try:
        source_for(Timeframe.D1, [one.timeframe for one in series])
    except TimeframeNotRecordedError:
        newest = newest_series(series, found.instrument.zone)
        return newest.timeframe if newest else None
    return Timeframe.D1


def _unknown(symbol: str) -> WatchedInstrument:
    return WatchedInstrument(symbol=symbol, name="", quote=None, timeframe=None, closes=())


async def watchlist_of(
    session: AsyncSession, principal: Principal, watchlist_id: UUID, *, lock: bool = False
) -> WatchlistRow:
    """Return a watchlist that a person sees; raises WatchlistNotFoundError."""
    query = select(WatchlistRow).where(WatchlistRow.id == watchlist_id, visible_to(principal, WatchlistRow))
    row: WatchlistRow | None = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise WatchlistNotFoundError()
    return row
