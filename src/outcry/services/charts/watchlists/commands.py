"""What changes watchlists."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.charts.instruments import InstrumentReader
from outcry.services.charts.naming import require_symbol
from outcry.services.charts.ownership import clean_name, require_change, require_share
from outcry.services.charts.watchlists.contracts import MOST_SYMBOLS, Watchlist
from outcry.services.charts.watchlists.errors import TooManyWatchlistsError, WatchlistChangedError
from outcry.services.charts.watchlists.models import WatchlistRow
from outcry.services.charts.watchlists.queries import watchlist_of

MOST_WATCHLISTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What of a watchlist a person chooses."""

    name: str
    shared: bool
    symbols: tuple[str, ...]


class WatchlistCommands:
    """Makes, changes, orders and removes watchlists."""

    def __init__(self, *, database: Database, instruments: InstrumentReader, clock: Clock) -> None:
        self._database = database
        self._instruments = instruments
        self._clock = clock

    async def create(self, principal: Principal, wanted: Selection) -> Watchlist:
        """Make a list, behind the person's others; raises TooManyWatchlistsError and InvalidInputError."""
        require_share(principal, shared=wanted.shared, what="watchlist")
        name, symbols = clean_name(wanted.name), await self._check(principal, wanted.symbols, known=())
        now = self._clock.now()
        async with self._database.transaction() as transaction:
            own = await _own_lists(transaction.session, principal)
            if len(own) >= MOST_WATCHLISTS:
                raise TooManyWatchlistsError(f"A person can have {MOST_WATCHLISTS} watchlists at most.")
            row = WatchlistRow(
                id=new_id(),
                tenant_id=principal.tenant_id,
                owner_id=principal.user_id,
                name=name,
                symbols=symbols,
                shared=wanted.shared,
                place=own[-1].place + 1 if own else 0,
                version=1,
                created_at=now,
                changed_at=now,
            )
            transaction.session.add(row)
        return row.to_watchlist(principal)

    async def change(self, principal: Principal, watchlist_id: UUID, *, version: int, wanted: Selection) -> Watchlist:
        """Make a list another one; raises WatchlistChangedError where it is no longer at this version."""
        require_share(principal, shared=wanted.shared, what="watchlist")
        name = clean_name(wanted.name)
        async with self._database.reading() as session:
            known = (await watchlist_of(session, principal, watchlist_id)).symbols
        symbols = await self._check(principal, wanted.symbols, known=known)
        async with self._database.transaction() as transaction:
            row = await self._hold(transaction.session, principal, watchlist_id, version)
            row.name, row.shared, row.symbols = name, wanted.shared, symbols
            row.version += 1
            row.changed_at = self._clock.now()
        return row.to_watchlist(principal)

    async def delete(self, principal: Principal, watchlist_id: UUID, *, version: int | None) -> None:
        """Remove a list."""
        async with self._database.transaction() as transaction:
            await transaction.session.delete(await self._hold(transaction.session, principal, watchlist_id, version))

    async def order(self, principal: Principal, ids: Sequence[UUID]) -> None:
        """Bring the person's own lists into this order; those that are not named come last, as they were."""
        wanted = {one: place for place, one in enumerate(dict.fromkeys(ids))}
        async with self._database.transaction() as transaction:
            own = await _own_lists(transaction.session, principal)
            if unknown := wanted.keys() - {row.id for row in own}:
                field = f"ids.{min(wanted[one] for one in unknown)}"
                raise _wrong(field, "is not a list of yours")
            for place, row in enumerate(sorted(own, key=lambda row: wanted.get(row.id, len(wanted) + row.place))):
                row.place = place

    async def _check(self, principal: Principal, symbols: Sequence[str], *, known: Collection[str]) -> list[str]:
        """Return the symbols in their one spelling, each once; raises InvalidInputError for one that there is not.

        What is on the list already stays although its instrument is gone: nobody loses their list by that.
        """
        spelled = [require_symbol(symbol) for symbol in symbols]
        if len(spelled) > MOST_SYMBOLS:
            raise _wrong("symbols", f"are more than {MOST_SYMBOLS}")
        found = await self._instruments.list_by_symbol(principal.tenant_id, set(spelled) - set(known))
        there = {one.instrument.symbol for one in found} | set(known)
        for number, symbol in enumerate(spelled):
            if symbol not in there:
                raise _wrong(f"symbols.{number}", f"there is no instrument {symbol}")
        return list(dict.fromkeys(spelled))

    async def _hold(
        self, session: AsyncSession, principal: Principal, watchlist_id: UUID, version: int | None
    ) -> WatchlistRow:
        row = await watchlist_of(session, principal, watchlist_id, lock=True)
        require_change(principal, row, what="watchlist")
        if version not in (None, row.version):
            raise WatchlistChangedError(row.to_watchlist(principal), row.version)
        return row


async def _own_lists(session: AsyncSession, principal: Principal) -> list[WatchlistRow]:
    table = WatchlistRow
    query = select(table).where(table.tenant_id == principal.tenant_id, table.owner_id == principal.user_id)
    return list(await session.scalars(query.order_by(table.place, table.id).with_for_update()))


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {message}.", errors=({"field": field, "message": message},))
