"""What people chose, read for several at once; and the row of one, made when it is first needed."""

import secrets
from collections.abc import Iterable, Mapping
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.contracts import NoticeLevel
from outcry.services.chat.notifying.contracts import NoticeChoice, QuietHours
from outcry.services.chat.notifying.models import ChoiceRow

USUAL = NoticeChoice()
_PEOPLE_A_STATEMENT = 500


def to_choice(row: ChoiceRow) -> NoticeChoice:
    """Return what a row says."""
    quiet = None
    if row.quiet_start is not None and row.quiet_end is not None:
        quiet = QuietHours(start=row.quiet_start, end=row.quiet_end)
    return NoticeChoice(zone=row.zone, quiet=quiet, mail=cast(NoticeLevel, row.mail), mail_after=row.mail_after)


async def choices_of(session: AsyncSession, tenant_id: UUID, person_ids: Iterable[UUID]) -> Mapping[UUID, NoticeChoice]:
    """Return what these people chose; who chose nothing is left out."""
    wanted, found = list(person_ids), dict[UUID, NoticeChoice]()
    for start in range(0, len(wanted), _PEOPLE_A_STATEMENT):
        some = ChoiceRow.user_id.in_(wanted[start : start + _PEOPLE_A_STATEMENT])
        rows = await session.scalars(select(ChoiceRow).where(ChoiceRow.tenant_id == tenant_id, some))
        found |= {row.user_id: to_choice(row) for row in rows}
    return found


async def hold_choice(session: AsyncSession, engine: str, tenant_id: UUID, person_id: UUID) -> ChoiceRow:
    """Return a person's own row, locked until the transaction ends; made now if there was none."""
    dialect = postgresql if engine == "postgresql" else sqlite
    usual = {
        "tenant_id": tenant_id,
        "user_id": person_id,
        "zone": USUAL.zone,
        "mail": USUAL.mail,
        "mail_after": USUAL.mail_after,
        "token": secrets.token_urlsafe(32),
    }
    await session.execute(dialect.insert(cast(Table, ChoiceRow.__table__)).values(usual).on_conflict_do_nothing())
    query = select(ChoiceRow).where(ChoiceRow.tenant_id == tenant_id, ChoiceRow.user_id == person_id)
    return (await session.scalars(query.with_for_update())).one()
