"""What people chose, read for many at once, and how they look to others with it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.services.chat.presence.contracts import Activity, Chosen, Presence, Shown, Standing
from outcry.services.chat.presence.lease import Person
from outcry.services.chat.presence.models import StandingRow

_PEOPLE_A_STATEMENT = 500


NOTHING = Standing()


def to_standing(row: StandingRow, now: datetime) -> Standing:
    """Return what a row says at a moment: state and status end, the choice about receipts does not."""
    if row.until is not None and row.until <= now:
        return Standing(receipts=row.receipts)
    return Standing(
        state=cast(Chosen, row.state), until=row.until, text=row.text, emoji=row.emoji, receipts=row.receipts
    )


async def standings_of(session: AsyncSession, people: Iterable[Person], now: datetime) -> Mapping[Person, Standing]:
    """Return what these people chose; who chose nothing is left out."""
    wanted = set(people)
    ids = sorted({person_id for _, person_id in wanted})
    found: dict[Person, Standing] = {}
    for start in range(0, len(ids), _PEOPLE_A_STATEMENT):
        query = select(StandingRow).where(StandingRow.user_id.in_(ids[start : start + _PEOPLE_A_STATEMENT]))
        for row in await session.scalars(query):
            if (row.tenant_id, row.user_id) in wanted:
                found[row.tenant_id, row.user_id] = to_standing(row, now)
    return found


def look(person_id: UUID, activity: Activity | None, standing: Standing) -> Presence:
    """Return how somebody looks to others. Who is invisible looks like somebody who is not connected."""
    state: Shown = "away"
    if activity is not None and standing.state not in ("invisible", "away"):
        state = "do_not_disturb" if standing.state == "do_not_disturb" else activity
    # That a state ends some time would tell that it was chosen: only a status shows its end.
    until = standing.until if standing.text or standing.emoji else None
    return Presence(person_id=person_id, state=state, text=standing.text, emoji=standing.emoji, until=until)


def is_plain(presence: Presence) -> bool:
    """Say whether somebody is away and has no status: what is shown of everybody of whom nothing is told."""
    return presence.state == "away" and not presence.text and not presence.emoji
