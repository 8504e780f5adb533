"""Finding instruments: the organisation's own, which shadow the shared ones of the same symbol."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from outcry.ports.database import Database
from outcry.ports.time_series import TimeSeries
from outcry.services.charts.contracts import SHARED_TENANT, Instrument, StoredSeries
from outcry.services.charts.errors import InstrumentNotFoundError
from outcry.services.charts.models import InstrumentRow
from outcry.services.charts.naming import fold, like, to_symbol

WORST_RANK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An instrument, the tenant whose bars it has, and how well it fits a search (0 is best)."""

    tenant_id: UUID
    instrument: Instrument
    rank: int = 0


class InstrumentReader:
    """Reads instruments as one organisation sees them."""

    def __init__(self, database: Database, time_series: TimeSeries) -> None:
        self._database = database
        self._time_series = time_series

    async def search(
        self, tenant_id: UUID, query: str, *, after: tuple[int, str] | None, limit: int
    ) -> tuple[Found, ...]:
        """Return the best fits after a (rank, symbol), best first; an empty query lists by symbol."""
        folded = fold(query)[:100]
        rank = _rank(folded)
        statement = select(InstrumentRow, rank).where(_visible(tenant_id), _fits(folded))
        if after is not None:
            place, symbol = after
            statement = statement.where(or_(rank > place, and_(rank == place, InstrumentRow.symbol > symbol)))
        statement = statement.order_by(rank, InstrumentRow.symbol).limit(limit)
        async with self._database.reading() as session:
            rows = (await session.execute(statement)).all()
        return await self._with_series([(row, int(place)) for row, place in rows])

    async def list_by_symbol(self, tenant_id: UUID, symbols: Iterable[str]) -> tuple[Found, ...]:
        """Return those of these symbols that exist."""
        wanted = {symbol for text in symbols if (symbol := to_symbol(text))}
        if not wanted:
            return ()
        statement: Select[InstrumentRow] = select(InstrumentRow).where(
            _visible(tenant_id), InstrumentRow.symbol.in_(sorted(wanted))
        )
        async with self._database.reading() as session:
            rows = await _scalars(session, statement)
        return await self._with_series([(row, 0) for row in rows])

    async def get(self, tenant_id: UUID, symbol: str) -> Found:
        """Return an instrument; raises InstrumentNotFoundError."""
        found = await self.list_by_symbol(tenant_id, [symbol])
        if not found:
            known = to_symbol(symbol)
            raise InstrumentNotFoundError(
                f"There is no instrument {known} here." if known else "That is not the symbol of an instrument."
            )
        return found[0]

    async def _with_series(self, rows: Sequence[tuple[InstrumentRow, int]]) -> tuple[Found, ...]:
        series: dict[tuple[UUID, str], list[StoredSeries]] = {}
        for owner in {row.tenant_id for row, _ in rows}:
            symbols = [row.symbol for row, _ in rows if row.tenant_id == owner]
            for one in await self._time_series.coverage(owner, symbols):
                stored = StoredSeries(timeframe=one.timeframe, first=one.first, last=one.last, count=one.count)
                series.setdefault((owner, one.symbol), []).append(stored)
        return tuple(
            Found(
                tenant_id=row.tenant_id,
                instrument=to_instrument(row, series.get((row.tenant_id, row.symbol), [])),
                rank=place,
            )
            for row, place in rows
        )


async def _scalars(session: AsyncSession, statement: Select[InstrumentRow]) -> Sequence[InstrumentRow]:
    return (await session.scalars(statement)).all()


def _visible(tenant_id: UUID) -> ColumnElement[bool]:
    """The organisation's own rows, and the shared ones that no row of its own shadows."""
    own = aliased(InstrumentRow)
    shadowed = exists().where(own.tenant_id == tenant_id, own.symbol == InstrumentRow.symbol)
    return or_(
        InstrumentRow.tenant_id == tenant_id,
        and_(InstrumentRow.tenant_id == SHARED_TENANT, ~shadowed),
    )


def _has(pattern: str) -> ColumnElement[bool]:
    return InstrumentRow.words.like(pattern, escape="\\")


def _fits(folded: str) -> ColumnElement[bool]:
    """Every word of the query must stand somewhere in the symbol, the name or an alias."""
    return and_(literal(True), *(_has(f"%{like(word)}%") for word in folded.split()))


def _rank(folded: str) -> ColumnElement[int]:
    """Exact symbol, exact name or alias, start of the symbol, start of a name, start of a word, anywhere."""
    if not folded:
        return literal(0)
    text = like(folded)
    return case(
        (_has(f"|{text}|%"), 0),
        (_has(f"%|{text}|%"), 1),
        (_has(f"|{text}%"), 2),
        (_has(f"%|{text}%"), 3),
        (_has(f"% {text}%"), 4),
        else_=WORST_RANK,
    )


def to_instrument(row: InstrumentRow, series: Sequence[StoredSeries]) -> Instrument:
    """Return an instrument of its row and of what is recorded of it."""
    return Instrument(
        symbol=row.symbol,
        name=row.name,
        kind=row.kind,
        exchange=row.exchange,
        currency=row.currency,
        zone=row.zone,
        aliases=tuple(row.aliases),
        series=tuple(series),
        calendar=row.calendar,
        tick_size=row.tick_size,
        lot_size=row.lot_size,
        identifiers=dict(row.identifiers),
        active_from=row.active_from,
        active_until=row.active_until,
        shared=row.tenant_id == SHARED_TENANT,
    )
