"""Writes what companies reported."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, select

from outcry.kit.ids import new_id
from outcry.ports.database import Database, Transaction
from outcry.ports.filings import Filings
from outcry.services.charts.events import FundamentalsImported
from outcry.services.charts.fundamentals.company_facts import read_company_facts
from outcry.services.charts.fundamentals.contracts import FactsImport
from outcry.services.charts.fundamentals.instance import read_instance
from outcry.services.charts.fundamentals.models import FactRow
from outcry.services.charts.fundamentals.reported import ReportedFact, ReportedFile, UnusableReportError
from outcry.services.charts.instruments import InstrumentReader

MOST_BYTES = 64 * 2**20
_FACTS = cast(Table, FactRow.__table__)
# Everything of a row but what it is filed under and its id.
_SAID = (
    "concept",
    "unit",
    "period_start",
    "period_end",
    "value",
    "form",
    "filed",
    "accession",
    "fiscal_year",
    "fiscal_period",
)


class FundamentalsCommands:
    """Takes reports: a filing's figures take the place of those that the same filing had before."""

    def __init__(self, *, database: Database, instruments: InstrumentReader, filings: Filings) -> None:
        self._database = database
        self._instruments = instruments
        self._filings = filings

    async def import_report(
        self, tenant_id: UUID, data: bytes, *, symbol: str = "", filed: date | None = None, actor_id: UUID | None = None
    ) -> FactsImport:
        """Take the SEC's company facts (JSON) or an XBRL instance (XML).

        ``symbol`` is of whom they are, where an instance does not say it; ``filed`` is when an instance was filed.
        Raises UnusableReportError and InstrumentNotFoundError; then nothing was written.
        """
        if len(data) > MOST_BYTES:
            raise UnusableReportError(f"The file has more than {MOST_BYTES // 2**20} MB.")
        read = await asyncio.to_thread(_reader(data, filed))
        whose = symbol or read.symbol
        if not whose:
            raise UnusableReportError(
                "The file does not say whose figures it has.",
                errors=({"field": "symbol", "message": "of which instrument are they?"},),
            )
        found = await self._instruments.get(tenant_id, whose)
        return await self._record(tenant_id, found.instrument.symbol, read, actor_id)

    async def refresh(self, tenant_id: UUID, symbol: str, *, actor_id: UUID | None) -> FactsImport:
        """Ask where companies file, by the instrument's CIK, and take what it has.

        Raises InstrumentNotFoundError, UnusableReportError where the CIK is not known, and what the port raises.
        """
        found = await self._instruments.get(tenant_id, symbol)
        cik = found.instrument.identifiers.get("cik", "")
        if not cik:
            raise UnusableReportError(
                f"The CIK of {found.instrument.symbol} is not known.",
                errors=({"field": "identifiers.cik", "message": "set the instrument's CIK first"},),
            )
        data = await self._filings.company_facts(cik)
        return await self.import_report(tenant_id, data, symbol=found.instrument.symbol, actor_id=actor_id)

    async def _record(self, tenant_id: UUID, symbol: str, read: ReportedFile, actor_id: UUID | None) -> FactsImport:
        by_filing: dict[str, list[ReportedFact]] = {}
        for fact in read.facts:
            by_filing.setdefault(fact.filing.key, []).append(fact)
        changed = 0
        if by_filing:
            async with self._database.transaction() as transaction:
                changed = await _replace(transaction, tenant_id, symbol, by_filing)
                if changed:
                    filed = [fact.filing.filed for fact in read.facts]
                    event = FundamentalsImported(
                        symbol=symbol, facts=changed, filings=len(by_filing), first=min(filed), last=max(filed)
                    )
                    transaction.publish(event, tenant_id=tenant_id, key=symbol, actor_id=actor_id)
        return FactsImport(
            symbol=symbol,
            entity=read.entity,
            facts=len(read.facts),
            filings=len(by_filing),
            changed=changed,
            left_out=read.left_out,
            refused=read.problem_count,
            problems=tuple(read.problems),
        )


def _reader(data: bytes, filed: date | None) -> Callable[[], ReportedFile]:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return lambda: read_company_facts(data)
    if start.startswith(b"<"):
        return lambda: read_instance(data, filed=filed)
    raise UnusableReportError("It is neither the SEC's company facts (JSON) nor an XBRL instance (XML).")


async def _replace(
    transaction: Transaction, tenant_id: UUID, symbol: str, by_filing: dict[str, list[ReportedFact]]
) -> int:
    """Let each filing have these figures and no others; return how many are new or different."""
    of_symbol = (FactRow.tenant_id == tenant_id, FactRow.symbol == symbol)
    statement = select(FactRow.filing, *(getattr(FactRow, name) for name in _SAID)).where(*of_symbol)
    stored: dict[str, set[tuple[Any, ...]]] = {}
    for filing, *said in await transaction.session.execute(statement):
        stored.setdefault(filing, set()).add(tuple(said))
    changed, rows = 0, []
    for filing, facts in by_filing.items():
        wanted = {_said(fact) for fact in facts}
        known = stored.get(filing, set())
        if wanted == known:
            continue
        changed += len(wanted - known) or 1
        await transaction.session.execute(delete(FactRow).where(*of_symbol, FactRow.filing == filing))
        mine = {"tenant_id": tenant_id, "symbol": symbol, "filing": filing}
        rows += [{"id": new_id(), **mine, **dict(zip(_SAID, said, strict=True))} for said in wanted]
    if rows:
        await transaction.add_rows(_FACTS, rows)
    return changed


def _said(fact: ReportedFact) -> tuple[Any, ...]:
    filing = fact.filing
    return (
        fact.concept,
        fact.unit,
        fact.start,
        fact.end,
        fact.value,
        filing.form,
        filing.filed,
        filing.accession,
        filing.fiscal_year,
        filing.fiscal_period,
    )
