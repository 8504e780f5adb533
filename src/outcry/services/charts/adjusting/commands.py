"""Writes splits and dividends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from outcry.kit.ids import new_id
from outcry.ports.database import Transaction
from outcry.services.charts.adjusting.factors import Action
from outcry.services.charts.events import CorporateActionsImported
from outcry.services.charts.models import CorporateActionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAction:
    """A split or dividend of a symbol, and where it comes from, such as a file's name."""

    symbol: str
    action: Action
    source: str


async def record_actions(
    transaction: Transaction,
    tenant_id: UUID,
    actions: Sequence[RecordedAction],
    *,
    now: datetime,
    actor_id: UUID | None,
) -> int:
    """Write actions, each in place of one of the same symbol, date and kind; return how many were new or different."""
    by_symbol: dict[str, list[RecordedAction]] = {}
    for one in actions:
        by_symbol.setdefault(one.symbol, []).append(one)
    changed = 0
    for symbol, those in by_symbol.items():
        different = await _write(transaction, tenant_id, symbol, those, now)
        changed += different
        if different:
            dates = [one.action.date for one in those]
            event = CorporateActionsImported(
                symbol=symbol,
                splits=sum(one.action.kind == "split" for one in those),
                dividends=sum(one.action.kind == "dividend" for one in those),
                first=min(dates),
                last=max(dates),
            )
            transaction.publish(event, tenant_id=tenant_id, key=symbol, actor_id=actor_id)
    return changed


async def _write(
    transaction: Transaction, tenant_id: UUID, symbol: str, actions: Sequence[RecordedAction], now: datetime
) -> int:
    statement = select(CorporateActionRow).where(
        CorporateActionRow.tenant_id == tenant_id, CorporateActionRow.symbol == symbol
    )
    rows = (await transaction.session.scalars(statement.with_for_update())).all()
    known = {(row.date, row.kind): row for row in rows}
    changed = 0
    for one in actions:
        action = one.action
        row = known.get((action.date, action.kind))
        if row is None:
            row = CorporateActionRow(
                id=new_id(),
                tenant_id=tenant_id,
                symbol=symbol,
                date=action.date,
                kind=action.kind,
                ratio=action.ratio,
                amount=action.amount,
                source=one.source,
                created_at=now,
            )
            known[(action.date, action.kind)] = row
            transaction.session.add(row)
        elif (row.ratio, row.amount) != (action.ratio, action.amount):
            row.ratio, row.amount, row.source, row.created_at = action.ratio, action.amount, one.source, now
        else:
            continue
        changed += 1
    return changed
