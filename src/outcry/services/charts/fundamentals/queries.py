"""Reads what companies reported, as it was known on a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from outcry.ports.database import Database
from outcry.services.charts.contracts import SHARED_TENANT, Fact
from outcry.services.charts.fundamentals.contracts import Concept
from outcry.services.charts.fundamentals.models import FactRow
from outcry.services.charts.fundamentals.reported import to_words
from outcry.services.charts.instruments import InstrumentReader

MOST_FACTS = 1_000
MOST_CONCEPTS = 20


class FundamentalsQueries:
    """Figures of an instrument: the organisation's own imports, or where it has none, those for everybody.

    A period is often told again by later filings, sometimes otherwise. Of each period the newest filing counts that was
    filed on ``as_of`` or before: that is what was known at the end of that day.
    """

    def __init__(self, database: Database, instruments: InstrumentReader) -> None:
        self._database = database
        self._instruments = instruments

    async def facts(
        self, tenant_id: UUID, symbol: str, *, concepts: Sequence[str], as_of: date | None, limit: int
    ) -> tuple[Fact, ...]:
        """Return the newest periods first; without concepts, of all. Raises InstrumentNotFoundError."""
        owner, name = await self._owner(tenant_id, symbol)
        known = _known(owner, name, concepts, as_of).subquery()
        statement = (
            select(known)
            .where(known.c.place == 1)
            .order_by(
                known.c.period_end.desc(), known.c.period_start.desc().nulls_last(), known.c.concept, known.c.unit
            )
            .limit(limit)
        )
        async with self._database.reading() as session:
            return tuple(_to_fact(name, row) for row in await session.execute(statement))

    async def list_concepts(self, tenant_id: UUID, symbol: str, *, as_of: date | None) -> tuple[Concept, ...]:
        """Return what is reported, by name. Raises InstrumentNotFoundError."""
        owner, name = await self._owner(tenant_id, symbol)
        known = _known(owner, name, (), as_of).subquery()
        statement = (
            select(known.c.concept, known.c.unit, func.count(), func.max(known.c.period_end))
            .where(known.c.place == 1)
            .group_by(known.c.concept, known.c.unit)
            .order_by(known.c.concept, known.c.unit)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(statement)).all()
        return tuple(
            Concept(concept=concept, title=to_words(concept), unit=unit, periods=periods, newest=newest)
            for concept, unit, periods, newest in rows
        )

    async def _owner(self, tenant_id: UUID, symbol: str) -> tuple[UUID, str]:
        found = await self._instruments.get(tenant_id, symbol)
        name = found.instrument.symbol
        own = select(FactRow.id).where(FactRow.tenant_id == tenant_id, FactRow.symbol == name).limit(1)
        async with self._database.reading() as session:
            has_own = await session.scalar(own) is not None
        # The figures of everybody are of the instrument of everybody, not of one that shadows it.
        return (tenant_id if has_own or found.tenant_id == tenant_id else SHARED_TENANT), name


def _known(owner: UUID, symbol: str, concepts: Sequence[str], as_of: date | None) -> Select[Any]:
    """Every figure that was filed by then, with its place among those of the same period, the newest first."""
    conditions: list[ColumnElement[bool]] = [FactRow.tenant_id == owner, FactRow.symbol == symbol]
    if as_of is not None:
        conditions.append(FactRow.filed <= as_of)
    if concepts:
        conditions.append(or_(*(_is_concept(concept) for concept in concepts)))
    same = (FactRow.concept, FactRow.unit, FactRow.period_start, FactRow.period_end)
    newest_first = (FactRow.filed.desc(), FactRow.accession.desc(), FactRow.value.desc())
    place = func.row_number().over(partition_by=same, order_by=newest_first).label("place")
    return select(*FactRow.__table__.columns, place).where(*conditions)


def _is_concept(concept: str) -> ColumnElement[bool]:
    """With its taxonomy a concept is exactly that one; without, it is of any taxonomy."""
    if ":" in concept:
        return func.lower(FactRow.concept) == concept.lower()
    taxonomies = ("us-gaap", "ifrs-full", "dei", "srt")
    return func.lower(FactRow.concept).in_([f"{taxonomy}:{concept.lower()}" for taxonomy in taxonomies])


def _to_fact(symbol: str, row: Any) -> Fact:
    return Fact(
        symbol=symbol,
        concept=row.concept,
        title=to_words(row.concept),
        unit=row.unit,
        start=row.period_start,
        end=row.period_end,
        value=row.value,
        form=row.form,
        filed=row.filed,
        accession=row.accession,
        fiscal_year=row.fiscal_year,
        fiscal_period=row.fiscal_period,
    )
